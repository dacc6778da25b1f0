/** One device: how it is, how well it measures, what it gives now, and how its values are corrected. */
import { html, nothing, type TemplateResult } from 'lit';
import { call, hubNow } from '../api.ts';
import { categoryName, pictogram } from '../pictograms.ts';
import type { Device, Measurement, Quantity } from '../shapes.ts';
import { ago, labelWord, moment, toneOf, unitWord, valueText } from '../words.ts';
import { LoadedView } from './loaded.ts';

interface Correction {
  readonly device: string;
  readonly quantity: string;
  readonly by: 'offset' | 'epa-humidity';
  readonly offset: number | null;
  readonly words: string;
  readonly origin: 'file' | 'page';
}

/** How it measures, in the order in which somebody looks for a fault; what is wrong from a value on. */
const health: readonly { readonly id: string; readonly words: string; readonly isBad?: (value: number) => string }[] = [
  { id: 'sample_rate', words: 'Samples that came' },
  { id: 'missed_samples', words: 'Missed', isBad: (count) => (count > 0 ? 'the machine was busy, or the line too slow' : '') },
  { id: 'spoiled_samples', words: 'Spoiled on the way', isBad: (count) => (count > 0 ? 'look at the length of its cable' : '') },
  { id: 'saturated_samples', words: 'At the end of its scale', isBad: (count) => (count > 0 ? 'it was knocked, or a wire is loose' : '') },
  { id: 'noise_floor', words: 'Noise while nothing moves' },
  { id: 'undervoltage', words: 'Supply', isBad: (is) => (is > 0 ? 'too low: use the Pi’s own power supply' : '') },
  { id: 'battery', words: 'Battery', isBad: (percent) => (percent < 10 ? 'nearly empty' : '') },
  { id: 'signal_strength', words: 'Radio' },
];
const correctable = ['pm2_5', 'pm10', 'co2', 'temperature', 'humidity', 'pressure'];
const LOOK_EVERY_MS = 10_000;

