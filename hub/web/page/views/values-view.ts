/** One's values, one quantity at a time: change, take out, look at the history, and enter what is missing. */
import { html, nothing, type TemplateResult } from 'lit';
import { call, hubNow } from '../api.ts';
import { categoryTag, pictogram } from '../pictograms.ts';
import type { Device, Measurement, Quantity, Session } from '../shapes.ts';
import { labelWord, moment, unitWord, valueText } from '../words.ts';
import { LoadedView } from './loaded.ts';

interface History {
  readonly values: readonly { readonly at: string; readonly by: string; readonly value: number | null }[];
  readonly computed: { readonly algorithm: string; readonly version: string } | null;
}
interface Followed {
  readonly recomputed: readonly object[];
  readonly removed: readonly object[];
}

const SHOWN = 60;
const SPAN_MS = 90 * 86_400_000;

function wordsOf({ recomputed, removed }: Followed): string {
  const words = [
    ...(recomputed.length > 0 ? [`${recomputed.length} computed again`] : []),
    ...(removed.length > 0 ? [`${removed.length} taken out, since they no longer follow`] : []),
  ];
  return words.length === 0 ? 'Changed.' : `Changed; of what was computed from it: ${words.join(', ')}.`;
}

class ValuesView extends LoadedView {
  declare session: Session;
  private quantities: readonly Quantity[] = [];
  private devices: readonly Device[] = [];
  private chosen = 'weight';
  private rows: readonly Measurement[] = [];
  private editing: number | undefined;
  private history: { readonly seq: number; readonly of: History } | undefined;

  protected async load(): Promise<void> {
    if (this.quantities.length === 0) {
      this.devices = await call<Device[]>('GET', 'devices');
      this.quantities = (await call<Quantity[]>('GET', 'quantities')).filter(
        ({ category }) => category === 'body' || category === 'activity',
      );
    }
    const from = new Date(hubNow() - SPAN_MS).toISOString();
    const all = await call<Measurement[]>('GET', `measurements?subject=${this.session.id}&quantity=${this.chosen}&from=${from}&limit=1000`);
    this.rows = [...all].sort((a, b) => Date.parse(b.end) - Date.parse(a.end)).slice(0, SHOWN);
  }

  private readonly choose = (event: Event): void => {
    this.chosen = (event.target as HTMLSelectElement).value;
    this.editing = undefined;
    this.history = undefined;
    void this.reload();
  };

  private change(event: SubmitEvent, seq: number): void {
    event.preventDefault();
    const value = Number(new FormData(event.target as HTMLFormElement).get('value'));
    this.editing = undefined;
    let said = '';
    const work = async (): Promise<void> => {
      said = wordsOf(await call<Followed>('PUT', `measurements/${seq}?subject=${this.session.id}`, { value }));
    };
    void this.act(work).then(() => {
      if (this.trouble === '') this.note = said;
      this.requestUpdate();
    });
  }

  private takeOut(seq: number): void {
    if (!window.confirm('Take this value out? Nothing of it is left, here and wherever it was sent.')) return;
    void this.act(
      () => call('POST', `measurements/removal?subject=${this.session.id}`, { seqs: [seq] }),
      'It is taken out, with what was computed from it.',
    );
  }

  private readonly add = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const fields = new FormData(form);
    const at = String(fields.get('at') ?? '');
    const body = { quantity: this.chosen, value: Number(fields.get('value')), ...(at === '' ? {} : { at: new Date(at).toISOString() }) };
    void this.act(() => call('POST', `measurements?subject=${this.session.id}`, body), 'It is kept.');
    form.reset();
  };

  private async showHistory(seq: number): Promise<void> {
    this.history = { seq, of: await call<History>('GET', `measurements/${seq}/history?subject=${this.session.id}`) };
    this.requestUpdate();
  }

  /** A computed value's device is `DEVICE~ALGORITHM`. */
  private deviceName(id: string): string {
    if (id === 'by-hand') return 'entered by hand';
    const [own = '', algorithm] = id.split('~');
    const name = this.devices.find((one) => one.id === own)?.name ?? own;
    return algorithm === undefined ? name : `computed from ${name}`;
  }

  /** The hub says `device:ID`, or who it was in words. */
  private whoDid(by: string): string {
    if (by === 'device:by-hand') return 'hand';
    return by.startsWith('device:') ? this.deviceName(by.slice('device:'.length)) : by;
  }

  private row({ seq, value, end, device, flag }: Measurement, quantity: Quantity): TemplateResult {
    const nowMs = hubNow();
    const { history } = this;
    return html`<li>
      <div>
        ${pictogram(quantity.category)} <span class="number">${valueText(value, quantity.decimals)}</span> ${unitWord(quantity.unit)}
        <span class="quiet small"><time datetime=${end}>${moment(Date.parse(end), nowMs)}</time> · ${this.deviceName(device)}${flag === 'ok' ? '' : ' · implausible'}</span>
        ${
          this.editing === seq
            ? html`<form class="row" @submit=${(event: SubmitEvent) => this.change(event, seq)}>
                <label>New value<input name="value" type="number" step="any" required min=${quantity.min} max=${quantity.max} .value=${value.toFixed(quantity.decimals)} /></label>
                <button class="primary" type="submit">Save</button>
              </form>`
            : nothing
        }
        ${
          history?.seq === seq
            ? html`<ul class="plain small">
                ${history.of.values.map(({ at, by, value: was }) => html`<li>${was === null ? 'no number' : valueText(was, quantity.decimals)} · ${moment(Date.parse(at), nowMs)}, by ${this.whoDid(by)}</li>`)}
                ${history.of.computed === null ? nothing : html`<li>Computed by ${history.of.computed.algorithm}, version ${history.of.computed.version}</li>`}
              </ul>`
            : nothing
        }
      </div>
      <div class="row">
        <button @click=${() => this.edit(seq)}>Change</button>
        <button @click=${() => this.takeOut(seq)}>Take out</button>
        <button @click=${() => this.showHistory(seq)}>History</button>
      </div>
    </li>`;
  }

  private edit(seq: number): void {
    this.editing = this.editing === seq ? undefined : seq;
    this.requestUpdate();
  }

  protected content(): TemplateResult {
    const quantity = this.quantities.find(({ id }) => id === this.chosen);
    if (quantity === undefined) return html`<p class="quiet">Nothing can be shown.</p>`;
    return html`
      <label class="field-line">What<select @change=${this.choose}>
        ${this.quantities.map(({ id, label }) => html`<option value=${id} ?selected=${id === this.chosen}>${labelWord(label)}</option>`)}
      </select></label>
      <form class="card fields" @submit=${this.add}>
        <h2>Enter a missing one</h2>
        <p>${categoryTag(quantity.category)}</p>
        <label>${labelWord(quantity.label)}, ${unitWord(quantity.unit)}<input name="value" type="number" step="any" required min=${quantity.min} max=${quantity.max} /></label>
        <label>When (now, if left empty)<input name="at" type="datetime-local" /></label>
        <button type="submit">Keep it</button>
      </form>
      ${
        this.rows.length === 0
          ? html`<p class="quiet">Nothing of this in the last three months.</p>`
          : html`<ul class="devices card">${this.rows.map((row) => this.row(row, quantity))}</ul>`
      }
    `;
  }
}
customElements.define('values-view', ValuesView);
