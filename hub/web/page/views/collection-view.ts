/** The collection table: which kind of data comes in by which way, as the hub enforces it. */
import { html, type TemplateResult } from 'lit';
import { call } from '../api.ts';
import { categoryName, pictogram } from '../pictograms.ts';
import type { Category } from '../shapes.ts';
import { LoadedView } from './loaded.ts';

type Row = Readonly<Record<Category, 'yes' | 'given' | 'no'>> & { readonly scenario: string; readonly words: string };
const categories: readonly Category[] = ['identity', 'body', 'activity', 'environment', 'technical'];
const cells = { yes: 'yes', given: 'what you give', no: 'never' } as const;

class CollectionView extends LoadedView {
  private rows: readonly Row[] = [];

  protected async load(): Promise<void> {
    this.rows = await call<Row[]>('GET', 'collection');
  }

  protected content(): TemplateResult {
    return html`
      <p class="quiet">The hub reads this very table before it takes anything in. What is outside of it is refused, and the refusal stands in the log.</p>
      <div class="card scroll" tabindex="0" role="region" aria-label="What is collected where">
        <table>
          <thead><tr><th scope="col">By</th>${categories.map((one) => html`<th scope="col">${pictogram(one)}<br />${categoryName(one)}</th>`)}</tr></thead>
          <tbody>
            ${this.rows.map((row) => html`<tr><th scope="row">${row.words}</th>${categories.map((one) => html`<td class=${row[one]}>${cells[row[one]]}</td>`)}</tr>`)}
          </tbody>
        </table>
      </div>
    `;
  }
}
customElements.define('collection-view', CollectionView);
