/** What somebody shares, as a list: the newest value first. */
import { html, type TemplateResult } from 'lit';
import { hubNow } from '../api.ts';
import { pictogram } from '../pictograms.ts';
import type { Measurement } from '../shapes.ts';
import { labelWord, moment, unitWord, valueText } from '../words.ts';

export interface SharedData {
  readonly of: string;
  readonly measurements: readonly Measurement[];
}

/** More than a screen is scrolled through by nobody; the rest is in what they may take along. */
const MOST_SHOWN = 200;
const DECIMALS = 1;

export const sharedValues = ({ of, measurements }: SharedData): TemplateResult => html`
  <section class="card">
    <h2>From ${of}</h2>
    ${measurements.length === 0 ? html`<p class="quiet">Nothing was measured in these days.</p>` : ''}
    <ul class="plain">
      ${[...measurements]
        .sort((a, b) => Date.parse(b.end) - Date.parse(a.end))
        .slice(0, MOST_SHOWN)
        .map(
          ({
            label,
            value,
            unit,
            end,
            category,
          }) => html`<li>${pictogram(category)} ${labelWord(label)} <span class="number">${valueText(value, DECIMALS)}</span> ${unitWord(unit)}
          <time class="quiet small" datetime=${end}>${moment(Date.parse(end), hubNow())}</time></li>`,
        )}
    </ul>
  </section>
`;
