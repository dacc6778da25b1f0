/** Who is here, whose guardian one is, and inviting somebody. */
import { html, nothing, type TemplateResult } from 'lit';
import { callAgain } from '../again.ts';
import { call, hubNow } from '../api.ts';
import type { Session } from '../shapes.ts';
import { moment } from '../words.ts';
import { LoadedView } from './loaded.ts';

interface Person {
  readonly id: string;
  readonly name: string;
  readonly role: 'owner' | 'member' | 'guest';
  readonly state: 'active' | 'waiting';
  readonly watches: boolean;
  readonly views: readonly { readonly from: string; readonly until: string | null; readonly hours: string | null }[];
  readonly guardian: {
    readonly name: string;
    readonly isYou: boolean;
    readonly state: 'asked' | 'given' | 'withdrawn' | 'handed-over';
  } | null;
}
interface Invitation {
  readonly id: string;
  readonly role: string;
  readonly child: boolean;
  readonly ends: string;
}

const roles: Readonly<Record<Person['role'], string>> = { owner: 'runs this hub', member: 'lives here', guest: 'guest' };

const spans: readonly { readonly words: string; readonly ms?: number }[] = [
  { words: 'Until I hide it' },
  { words: 'An hour', ms: 3_600_000 },
  { words: 'A day', ms: 86_400_000 },
  { words: 'A week', ms: 7 * 86_400_000 },
];

class PeopleView extends LoadedView {
  declare session: Session;
  private people: readonly Person[] = [];
  private invitations: readonly Invitation[] = [];
  private consentText = '';
  private made: { code: string; ends: string } | undefined;

  protected async load(): Promise<void> {
    [this.people, this.invitations, { text: this.consentText }] = await Promise.all([
      call<Person[]>('GET', 'people'),
      call<Invitation[]>('GET', 'invitations'),
      call<{ text: string }>('GET', 'consent-text'),
    ]);
  }

  private readonly invite = (event: SubmitEvent): void => {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    const whom = String(fields.get('whom'));
    const contact = String(fields.get('contact') ?? '').trim();
    const body = { role: whom === 'guest' ? 'guest' : 'member', child: whom === 'child', ...(contact === '' ? {} : { contact }) };
    void this.act(async () => {
      this.made = await call<{ code: string; ends: string }>('POST', 'invitations', body);
    });
  };

  private guardianship({ id, name, guardian }: Person): TemplateResult {
    if (guardian === null) return html``;
    if (!guardian.isYou) return html`<p class="quiet small">${guardian.name} is the guardian.</p>`;
    switch (guardian.state) {
      case 'asked':
      case 'withdrawn':
        return html`
          <details open>
            <summary>${name} waits for you to agree, as the guardian</summary>
            <blockquote class="quiet">${this.consentText}</blockquote>
            <button class="primary" @click=${() => this.act(() => callAgain('POST', `people/${id}/consent`, { agree: true }), `You agreed for ${name}. The signed receipt is kept.`)}>I agree</button>
          </details>
        `;
      case 'given':
        return html`<p class="row"><span class="quiet small">You are the guardian and agreed.</span>
          <a class="button" href="#/ward/${id}">See what is kept</a>
          <button @click=${() => this.act(() => call('DELETE', `people/${id}/consent`), `Nothing more of ${name} is collected.`)}>Take the consent back</button></p>`;
      case 'handed-over':
        return html`<p class="quiet small">Of age: your access ended.</p>`;
    }
  }

  private viewWords({ watches, views }: Person): string {
    const [view] = views;
    if (view === undefined) return 'Sees the camera until you hide it.';
    const until = view.until === null ? 'until you hide it' : `until ${moment(Date.parse(view.until), hubNow())}`;
    const hours = view.hours === null ? '' : `, each day ${view.hours.replace('-', ' to ')}`;
    return `${watches ? 'Sees' : 'Does not see just now'} the camera: ${until}${hours}.`;
  }

  private showCamera(event: SubmitEvent, { id, name }: Person): void {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    const { ms } = spans[Number(fields.get('span'))]!;
    const [from, to] = [String(fields.get('from')), String(fields.get('to'))];
    const body = {
      watches: true,
      ...(ms === undefined ? {} : { until: new Date(hubNow() + ms).toISOString() }),
      ...(from === '' || to === '' ? {} : { hours: `${from}-${to}` }),
    };
    void this.act(() => callAgain('PUT', `people/${id}/camera`, body), `${name} sees the camera.`);
  }

