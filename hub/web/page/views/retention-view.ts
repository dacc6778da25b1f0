/** How long what is kept: each kind with its time, which can be changed, and what was let go. */
import { html, nothing, type TemplateResult } from 'lit';
import { callAgain } from '../again.ts';
import { ApiError, call, hubNow } from '../api.ts';
import { pictogram } from '../pictograms.ts';
import type { Category, Session } from '../shapes.ts';
import { moment } from '../words.ts';
import { LoadedView } from './loaded.ts';

interface Rule {
  readonly id: string;
  readonly words: string;
  readonly categories: readonly Category[];
  readonly purpose: string;
  readonly days: number | null;
  readonly defaultDays: number | null;
  readonly isSettable: boolean;
  readonly mostDays?: number;
}
interface Kept {
  readonly rules: readonly Rule[];
  readonly lastRun: string | null;
  readonly purges: readonly { at: string; words: string; before: string; removed: number; left: number }[];
}

const spans: readonly (readonly [days: number | null, words: string])[] = [
  [7, 'a week'],
  [30, 'a month'],
  [90, 'three months'],
  [365, 'a year'],
  [730, 'two years'],
  [1825, 'five years'],
  [3650, 'ten years'],
  [null, 'until I delete it'],
];
const spanWords = (days: number | null): string => spans.find(([one]) => one === days)?.[1] ?? (days === 0 ? 'not at all' : `${days} days`);

class RetentionView extends LoadedView {
  declare session: Session;
  private own: Kept | undefined;
  private home: Kept | undefined;
  private asked: { subject: string; rule: string; days: number | null; message: string } | undefined;

  protected async load(): Promise<void> {
    this.own = await call<Kept>('GET', `retention?subject=${this.session.id}`);
    this.home = await call<Kept>('GET', 'retention?subject=home');
  }

  private set(subject: string, rule: string, days: number | null, confirmed: boolean): void {
    this.asked = undefined;
    void this.act(async () => {
      try {
        await callAgain('PUT', `retention/${rule}?subject=${subject}`, { days, confirmed });
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== 'confirm') throw error;
        this.asked = { subject, rule, days, message: error.message };
      }
    });
  }

  private row(subject: string, rule: Rule, mayChange: boolean): TemplateResult {
    const { id, words, categories, purpose, days, isSettable, mostDays = Number.POSITIVE_INFINITY } = rule;
    const isAsked = this.asked?.subject === subject && this.asked.rule === id;
    const possible = spans.filter(([one]) => (one ?? Number.POSITIVE_INFINITY) <= mostDays);
    const offered = possible.some(([one]) => one === days) ? possible : [...possible, [days, spanWords(days)] as const];
    const choose = (event: Event): void => {
      const { value } = event.target as HTMLSelectElement;
      this.set(subject, id, value === '' ? null : Number(value), false);
    };
    return html`<li>
      <div>
        <strong>${categories.map((category) => pictogram(category))} ${words}</strong>
        <p class="quiet small">For: ${purpose}.</p>
        ${
          isAsked && this.asked !== undefined
            ? html`<p role="alert">${this.asked.message}</p>
              <div class="row">
                <button class="primary" @click=${() => this.set(subject, id, this.asked?.days ?? null, true)}>Let them go</button>
                <button @click=${() => void this.act(async () => (this.asked = undefined))}>Leave it</button>
              </div>`
            : nothing
        }
      </div>
      ${
        isSettable && mayChange
          ? html`<label><span class="quiet small">Kept</span>
            <select @change=${choose} .value=${days === null ? '' : String(days)} aria-label=${`How long: ${words}`}>
              ${offered.map(([one, name]) => html`<option value=${one === null ? '' : String(one)} ?selected=${one === days}>${name}</option>`)}
            </select></label>`
          : html`<span class="quiet">${spanWords(days)}</span>`
      }
    </li>`;
  }

  private list(subject: string, kept: Kept | undefined, mayChange: boolean): TemplateResult {
    return html`<ul class="devices card">${(kept?.rules ?? []).map((rule) => this.row(subject, rule, mayChange))}</ul>`;
  }

  private gone(kept: Kept | undefined): TemplateResult {
    const purges = kept?.purges ?? [];
    if (purges.length === 0) return html`<p class="quiet">Nothing of yours was old enough yet.</p>`;
    return html`<ul class="devices card">${purges.map(
      ({ at, words, before, removed, left }) => html`<li><div>
        <strong>${words}</strong>
        <p class="quiet small">
          ${moment(Date.parse(at), hubNow())}: ${removed.toLocaleString()} from before ${moment(Date.parse(before), hubNow())}.
          ${left === 0 ? 'Looked again: none left.' : `${left.toLocaleString()} more go with the next purge.`}
        </p>
      </div></li>`,
    )}</ul>`;
  }

  protected content(): TemplateResult {
    const { own, home, session } = this;
    const lastRun = own?.lastRun ?? null;
    return html`
      <p class="quiet">
        Your own record stays until you delete it. What only serves the working of things goes by itself, each night after four
        ${lastRun === null ? nothing : html`(last: ${moment(Date.parse(lastRun), hubNow())})`}, here and wherever it was sent.
        In a locked vault nothing can be looked for: what is old there goes once it is unlocked.
      </p>
      <section aria-labelledby="keep-own"><h2 id="keep-own">Of you</h2>${this.list(session.id ?? '', own, true)}</section>
      <section aria-labelledby="keep-home">
        <h2 id="keep-home">Of the home</h2>
        ${session.standing === 'owner' ? nothing : html`<p class="quiet small">Who runs the hub sets these.</p>`}
        ${this.list('home', home, session.standing === 'owner')}
      </section>
      <section aria-labelledby="keep-gone"><h2 id="keep-gone">What was let go</h2>${this.gone(own)}</section>
    `;
  }
}
customElements.define('retention-view', RetentionView);
