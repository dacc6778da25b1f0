/** Everything measured that has no card of its own: other quantities, and the same quantity of another device. */
import { html, nothing, type TemplateResult } from 'lit';
import { hubNow } from '../api.ts';
import { PageElement } from '../element.ts';
import type { Home } from '../home.ts';
import { categoryName, pictogram } from '../pictograms.ts';
import type { Measurement } from '../shapes.ts';
import { ago, labelWord, unitWord, valueText } from '../words.ts';

/** In the order in which a household looks for them. How the devices themselves are stands with the devices. */
const order = ['body', 'activity', 'environment'];

class MoreValues extends PageElement {
  declare home: Home;
  /** Quantities with a card of their own: of these only other devices' values stand here. */
  shown: readonly string[] = [];
  private stop: () => void = () => undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.stop = this.home.onChange(() => this.requestUpdate());
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
  }

  private rows(): Measurement[] {
    const { home, shown } = this;
    const rank = ({ quantity }: Measurement): number => order.indexOf(home.quantities.get(quantity)?.category ?? '');
    return home
      .everyNewest()
      .filter((one) => rank(one) >= 0 && !(shown.includes(one.quantity) && home.newest(one.quantity)?.device === one.device))
      .sort((a, b) => rank(a) - rank(b) || a.quantity.localeCompare(b.quantity) || a.device.localeCompare(b.device));
  }

  private row({ quantity: id, value, end, device, flag }: Measurement): TemplateResult {
    const quantity = this.home.quantities.get(id)!;
    // A derived value's device is the one it was derived of, and how.
    const source = this.home.devices.get(device.split('~')[0]!)?.name ?? device;
    return html`
      <li>
        <div>
          ${pictogram(quantity.category)} <strong>${labelWord(quantity.label)}</strong>
          <span class="quiet small">${categoryName(quantity.category)} · ${source} · ${ago(Date.parse(end), hubNow())}</span>
          ${flag === 'implausible' ? html`<p class="alarm small">not plausible, kept but not trusted</p>` : nothing}
        </div>
        <span class="amount">${valueText(value, quantity.decimals)} <span class="unit">${unitWord(quantity.unit)}</span></span>
      </li>
    `;
  }

  protected override render(): TemplateResult {
    const rows = this.rows();
    if (rows.length === 0) return html``;
    return html`
      <section class="card" aria-labelledby="more-title">
        <h2 id="more-title">Also measured</h2>
        <ul class="devices columns">${rows.map((row) => this.row(row))}</ul>
      </section>
    `;
  }
}
customElements.define('more-values', MoreValues);
