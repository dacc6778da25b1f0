/** Every share of one's data on one page, to stop, and to give a new one; and what others share with one. */
import { html, nothing, type TemplateResult } from 'lit';
import { callAgain } from '../again.ts';
import { call, hubNow } from '../api.ts';
import { categoryTag } from '../pictograms.ts';
import type { Category, Session } from '../shapes.ts';
import { moment } from '../words.ts';
import { LoadedView } from './loaded.ts';
import { type SharedData, sharedValues } from './shared-values.ts';

interface Share {
  readonly id: string;
  readonly name: string;
  readonly kind: 'account' | 'link' | 'partner' | 'import' | 'challenge';
  readonly categories: readonly Category[];
  readonly from: string | null;
  readonly to: string | null;
  readonly since: string;
  readonly ends: string;
  readonly stopped: string | null;
  readonly lastRead: string | null;
  readonly rowsRead: number;
  readonly isOpen: boolean;
}
interface Made {
  readonly link: string | null;
  readonly passcode: string | null;
}

const kinds: Readonly<Record<Share['kind'], string>> = {
  account: 'lives here',
  link: 'by link and passcode',
  partner: 'a partner, which reads',
  import: 'a partner, which adds',
  challenge: 'a challenge: your step count of its days',
};
interface Act {
  readonly at: string;
  readonly words: string;
  readonly rows: number;
}
const shareable: readonly Category[] = ['body', 'activity', 'environment', 'technical'];

class SharesView extends LoadedView {
  declare session: Session;
  private given: readonly Share[] = [];
  private received: readonly Share[] = [];
  private people: readonly { readonly id: string; readonly name: string }[] = [];
  private made: Made | undefined;
  private shown: SharedData | undefined;
  private readonly links = new Map<string, { readonly consent: string; readonly acts: readonly Act[] }>();

  protected async load(): Promise<void> {
    const [shares, people] = await Promise.all([
      call<{ given: Share[]; received: Share[] }>('GET', 'shares'),
      call<{ id: string; name: string }[]>('GET', 'people'),
    ]);
    this.given = shares.given;
    this.received = shares.received;
    this.people = people.filter(({ id }) => id !== this.session.id);
  }

  private readonly give = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const fields = new FormData(form);
    const account = String(fields.get('account') ?? '');
    const label = String(fields.get('label') ?? '').trim();
    const from = String(fields.get('from') ?? '');
    const body = {
      ...(account === '' ? { label } : { account }),
      categories: shareable.filter((one) => fields.has(one)),
      ...(from === '' ? {} : { from: new Date(from).toISOString() }),
      days: Number(fields.get('days')),
    };
    void this.act(async () => {
      this.made = await callAgain<Made>('POST', 'shares', body);
      form.reset();
    }, 'It is shared. You can stop it here at any time.');
  };

  private line({ id, name, kind, categories, from, since, ends, stopped, lastRead, rowsRead, isOpen }: Share): TemplateResult {
    const nowMs = hubNow();
    const at = (text: string): string => moment(Date.parse(text), nowMs);
    return html`<li>
      <div>
        <strong>${name}</strong> <span class="quiet small">${kinds[kind]}</span>
        <p class="tags">${categories.map(categoryTag)}</p>
        <p class="quiet small">
          ${from === null ? 'all days' : `from ${at(from)} on`} · since ${at(since)} · ${stopped !== null ? `stopped ${at(stopped)}` : isOpen ? `ends ${at(ends)}` : `ended ${at(ends)}`} ·
          ${lastRead === null ? (kind === 'import' ? 'nothing came yet' : 'never read') : `${kind === 'import' ? 'last came' : 'last read'} ${at(lastRead)}, ${rowsRead} values in all`}
        </p>
        ${kind === 'partner' || kind === 'import' ? this.acts(id) : nothing}
      </div>
      ${kind === 'import' && rowsRead > 0 ? html`<button @click=${() => this.act(() => callAgain('DELETE', `links/${id}/data`), `All that came from ${name} is taken out.`)}>Take out what came</button>` : nothing}
      ${isOpen ? html`<button @click=${() => this.act(() => call('DELETE', `shares/${id}`), 'It is stopped.')}>Stop</button>` : nothing}
    </li>`;
  }

  /** What went over a link to a partner, and what was agreed to; asked for once it is opened. */
  private acts(id: string): TemplateResult {
    const opened = this.links.get(id);
    const open = async (event: Event): Promise<void> => {
      if (!(event.target as HTMLDetailsElement).open || this.links.has(id)) return;
      this.links.set(id, await call<{ consent: string; acts: Act[] }>('GET', `links/${id}`));
      this.requestUpdate();
    };
    return html`<details @toggle=${open}><summary>What went over it</summary>
      ${
        opened === undefined
          ? html`<p class="quiet small">One moment…</p>`
          : html`<ul class="plain small">${opened.acts.map(({ at, words, rows }) => html`<li>${moment(Date.parse(at), hubNow())}: ${words}${rows > 0 ? `, ${rows} values` : ''}</li>`)}</ul>
              ${opened.acts.length === 0 ? html`<p class="quiet small">Nothing yet.</p>` : nothing}
              <blockquote class="quiet small">${opened.consent}</blockquote>`
      }
    </details>`;
  }

  private look(id: string): void {
    void this.act(async () => {
      this.shown = await call<SharedData>('GET', `shared/${id}`);
    });
  }

  protected content(): TemplateResult {
    const { made, shown } = this;
    return html`
      ${
        made?.link == null
          ? nothing
          : html`<section class="card fields" role="status">
              <h2>Give them the link and the passcode, each by another way</h2>
              <label>The link<input readonly .value=${`${location.origin}/${made.link}`} /></label>
              <label>The passcode<input readonly .value=${made.passcode ?? ''} /></label>
              <p class="quiet small">They are shown this once. Outside the home the link works only if access from outside is switched on.</p>
            </section>`
      }
      ${this.given.length === 0 ? html`<p class="quiet">You share nothing with anybody.</p>` : html`<ul class="devices card">${this.given.map((share) => this.line(share))}</ul>`}
      <form class="card fields" @submit=${this.give}>
        <h2>Share something</h2>
        <label>With<select name="account">
          <option value="">Somebody outside, by a link</option>
          ${this.people.map(({ id, name }) => html`<option value=${id}>${name}</option>`)}
        </select></label>
        <label>What you call them (for a link)<input name="label" maxlength="60" placeholder="Doctor" /></label>
        <fieldset><legend>What</legend>
          ${shareable.map((category) => html`<label class="check"><input type="checkbox" name=${category} ?checked=${category === 'body'} /> ${categoryTag(category)}</label>`)}
        </fieldset>
        <label>From which day on (all, if left empty)<input name="from" type="date" /></label>
        <label>For how many days<input name="days" type="number" min="1" max="366" value="30" required /></label>
        <button class="primary" type="submit">Share it</button>
      </form>
      ${
        this.received.length === 0
          ? nothing
          : html`<h2>Shared with you</h2>
            <ul class="devices card">${this.received.map(({ id, name }) => html`<li><strong>${name}</strong><button @click=${() => this.look(id)}>Look</button></li>`)}</ul>`
      }
      ${shown === undefined ? nothing : sharedValues(shown)}
    `;
  }
}
customElements.define('shares-view', SharesView);