class DeviceView extends LoadedView {
  declare device: string;
  private found: Device | undefined;
  private newest: readonly Measurement[] = [];
  private quantities: ReadonlyMap<string, Quantity> = new Map();
  private corrections: readonly Correction[] = [];
  private timer = 0;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.clearTimeout(this.timer);
  }

  protected async load(): Promise<void> {
    const [devices, latest, quantities, corrections] = await Promise.all([
      call<Device[]>('GET', 'devices'),
      call<Measurement[]>('GET', 'latest'),
      this.quantities.size > 0 ? undefined : call<Quantity[]>('GET', 'quantities'),
      call<Correction[]>('GET', 'corrections'),
    ]);
    this.found = devices.find(({ id }) => id === this.device);
    this.newest = latest;
    if (quantities !== undefined) this.quantities = new Map(quantities.map((one) => [one.id, one]));
    this.corrections = corrections.filter(({ device }) => device === this.device);
    window.clearTimeout(this.timer);
    if (this.isConnected) this.timer = window.setTimeout(() => void this.reload(), LOOK_EVERY_MS);
  }

  private of(quantity: string, device = this.device): Measurement | undefined {
    return this.newest.find((one) => one.quantity === quantity && one.device === device);
  }

  private amount({ quantity: id, value }: Measurement): string {
    const { decimals, unit } = this.quantities.get(id)!;
    return `${valueText(value, decimals)} ${unitWord(unit)}`.trim();
  }

  private howWell(device: Device): TemplateResult {
    const rows = health.flatMap((row) => {
      const measured = this.of(row.id);
      return measured === undefined ? [] : [{ ...row, measured, bad: row.isBad?.(measured.value) ?? '' }];
    });
    return html`
      <section class="card" aria-labelledby="well-title"><h2 id="well-title">${pictogram('technical')} How well it measures</h2>
        <p class="quiet small">${categoryName('technical')}</p>
        ${device.message === '' ? nothing : html`<p class=${toneOf(device)}>${device.message}</p>`}
        ${
          rows.length === 0
            ? html`<p class="quiet">It says a minute after it starts, and each ten minutes.</p>`
            : html`<table class="small"><tbody>${rows.map(({ id, words, measured, bad }) => {
                const minutes = Math.round((Date.parse(measured.end) - Date.parse(measured.start)) / 60_000);
                const value = id === 'undervoltage' ? (measured.value > 0 ? 'too low' : 'as it should be') : this.amount(measured);
                return html`<tr data-health=${id}><th scope="row">${words}</th><td>${value}</td>
                  <td class="quiet">${minutes > 0 ? `in ${minutes} min, ` : ''}${ago(Date.parse(measured.end), hubNow())}${bad === '' ? nothing : html` · <span class="alarm">${bad}</span>`}</td></tr>`;
              })}</tbody></table>`
        }
        ${device.firmware === '' ? nothing : html`<p class="quiet small">Firmware ${device.firmware}</p>`}
      </section>`;
  }

  private values(device: Device): TemplateResult {
    const measured = device.quantities.flatMap((id) => {
      const quantity = this.quantities.get(id);
      const newest = this.of(id);
      return quantity === undefined || quantity.category === 'technical' || newest === undefined ? [] : [{ quantity, newest }];
    });
    return html`
      <section class="card" aria-labelledby="values-title"><h2 id="values-title">What it measures</h2>
        ${
          measured.length === 0
            ? html`<p class="quiet">Nothing of yours or of the home’s so far.</p>`
            : html`<ul class="devices">${measured.map(
                ({ quantity, newest }) => html`<li><div>${pictogram(quantity.category)} <strong>${labelWord(quantity.label)}</strong>
                  <span class="quiet small">${categoryName(quantity.category)} · ${ago(Date.parse(newest.end), hubNow())}</span>
                  ${correctable.includes(quantity.id) ? this.correction(quantity) : nothing}
                  ${quantity.id === 'co2' && device.kind === 'home' ? this.knownAir() : nothing}</div>
                <span class="amount">${this.amount(newest)}</span></li>`,
              )}</ul>`
        }
      </section>`;
  }

  private correction({ id, unit }: Quantity): TemplateResult {
    const now = this.corrections.find(({ quantity }) => quantity === id);
    const said = this.of(`${id}_uncorrected`, `${this.device}~uncorrected`);
    const path = `devices/${encodeURIComponent(this.device)}/corrections/${id}`;
    const set = (event: SubmitEvent): void => {
      event.preventDefault();
      const offset = Number(new FormData(event.target as HTMLFormElement).get('offset'));
      void this.act(() => call('PUT', path, { by: 'offset', offset }), 'Corrected from now on, everywhere alike.');
    };
    const epa = (): void => void this.act(() => call('PUT', path, { by: 'epa-humidity' }), 'Corrected from now on, everywhere alike.');
    const none = (): void => void this.act(() => call('DELETE', path), 'Shown as the sensor says it, from now on.');
    return html`
      <p class="small" data-correction=${id}>${
        now === undefined
          ? 'Shown as the sensor says it.'
          : html`Corrected: ${now.words.replace(unit, unitWord(unit))}${said === undefined ? '' : `; the sensor said ${this.amount(said)}`}.
            ${now.origin === 'file' ? html`<span class="quiet">Set in hearth.yaml.</span>` : nothing}`
      }</p>
      ${
        now?.origin === 'file'
          ? nothing
          : html`<details class="small"><summary>Correct it</summary>
            <form class="fields" @submit=${set}>
              <label>Add to each value, ${unitWord(unit)} <input name="offset" type="number" min="-1000" max="1000" step="any" required inputmode="decimal" .value=${String(now?.offset ?? '')}></label>
              <button>Correct by this</button>
            </form>
            <div class="row">
              ${id === 'pm2_5' && now?.by !== 'epa-humidity' ? html`<button @click=${epa}>For humidity, as the US EPA does</button>` : nothing}
              ${now === undefined ? nothing : html`<button @click=${none}>Do not correct it</button>`}
            </div></details>`
      }`;
  }

  private knownAir(): TemplateResult {
    const tell = (event: SubmitEvent): void => {
      event.preventDefault();
      const co2Ppm = Number(new FormData(event.target as HTMLFormElement).get('known'));
      void this.act(() => call('POST', `devices/${encodeURIComponent(this.device)}/recalibrate`, { co2Ppm }), 'It was told.');
    };
    return html`<details class="small"><summary>Set it in known air</summary>
      <form class="fields" @submit=${tell}>
        <label>What the air there holds, ppm <span class="quiet small">420 outdoors, or by a wide open window; three minutes in it first</span>
          <input name="known" type="number" min="400" max="2000" required inputmode="numeric" .value=${'420'}></label>
        <button>Take this air for that</button>
      </form></details>`;
  }

  protected content(): TemplateResult {
    const device = this.found;
    if (device === undefined) return html`<p class="quiet">No device is called ${this.device}.</p>`;
    const forget = (): void =>
      void this.act(
        () => call('DELETE', `devices/${encodeURIComponent(device.id)}`),
        `${device.name} is off the list until it is heard again.`,
      );
    const seen = device.lastSeen === null ? 'never seen' : moment(Date.parse(device.lastSeen), hubNow());
    return html`
      <h2>${device.name}</h2>
      <p class="quiet">${device.connected ? 'connected' : 'away'}, last heard ${seen}</p>
      ${device.connected ? nothing : html`<p><button @click=${forget}>It is gone: take it off the list</button> <span class="quiet small">What it measured stays.</span></p>`}
      ${this.howWell(device)} ${this.values(device)}
      ${device.quantities.includes('load_cell_counts') ? html`<p><a class="button" href="#/calibrate/${encodeURIComponent(device.id)}">Calibrate it</a></p>` : nothing}
    `;
  }
}
customElements.define('device-view', DeviceView);
