/** Calibrating a load cell: mass by mass, how far each is off the line, what a weight is uncertain by; versions, drift, old readings again. */
import { html, nothing, type TemplateResult } from 'lit';
import { call, hubNow } from '../api.ts';
import type { Session } from '../shapes.ts';
import { moment } from '../words.ts';
import { LoadedView } from './loaded.ts';

interface Version {
  readonly version: number;
  readonly date: string;
  readonly points: readonly { readonly massKg: number; readonly residualKg: number }[];
  readonly drift: { readonly referenceC: number; readonly kgPerC: number } | null;
  readonly uncertainty: readonly { readonly kg: number; readonly expandedKg: number }[];
}
interface State {
  readonly inUse: Version | null;
  readonly versions: readonly Version[];
  readonly session: {
    readonly points: readonly { readonly massKg: number }[];
    readonly awaitedKg: number | null;
    readonly preview: Version | null;
    readonly trouble: string;
  } | null;
}
interface Drift {
  readonly known: boolean;
  readonly because: string;
  readonly readings: number;
  readonly sigmaBeforeKg: number | null;
  readonly sigmaAfterKg: number | null;
  readonly kgPerC: number | null;
  readonly zeroShiftKg: number | null;
  readonly proposed: boolean;
  readonly automatic: boolean;
}
interface Revalued {
  readonly readings: readonly { readonly at: string; readonly beforeKg: number; readonly afterKg: number }[];
}

const LOOK_EVERY_MS = 700;
const grams = (kg: number): string => `${Math.round(kg * 1000) || 0} g`;

