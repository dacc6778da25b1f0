/** What a guardian sees of a minor: the newest value of each kind, and a copy to take along. The minor can see that it was looked at. */
import { html, type TemplateResult } from 'lit';
import { needAgain } from '../again.ts';
import { call, hubNow } from '../api.ts';
import { categoryName, pictogram } from '../pictograms.ts';
import type { Measurement, Quantity } from '../shapes.ts';
import { ago, labelWord, valueWithUnit } from '../words.ts';
import { LoadedView } from './loaded.ts';

class WardView extends LoadedView {
  ward = '';
  private name = '';
  private values: readonly Measurement[] = [];
  private quantities = new Map<string, Quantity>();

  protected async load(): Promise<void> {
    const [values, people, quantities] = await Promise.all([
      call<Measurement[]>('GET', `latest?subject=${encodeURIComponent(this.ward)}`),
      call<{ id: string; name: string }[]>('GET', 'people'),
      call<Quantity[]>('GET', 'quantities'),
    ]);
    this.values = values;
    this.name = people.find(({ id }) => id === this.ward)?.name ?? '';
    this.quantities = new Map(quantities.map((quantity) => [quantity.id, quantity]));
  }

  private readonly takeAlong = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { href } = event.currentTarget as HTMLAnchorElement;
    await this.act(async () => {
      await needAgain();
      location.assign(href);
    });
  };

  private value({ quantity, value, label, category, end }: Measurement): TemplateResult {
    const known = this.quantities.get(quantity);
    return html`<li>
      ${pictogram(category)}
      <div>
        <strong>${labelWord(label)}</strong> ${known === undefined ? value : valueWithUnit(value, known)}
        <p class="quiet small">${categoryName(category)} · ${ago(Date.parse(end), hubNow())}</p>
      </div>
    </li>`;
  }

  protected content(): TemplateResult {
    return html`
      <p class="quiet">You see this as ${this.name}’s guardian until they are 18. They see in their log that you looked.</p>
      ${this.values.length === 0 ? html`<p>Nothing is kept yet.</p>` : html`<ul class="devices card">${this.values.map((one) => this.value(one))}</ul>`}
      <p><a class="button" href="/api/v1/export?format=csv&subject=${this.ward}" download @click=${this.takeAlong}>Take a copy along</a></p>
    `;
  }
}
customElements.define('ward-view', WardView);
