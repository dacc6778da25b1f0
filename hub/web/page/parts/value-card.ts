/** One quantity: its value large, its unit beside it, when and from what device under it, and a small chart. */
import { html, nothing, type TemplateResult } from 'lit';
import { hubNow } from '../api.ts';
import { PageElement } from '../element.ts';
import type { Home } from '../home.ts';
import { categoryName, pictogram } from '../pictograms.ts';
import { ago, labelWord, toneOf, unitWord, valueText } from '../words.ts';
import './series-chart.ts';

/** Air is measured each half minute: older than this, something is wrong. Weight and steps come when people do. */
const STALE_MS = 120_000;

class ValueCard extends PageElement {
  declare home: Home;
  quantityId = '';
  empty = '';
  /** Shows the sum of today rather than the newest value. */
  isSum = false;

  override connectedCallback(): void {
    super.connectedCallback();
    this.stop = this.home.onChange(() => this.requestUpdate());
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
  }
  private stop: () => void = () => undefined;

  protected override render(): TemplateResult {
    const { home, quantityId } = this;
    const quantity = home.quantities.get(quantityId);
    if (quantity === undefined) return html`<section class="card"><p class="quiet">${this.empty}</p></section>`;
    const newest = home.newest(quantityId);
    const live = home.liveNow(quantityId);
    const value = this.isSum
      ? newest === undefined && live === undefined
        ? undefined
        : home.today(quantityId)
      : (live?.value ?? newest?.value);
    const device = home.devices.get(live?.device ?? newest?.device ?? '');
    const nowMs = hubNow();
    const isStale =
      quantity.category === 'environment' && newest !== undefined && live === undefined && nowMs - Date.parse(newest.end) > STALE_MS;
    const isSettling = live !== undefined && quantityId === 'weight';
    const when = isSettling
      ? 'on the scale now'
      : newest === undefined
        ? ''
        : this.isSum
          ? `today, last ${ago(Date.parse(newest.end), nowMs)}`
          : ago(Date.parse(live?.at ?? newest.end), nowMs);
    const isBad = newest?.flag === 'implausible' && live === undefined;
    // Of the chips of one device another may be at fault: air that still comes is not alarming.
    const message = quantity.category === 'environment' && !isStale ? '' : (device?.message ?? '');
    return html`
      <section class="card" data-quantity=${quantityId} aria-label=${labelWord(quantity.label)}>
        <h2>${pictogram(quantity.category)} ${labelWord(quantity.label)} <span class="category">${categoryName(quantity.category)}</span></h2>
        ${
          value === undefined
            ? html`<p class="quiet waiting">${this.empty}</p>`
            : html`<p class="value ${isSettling ? 'settling' : ''} ${isStale || isBad ? 'stale' : ''}">
                  <span class="number">${valueText(value, this.isSum ? 0 : quantity.decimals)}</span>
                  <span class="unit">${unitWord(quantity.unit)}</span>
                </p>
                <p class="quiet small">${device?.name ?? ''} · ${isStale ? `no news since ${ago(Date.parse(newest?.end ?? ''), nowMs)}` : isBad ? 'not plausible, kept but not trusted' : when}</p>`
        }
        ${message === '' ? nothing : html`<p class="${toneOf(device!)} small" role="alert">${message}</p>`}
        <series-chart .home=${home} .quantity=${quantity} .isSum=${this.isSum}></series-chart>
      </section>
    `;
  }
}
customElements.define('value-card', ValueCard);