  private person(person: Person): TemplateResult {
    const { id, name, role, state, watches, views } = person;
    const isShown = watches || views.length > 0;
    const isOwner = this.session.standing === 'owner';
    return html`
      <li>
        <div>
          <strong>${name}</strong> <span class="quiet small">${id === this.session.id ? 'you, ' : ''}${roles[role]}${state === 'waiting' ? ', waits for a guardian' : ''}</span>
          ${this.guardianship(person)}
          ${role === 'guest' && isShown ? html`<p class="quiet small">${this.viewWords(person)}</p>` : nothing}
        </div>
        ${
          role === 'guest' && isOwner
            ? html`<div class="row">
                ${
                  isShown
                    ? html`<button @click=${() => this.act(() => callAgain('PUT', `people/${id}/camera`, { watches: false }), `${name} no longer sees the camera.`)}>Hide the camera</button>`
                    : html`<details>
                        <summary class="button">Show the camera</summary>
                        <form class="fields" @submit=${(event: SubmitEvent) => this.showCamera(event, person)}>
                          <label>For how long<select name="span">${spans.map(({ words }, index) => html`<option value=${index}>${words}</option>`)}</select></label>
                          <label>Each day from<input type="time" name="from" /></label>
                          <label>to<input type="time" name="to" /></label>
                          <p class="quiet small">Left empty: at any hour.</p>
                          <button class="primary" type="submit">Show it to ${name}</button>
                        </form>
                      </details>`
                }
                <button @click=${() => this.act(() => call('DELETE', `guests/${id}`), `${name} is no guest any more.`)}>Remove</button>
              </div>`
            : nothing
        }
      </li>
    `;
  }

  private invitation({ id, role, child, ends }: Invitation): TemplateResult {
    return html`<li><div><strong>${child ? 'Invitation for a child' : role === 'guest' ? 'Invitation for a guest' : 'Invitation'}</strong>
      <span class="quiet small">open until ${moment(Date.parse(ends), hubNow())}</span></div>
      <button @click=${() => this.act(() => call('DELETE', `invitations/${id}`), 'Withdrawn.')}>Withdraw</button></li>`;
  }

  private ready(): TemplateResult {
    if (this.made === undefined) return html``;
    const link = `${location.origin}/#/join/${this.made.code}`;
    return html`<div class="banner" role="status">
      <p><strong>Give this link to the person. It works once, and is shown here alone.</strong></p>
      <p class="code">${link}</p>
      <p class="quiet small">Or the code <span class="code">${this.made.code}</span> on the hub’s page. Until ${moment(Date.parse(this.made.ends), hubNow())}.</p>
      <button @click=${() => navigator.clipboard?.writeText(link)}>Copy the link</button>
    </div>`;
  }

  protected content(): TemplateResult {
    const isOwner = this.session.standing === 'owner';
    return html`
      <ul class="devices card">${this.people.map((person) => this.person(person))}</ul>
      ${this.invitations.length === 0 ? nothing : html`<ul class="devices card">${this.invitations.map((one) => this.invitation(one))}</ul>`}
      ${this.ready()}
      <form class="card fields" @submit=${this.invite}>
        <h2>Invite somebody</h2>
        <fieldset>
          <legend>Whom?</legend>
          ${
            isOwner
              ? html`<label class="choice"><input type="radio" name="whom" value="member" checked /> Somebody who lives here <span class="quiet small">a vault of their own, which you cannot read</span></label>
                  <label class="choice"><input type="radio" name="whom" value="guest" /> A guest <span class="quiet small">sees the air of the home; nothing of them is kept</span></label>`
              : nothing
          }
          <label class="choice"><input type="radio" name="whom" value="child" ?checked=${!isOwner} /> A child of yours, 13 to 17 <span class="quiet small">you are the guardian, see their data, and may take your consent back</span></label>
        </fieldset>
        <label>E-mail address or number (optional)
          <input name="contact" maxlength="200" autocomplete="off" aria-describedby="contact-help" /></label>
        <p id="contact-help" class="quiet small">Only to notice that you invited them already. The address is not kept, and nothing is sent: you pass the link on yourself.</p>
        <button class="primary" type="submit">Make an invitation</button>
      </form>
    `;
  }
}
customElements.define('people-view', PeopleView);
