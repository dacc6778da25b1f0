/** Comparing steps with friends or a team: make a challenge, invite by a link, read the terms, take part, look, leave. */
import { html, nothing, type TemplateResult } from 'lit';
import { callAgain } from '../again.ts';
import { call, hubNow } from '../api.ts';
import { categoryTag } from '../pictograms.ts';
import type { Session } from '../shapes.ts';
import { moment, valueText } from '../words.ts';
import { LoadedView } from './loaded.ts';

interface Challenge {
  readonly id: string;
  readonly name: string;
  readonly kind: 'friends' | 'team';
  readonly to: string;
  readonly terms: string;
  readonly isYours: boolean;
  readonly host: string | null;
  readonly isOpen: boolean;
}
interface Standing {
  readonly members: readonly { readonly name: string; readonly isYou: boolean; readonly state: string; readonly steps: number | null }[];
  readonly sum: number | null;
}
interface Offer {
  readonly name: string;
  readonly kind: 'friends' | 'team';
  readonly terms: string;
  readonly termsHash: string;
  readonly host: string;
}

class ChallengesView extends LoadedView {
  declare session: Session;
  /** A code that a link brought along. */
  declare code: string;
  private challenges: readonly Challenge[] = [];
  private readonly standings = new Map<string, Standing>();
  private link = '';
  private offer: Offer | undefined;
  private invitation = '';

  protected async load(): Promise<void> {
    this.challenges = await call<Challenge[]>('GET', 'challenges');
    if (this.code !== '' && this.link === '') await this.read(this.code);
  }

  private async read(link: string): Promise<void> {
    this.offer = await call<Offer>('POST', 'challenges/terms', { link });
    this.link = link;
  }

  private readonly readTerms = (event: SubmitEvent): void => {
    event.preventDefault();
    const link = String(new FormData(event.target as HTMLFormElement).get('link') ?? '');
    void this.act(() => this.read(link));
  };

  private readonly join = (event: SubmitEvent): void => {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    const { offer, link } = this;
    if (offer === undefined) return;
    void this.act(async () => {
      const body = {
        link,
        termsHash: offer.termsHash,
        as: String(fields.get('as')),
        showsOwn: fields.has('own'),
        ...(offer.host === 'this hub' ? {} : { address: String(fields.get('address')) }),
      };
      await callAgain('POST', 'challenges/join', body);
      this.offer = undefined;
    }, 'You take part. The signed receipt is kept.');
  };

