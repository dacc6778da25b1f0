/** What was kept and did not fit: second values of one measurement, quantities that the hub does not know yet, doubtful values and times. */
import { html, type TemplateResult } from 'lit';
import { call, hubNow } from '../api.ts';
import { pictogram } from '../pictograms.ts';
import type { Category } from '../shapes.ts';
import { labelWord, moment, unitWord } from '../words.ts';
import { LoadedView } from './loaded.ts';

interface Oddities {
  readonly conflicts: readonly {
    device: string;
    label: string;
    category: Category;
    unit: string;
    end: string;
    kept: number | null;
    other: number | null;
  }[];
  readonly unknown: readonly { device: string; code: number; value: number | null; end: string }[];
  readonly doubted: readonly { device: string; label: string; category: Category; end: string; why: string }[];
}

const numberWord = (value: number | null, unit = ''): string => (value === null ? 'no number' : `${value} ${unitWord(unit)}`.trim());
const when = (end: string): string => moment(Date.parse(end), hubNow());

const list = (title: string, words: string, rows: readonly TemplateResult[]): TemplateResult => html`
  <section class="card">
    <h2>${title}</h2>
    <p class="quiet">${words}</p>
    ${rows.length === 0 ? html`<p>None.</p>` : html`<ul class="plain">${rows}</ul>`}
  </section>
`;

class OdditiesView extends LoadedView {
  private found: Oddities = { conflicts: [], unknown: [], doubted: [] };

  protected async load(): Promise<void> {
    this.found = await call<Oddities>('GET', 'oddities');
  }

  protected content(): TemplateResult {
    const { conflicts, unknown, doubted } = this.found;
    return html`
      ${list(
        'Two values for one measurement',
        'A device sent a measurement again with another value. The first one counts; both are kept. You can change the value that counts where it is shown.',
        conflicts.map(
          ({ device, label, category, unit, end, kept, other }) =>
            html`<li>${pictogram(category)} ${labelWord(label)} of ${device}, ${when(end)}: counts ${numberWord(kept, unit)}, later said ${numberWord(other, unit)}</li>`,
        ),
      )}
      ${list(
        'Not known yet',
        'A newer device measures something that this hub does not know. It is kept as it came, and shown once an update knows it.',
        unknown.map(
          ({ device, code, value, end }) => html`<li>Quantity number ${code} of ${device}, last ${numberWord(value)}, ${when(end)}</li>`,
        ),
      )}
      ${list(
        'Doubtful',
        'Newest values that cannot be, or that came with a time that cannot be.',
        doubted.map(
          ({ device, label, category, end, why }) =>
            html`<li>${pictogram(category)} ${labelWord(label)} of ${device}, ${when(end)}: ${why}</li>`,
        ),
      )}
    `;
  }
}
customElements.define('oddities-view', OdditiesView);
