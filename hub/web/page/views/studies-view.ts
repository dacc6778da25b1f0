/** Studies: joining, each number word for word before it goes, and the ledger of what went. */
import { html, nothing, type TemplateResult } from 'lit';
import { callAgain } from '../again.ts';
import { call, hubNow } from '../api.ts';
import { pictogram } from '../pictograms.ts';
import type { Category, Session } from '../shapes.ts';
import { moment } from '../words.ts';
import { LoadedView } from './loaded.ts';

interface Study {
  readonly id: string;
  readonly words: string;
  readonly question: string;
  readonly category: Category;
  readonly bound: number;
  readonly epsilon: number;
  readonly leastNights: number;
  readonly leastHomes: number;
  readonly joined: string | null;
}
interface Entry {
  readonly number: number;
  readonly made: string | null;
  readonly state: 'waits' | 'sending' | 'sent' | 'kept';
  readonly sent: string | null;
  readonly to: string | null;
  readonly payload: string;
}
interface Studies {
  readonly studies: readonly Study[];
  readonly to: string | null;
  readonly budget: { readonly spent: number; readonly year: number };
  readonly ledger: readonly Entry[];
}

class StudiesView extends LoadedView {
  declare session: Session;
  private all: Studies | undefined;

  protected async load(): Promise<void> {
    this.all = await call<Studies>('GET', `studies?subject=${this.session.id}`);
  }

  private study({ id, words, question, category, bound, leastNights, leastHomes, joined }: Study): TemplateResult {
    const join = (on: boolean, note: string): void =>
      void this.act(() => call('PUT', `studies/${id}?subject=${this.session.id}`, { join: on }), note);
    return html`<section class="card fields">
      <h2>${pictogram(category)} ${words}</h2>
      <p>${question}</p>
      <p class="quiet small">
        From at least ${leastNights} nights on each side the hub makes one number, cut off at ${bound} minutes. It adds chance to it, so that nobody can
        tell from it how you slept, not even who gets it. You see it before it goes. Results are shown once ${leastHomes} homes took part.
      </p>
      ${
        joined === null
          ? html`<button class="primary" @click=${() => join(true, 'You joined. Nothing goes before you looked at it.')}>Join</button>`
          : html`<p>You joined ${moment(Date.parse(joined), hubNow())}.</p>
              <button @click=${() => join(false, 'You left. What waited was thrown away; what went cannot be told apart any more.')}>Leave it</button>`
      }
    </section>`;
  }

  private entry({ number, made, state, sent, to, payload }: Entry, goesTo: string | null): TemplateResult {
    const answer = (send: boolean, note: string): void =>
      void this.act(() => callAgain('POST', `statistics/${number}?subject=${this.session.id}`, { send }), note);
    const words = {
      waits: 'Waits for you',
      sending: `On its way to ${to}; it may not have arrived`,
      sent: `Went to ${to}${sent === null ? '' : `, ${moment(Date.parse(sent), hubNow())}`}`,
      kept: 'You kept it: it never went',
    }[state];
    const isOpen = state === 'waits' || state === 'sending';
    return html`<li>
      <div>
        <strong>${words}</strong>
        <p class="quiet small">Made ${made === null ? '' : moment(Date.parse(made), hubNow())}. Exactly this:</p>
        <pre class="code small preview" tabindex="0">${payload}</pre>
        ${
          isOpen
            ? html`<div class="row">
                ${goesTo === null ? nothing : html`<button class="primary" @click=${() => answer(true, 'It went.')}>Send it to ${new URL(goesTo).host}</button>`}
                <button @click=${() => answer(false, 'It stays here, and is not made again.')}>Keep it</button>
              </div>`
            : nothing
        }
      </div>
    </li>`;
  }

  protected content(): TemplateResult {
    const { all } = this;
    if (all === undefined) return html``;
    return html`
      <p class="quiet">Nothing of you goes into statistics unless you join a study here.</p>
      ${all.studies.map((study) => this.study(study))}
      <h2>Numbers of yours</h2>
      <p class="quiet small">
        ${all.to === null ? 'Who runs the hub has not set where they go: they stay here until then.' : `They go to ${new URL(all.to).host}, without your name.`}
        Of this year’s measure (epsilon) ${all.budget.spent} of ${all.budget.year} is used: the more is told, the more could be guessed, so there is an end to it.
      </p>
      ${all.ledger.length === 0 ? html`<p class="quiet">None so far.</p>` : html`<ul class="devices card">${all.ledger.map((one) => this.entry(one, all.to))}</ul>`}
    `;
  }
}
customElements.define('studies-view', StudiesView);