  private readonly make = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const fields = new FormData(form);
    const text = (name: string): string => String(fields.get(name) ?? '').trim();
    void this.act(async () => {
      await callAgain('POST', 'challenges', {
        name: text('name'),
        kind: text('kind'),
        from: new Date(`${text('from')}T00:00`).toISOString(),
        to: new Date(`${text('to')}T24:00`).toISOString(),
        as: text('as'),
        ...(text('words') === '' ? {} : { words: text('words') }),
      });
      form.reset();
    }, 'It is made. Invite somebody to it.');
  };

  private row({ id, name, kind, to, terms, isYours, host, isOpen }: Challenge): TemplateResult {
    const standing = this.standings.get(id);
    const look = (): Promise<void> => this.act(async () => void this.standings.set(id, await call<Standing>('GET', `challenges/${id}`)));
    const invite = (): Promise<void> =>
      this.act(async () => {
        const { link } = await call<{ link: string }>('POST', `challenges/${id}/invitations`);
        this.invitation = `${location.origin}/${link}`;
      });
    return html`<li>
      <div>
        ${categoryTag('activity')} <strong>${name}</strong>
        <span class="quiet small">${kind === 'team' ? 'a team' : 'friends'} · ${isOpen ? `until ${moment(Date.parse(to), hubNow())}` : 'over'}${host === null ? '' : ` · run by ${host}`}</span>
        ${
          standing === undefined
            ? nothing
            : html`<ol class="plain">
                ${standing.members.map(
                  (one) =>
                    html`<li>${one.name}${one.isYou ? ' (you)' : ''}: ${one.state === 'away' ? html`<span class="quiet">does not answer now</span>` : one.steps === null ? html`<span class="quiet">counted in the sum</span>` : html`<span class="number">${valueText(one.steps, 0)}</span> steps`}</li>`,
                )}
                <li>Together: ${standing.sum === null ? html`<span class="quiet">not shown, since it would tell a single number</span>` : html`<span class="number">${valueText(standing.sum, 0)}</span> steps`}</li>
              </ol>`
        }
        <details><summary>The terms</summary><blockquote class="quiet small">${terms}</blockquote></details>
      </div>
      ${
        isOpen
          ? html`<div class="row">
              <button @click=${look}>Look</button>
              ${isYours ? html`<button @click=${invite}>Invite</button>` : nothing}
              <button @click=${() => this.act(() => call('DELETE', `challenges/${id}`), isYours ? 'It is ended.' : 'You left.')}>${isYours ? 'End it' : 'Leave'}</button>
            </div>`
          : nothing
      }
    </li>`;
  }

  private agreement(): TemplateResult {
    const { offer } = this;
    if (offer === undefined) return html``;
    return html`<form class="card fields" @submit=${this.join}>
      <h2>${offer.name}</h2>
      <blockquote>${offer.terms.split('\n').map((line) => html`<p>${line}</p>`)}</blockquote>
      <label>How you are called in it<input name="as" required maxlength="60" .value=${this.session.name ?? ''} /></label>
      ${offer.kind === 'team' ? html`<label class="check"><input type="checkbox" name="own" /> Show my own number to the team</label>` : nothing}
      ${
        offer.host === 'this hub'
          ? nothing
          : html`<label>The address at which ${offer.host} reaches this hub<input name="address" type="url" required .value=${location.origin} /></label>
              <p class="quiet small">Outside your home it reaches it only if access from outside is switched on.</p>`
      }
      <div class="row">
        <button class="primary" type="submit">I agree and take part</button>
        <button type="button" @click=${() => {
          this.offer = undefined;
          this.requestUpdate();
        }}>No</button>
      </div>
    </form>`;
  }

  protected content(): TemplateResult {
    return html`
      <p class="quiet">One number of each crosses, their steps of the agreed days. It is asked for when somebody looks and kept nowhere.</p>
      ${this.agreement()}
      ${
        this.invitation === ''
          ? nothing
          : html`<section class="card fields" role="status"><h2>Give this link to one friend</h2>
              <label>It works once<input readonly .value=${this.invitation} /></label>
              <p class="quiet small">A friend with a hub of their own pastes it there under Challenges.</p></section>`
      }
      ${this.challenges.length === 0 ? html`<p class="quiet">You take part in no challenge.</p>` : html`<ul class="devices card">${this.challenges.map((one) => this.row(one))}</ul>`}
      <form class="card fields" @submit=${this.readTerms}>
        <h2>You were invited</h2>
        <label>The link<input name="link" required maxlength="300" placeholder="http://…/#/challenge/…" /></label>
        <button type="submit">Read the terms</button>
      </form>
      <form class="card fields" @submit=${this.make}>
        <h2>Make a challenge</h2>
        <label>What it is called<input name="name" required maxlength="60" /></label>
        <fieldset><legend>With whom?</legend>
          <label class="choice"><input type="radio" name="kind" value="friends" checked /> Friends <span class="quiet small">each sees each other’s number</span></label>
          <label class="choice"><input type="radio" name="kind" value="team" /> A team <span class="quiet small">the sum alone, unless somebody shows theirs</span></label>
        </fieldset>
        <label>First day<input name="from" type="date" required /></label>
        <label>Last day<input name="to" type="date" required /></label>
        <label>How you are called in it<input name="as" required maxlength="60" .value=${this.session.name ?? ''} /></label>
        <label>What you add to the terms (optional)<textarea name="words" maxlength="2000" rows="2"></textarea></label>
        <button class="primary" type="submit">Make it</button>
      </form>
    `;
  }
}
customElements.define('challenges-view', ChallengesView);