class CalibrateView extends LoadedView {
  declare session: Session;
  declare device: string;
  private state: State | undefined;
  private drift: Drift | undefined;
  private would: { readonly version: number; readonly found: Revalued } | undefined;
  private timer = 0;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.clearTimeout(this.timer);
  }

  private get path(): string {
    return `devices/${encodeURIComponent(this.device)}`;
  }

  protected async load(): Promise<void> {
    this.state = await call<State>('GET', `${this.path}/calibration`);
    this.drift ??= await call<Drift>('GET', `${this.path}/drift`);
    window.clearTimeout(this.timer);
    // Until the mass is at rest.
    if (this.isConnected && this.state.session?.awaitedKg != null) this.timer = window.setTimeout(() => void this.reload(), LOOK_EVERY_MS);
  }

  private readonly measure = (event: SubmitEvent): void => {
    event.preventDefault();
    const data = new FormData(event.target as HTMLFormElement);
    const massKg = Number(data.get('mass'));
    const toleranceKg = Number(data.get('tolerance') || 0) / 1000;
    void this.act(() => call('POST', `${this.path}/calibration/points`, { massKg, toleranceKg }));
  };

  private readonly finish = (): void =>
    void this.act(() => call('POST', `${this.path}/calibration`, {}), 'The scale weighs by this from now on.');
  private readonly cancel = (): void => void this.act(() => call('DELETE', `${this.path}/calibration`));
  private use(version: number): void {
    void this.act(() => call('POST', `${this.path}/calibration`, { version }), `The scale weighs by calibration ${version} again.`);
  }
  private readonly takeOff = (): void => {
    this.drift = undefined;
    void this.act(() => call('POST', `${this.path}/drift`), 'The drift is taken off from now on.');
  };
  private look(version: number): void {
    void this.act(async () => {
      const found = await call<Revalued>('POST', `${this.path}/revalue?subject=${this.session.id}`, { version, change: false });
      this.would = { version, found };
    });
  }
  private revalue(version: number): void {
    this.would = undefined;
    void this.act(
      () => call('POST', `${this.path}/revalue?subject=${this.session.id}`, { version }),
      'Your old readings were weighed again.',
    );
  }

  private quality({ points, drift, uncertainty }: Version): TemplateResult {
    return html`
      ${
        points.length === 0
          ? nothing
          : html`<table class="small">
            <thead><tr><th scope="col">Mass</th><th scope="col">Off the line by</th></tr></thead>
            <tbody>${points.map(({ massKg, residualKg }) => html`<tr><td>${massKg} kg</td><td>${grams(residualKg)}</td></tr>`)}</tbody>
          </table>`
      }
      ${drift === null ? nothing : html`<p class="small">Drift taken off: ${grams(drift.kgPerC)} for each °C beyond ${drift.referenceC.toFixed(1)} °C.</p>`}
      <p class="quiet small">${
        uncertainty.length === 0
          ? 'How uncertain a weight is, three masses or more would tell.'
          : `A weight is right within ${uncertainty.map(({ kg, expandedKg }) => `± ${grams(expandedKg)} at ${kg} kg`).join(', ')} (19 times of 20).`
      }</p>`;
  }

  private walk({ session }: State): TemplateResult {
    const awaited = session?.awaitedKg ?? null;
    if (awaited !== null) return html`<p role="status">Measuring ${awaited} kg: let go of it and wait until it is at rest…</p>`;
    const isFirst = (session?.points.length ?? 0) === 0;
    return html`
      <p>${isFirst ? 'Begin with nothing on the plate: 0 kg. Then lay on masses that you know, a light one and a heavy one at least.' : 'Lay the next mass in the middle of the plate and let go.'}</p>
      <form class="fields" @submit=${this.measure}>
        <label>Mass on the plate, kg <input name="mass" type="number" min="0" max="500" step="any" required .value=${isFirst ? '0' : ''} inputmode="decimal"></label>
        <label>Its tolerance, g <span class="quiet small">as its class or its maker says; empty when not known</span>
          <input name="tolerance" type="number" min="0" max="5000" step="any" inputmode="decimal"></label>
        <button class="primary">Measure it</button>
      </form>
      ${session?.preview == null ? nothing : this.quality(session.preview)}
      ${session != null && session.trouble !== '' ? html`<p class="quiet small">${session.trouble}.</p>` : nothing}
      ${isFirst ? nothing : html`<div class="row"><button class="primary" ?disabled=${session?.preview == null} @click=${this.finish}>Weigh by these masses</button><button @click=${this.cancel}>Give up</button></div>`}
    `;
  }

  private version(one: Version, inUse: Version | null): TemplateResult {
    const isUsed = one.version === inUse?.version;
    const would = this.would?.version === one.version ? this.would.found.readings : undefined;
    return html`<li>
      <div>
        <strong>Calibration ${one.version}</strong>
        <span class="quiet small">${one.date === '' ? 'no date' : moment(Date.parse(one.date), hubNow())}${isUsed ? ' · in use' : ''}</span>
        ${this.quality(one)}
        ${
          would === undefined
            ? nothing
            : would.length === 0
              ? html`<p role="status" class="small">None of your readings would change.</p>`
              : html`<p role="alert">${would.length} of your readings would change, the newest from ${would.at(-1)!.beforeKg.toFixed(2)} to ${would.at(-1)!.afterKg.toFixed(2)} kg. What they were stays in their history.</p>
                <div class="row"><button class="primary" @click=${() => this.revalue(one.version)}>Weigh them again</button></div>`
        }
        <div class="row">
          ${isUsed ? nothing : html`<button @click=${() => this.use(one.version)}>Weigh by this again</button>`}
          <button @click=${() => this.look(one.version)}>Weigh my old readings by this…</button>
        </div>
      </div>
    </li>`;
  }

  private drifts(drift: Drift | undefined): TemplateResult {
    if (drift?.known !== true) return html`<p class="quiet">Not known: ${drift?.because}.</p>`;
    return html`
      <p>With temperature and creep it scatters by ${grams(drift.sigmaBeforeKg!)}; with both taken off, by ${grams(drift.sigmaAfterKg!)}
        (${drift.readings} readings; ${grams(drift.kgPerC!)} for each °C; the zero moves by ${grams(drift.zeroShiftKg!)}).</p>
      ${
        drift.proposed
          ? html`<p class="quiet small">${drift.automatic ? 'The hub takes it off by itself at night, a week after the last calibration.' : 'This is more than the hub takes off by itself: look first whether something lies on the plate or a foot is loose.'}</p>
            <div class="row"><button @click=${this.takeOff}>Take it off now</button></div>`
          : html`<p class="quiet small">Taking it off would gain little.</p>`
      }`;
  }

  protected content(): TemplateResult {
    const { state, drift } = this;
    if (state === undefined) return html``;
    return html`
      <section class="card" aria-labelledby="walk-title"><h2 id="walk-title">Masses</h2>${this.walk(state)}</section>
      <section class="card" aria-labelledby="versions-title"><h2 id="versions-title">Calibrations so far</h2>
        ${state.versions.length === 0 ? html`<p class="quiet">None yet.</p>` : html`<ul class="devices">${state.versions.toReversed().map((one) => this.version(one, state.inUse))}</ul>`}
      </section>
      <section class="card" aria-labelledby="drift-title"><h2 id="drift-title">Drift of the empty plate</h2>
        ${this.drifts(drift)}
        <p class="quiet small">Whatever the empty plate reads when somebody steps on is taken off their weight.</p>
      </section>
    `;
  }
}
customElements.define('calibrate-view', CalibrateView);
