/** What happened with one's data: the operations log in plain words, and whether it is whole. */
import { html, nothing, type TemplateResult } from 'lit';
import { call, hubNow } from '../api.ts';
import { moment } from '../words.ts';
import { LoadedView } from './loaded.ts';

interface Row {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly words: string;
  readonly actorName: string;
  readonly subjectName: string;
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}
interface Page {
  readonly rows: readonly Row[];
  readonly head: { readonly seq: number; readonly hash: string };
}

const ROWS = 50;
/** Ids that mean something to the hub alone. */
const unsaid: ReadonlySet<string> = new Set(['session', 'share', 'subject', 'id', 'seq', 'seqs']);

/** `format: archive, home`: what is so by its name alone, what is not so not at all. */
const detailWords = (detail: Row['detail']): string =>
  Object.entries(detail)
    .filter(([key, value]) => value !== '' && value !== null && value !== false && !unsaid.has(key))
    .map(([key, value]) => (value === true ? key : `${key}: ${value}`))
    .join(', ');

class LogView extends LoadedView {
  private rows: Row[] = [];
  private head: Page['head'] = { seq: 0, hash: '' };
  private hasMore = false;
  private check = '';

  protected async load(): Promise<void> {
    const { rows, head } = await call<Page>('GET', `operations?limit=${ROWS}`);
    this.rows = [...rows];
    this.head = head;
    this.hasMore = rows.length === ROWS;
  }

  private readonly more = async (): Promise<void> => {
    const before = this.rows.at(-1)?.seq ?? 1;
    const { rows } = await call<Page>('GET', `operations?limit=${ROWS}&before=${before}`);
    this.rows.push(...rows);
    this.hasMore = rows.length === ROWS;
    this.requestUpdate();
  };

  private readonly verify = async (): Promise<void> => {
    const { whole, faults, rows } = await call<{ whole: boolean; faults: string[]; rows: number }>('GET', 'operations/check');
    this.check = whole ? `All ${rows} rows are as they were written.` : `The log was tampered with: ${faults.join('; ')}.`;
    this.requestUpdate();
  };

  private row({ at, words, actorName, subjectName, detail }: Row): TemplateResult {
    const more = detailWords(detail);
    return html`<li><div>
      <strong>${words}</strong>
      <p class="quiet small"><time datetime=${at}>${moment(Date.parse(at), hubNow())}</time> · by ${actorName}${subjectName === actorName ? '' : ` · about ${subjectName}`}${more === '' ? '' : ` · ${more}`}</p>
    </div></li>`;
  }

  protected content(): TemplateResult {
    return html`
      <p class="quiet">Every time somebody else reads, and every share, copy, change, sign-in and act of who runs the hub. What others do with their own data is not here.</p>
      ${this.rows.length === 0 ? html`<p class="quiet">Nothing yet.</p>` : html`<ul class="devices card">${this.rows.map((row) => this.row(row))}</ul>`}
      ${this.hasMore ? html`<p><button @click=${this.more}>Show older ones</button></p>` : nothing}
      <section class="card fields">
        <h2>Is it whole?</h2>
        <p class="quiet">Each row seals the one before it. Write the newest seal down, and you can tell later that nothing was taken away.</p>
        <p class="code">${this.head.seq} ${this.head.hash.slice(0, 32)}…</p>
        <button @click=${this.verify}>Check every row</button>
        ${this.check === '' ? nothing : html`<p role="status">${this.check}</p>`}
      </section>
    `;
  }
}
customElements.define('log-view', LogView);
