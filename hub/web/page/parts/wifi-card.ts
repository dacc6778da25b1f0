/** The hub's Wi-Fi: what it is in, what is in reach, and joining, preferring and forgetting a network. */
import { html, nothing, type TemplateResult } from 'lit';
import { call, explain } from '../api.ts';
import { PageElement, whileShown } from '../element.ts';
import type { Wifi, WifiNetwork } from '../shapes.ts';

/** Slow enough for an old Pi, soon enough for a person who waits. */
const LOOK_MS = 10_000;
const JOINING_LOOK_MS = 1500;

class WifiCard extends PageElement {
  private state: Wifi | undefined;
  private networks: readonly WifiNetwork[] | undefined;
  private trouble: { message: string; remedy: string } | undefined;
  private isBusy = false;
  /** Whose password is asked for; an empty name: one that hides. */
  private chosen: { readonly name: string; readonly needsPassword: boolean } | undefined;
  private readonly look = whileShown(
    this,
    () => this.load(),
    () => (this.state?.lastJoin?.kind === 'joining' ? JOINING_LOOK_MS : LOOK_MS),
  );

  private async load(): Promise<void> {
    try {
      this.state = await call<Wifi>('GET', 'wifi');
    } catch (error) {
      // The hotspot goes away while the hub joins: what was shown stays.
      if (this.state === undefined) this.trouble = explain(error);
    }
  }

  private async act(work: () => Promise<unknown>): Promise<void> {
    this.isBusy = true;
    this.trouble = undefined;
    this.requestUpdate();
    try {
      await work();
    } catch (error) {
      this.trouble = explain(error);
    }
    this.isBusy = false;
    await this.look();
  }

  private readonly scan = (): Promise<void> =>
    this.act(async () => {
      this.networks = await call<WifiNetwork[]>('GET', 'wifi/networks');
    });
  private readonly join = (name: string, passphrase: string, hidden: boolean): Promise<void> =>
    this.act(async () => {
      await call('POST', 'wifi/join', { name, passphrase, hidden });
      this.chosen = undefined;
    });
  private readonly tell = (what: 'forget' | 'prefer', name: string): Promise<void> =>
    this.act(() => call('POST', `wifi/${what}`, { name }));

  private readonly submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    const isHidden = this.chosen?.name === '';
    void this.join(
      isHidden ? String(fields.get('network') ?? '') : (this.chosen?.name ?? ''),
      String(fields.get('passphrase') ?? ''),
      isHidden,
    );
  };

  private choose(name: string, needsPassword: boolean): void {
    this.chosen = { name, needsPassword };
    this.requestUpdate();
    void this.updateComplete.then(() => this.querySelector<HTMLInputElement>('form input')?.focus());
  }

  private form(): TemplateResult {
    const { name = '', needsPassword = true } = this.chosen ?? {};
    return html`
      <form class="inline" @submit=${this.submit}>
        ${name === '' ? html`<label>Name of the network<input name="network" required maxlength="32" autocomplete="off" /></label>` : nothing}
        ${
          needsPassword
            ? html`<label>Password${name === '' ? '' : ` of ${name}`}<input name="passphrase" type="password" maxlength="64"
                ?required=${name !== ''} autocomplete="off" /></label>`
            : nothing
        }
        <p class="row">
          <button type="submit" class="primary" ?disabled=${this.isBusy}>Join</button>
          <button type="button" @click=${() => {
            this.chosen = undefined;
            this.requestUpdate();
          }}>Cancel</button>
        </p>
      </form>
    `;
  }

  private network(network: WifiNetwork): TemplateResult {
    const { name, signal, security, isConnected, unsupported } = network;
    const needsPassword = security !== 'open' && security !== 'owe';
    const protection = needsPassword ? '' : security === 'open' ? ' · open: others can listen' : ' · no password';
    return html`
      <li>
        <div>
          <strong>${name === '' ? 'A hidden network' : name}</strong>
          <span class="quiet small">signal ${signal} %${protection}${isConnected ? ' · connected' : ''}</span>
          ${unsupported === '' ? nothing : html`<p class="quiet small">${unsupported}</p>`}
          ${this.chosen !== undefined && this.chosen.name === name && name !== '' ? this.form() : nothing}
        </div>
        ${
          isConnected || unsupported !== '' || name === '' || this.chosen?.name === name
            ? nothing
            : html`<button ?disabled=${this.isBusy} aria-label=${`Join ${name}`} @click=${() => this.choose(name, needsPassword)}>Join</button>`
        }
      </li>
    `;
  }

  private now(state: Wifi): TemplateResult {
    if (state.lastJoin?.kind === 'joining') return html`<p role="status">Joining <strong>${state.lastJoin.network}</strong>…</p>`;
    return html`
      ${
        state.kind === 'connected'
          ? html`<p><strong>${state.network}</strong> <span class="quiet small">signal ${state.signal} %${state.connectivity === 'full' ? ' · internet' : ''}</span></p>`
          : nothing
      }
      ${state.message === '' ? nothing : html`<p class="quiet" role="status">${state.message} ${state.remedy}</p>`}
      ${
        state.lastJoin?.kind === 'failed'
          ? html`<p class="alarm" role="alert"><strong>${state.lastJoin.network}:</strong> ${state.lastJoin.message} ${state.lastJoin.remedy}</p>`
          : nothing
      }
    `;
  }

  private known(state: Wifi): TemplateResult | typeof nothing {
    const others = state.known.filter(({ name }, index) => state.known.findIndex((one) => one.name === name) === index);
    if (others.length === 0) return nothing;
    return html`
      <h3>Known networks</h3>
      <ul class="devices">
        ${others.map(
          ({ name }, index) => html`<li>
            <div><strong>${name}</strong></div>
            ${index === 0 ? nothing : html`<button ?disabled=${this.isBusy} aria-label=${`Prefer ${name}`} @click=${() => this.tell('prefer', name)}>Prefer</button>`}
            <button ?disabled=${this.isBusy} aria-label=${`Forget ${name}`} @click=${() => this.tell('forget', name)}>Forget</button>
          </li>`,
        )}
      </ul>
    `;
  }

  protected override render(): TemplateResult {
    const { state } = this;
    const isUsable = state !== undefined && state.kind !== 'unusable';
    return html`
      <section class="card" aria-labelledby="wifi-title">
        <h2 id="wifi-title">Wi-Fi</h2>
        ${state === undefined ? html`<p class="quiet">${this.trouble === undefined ? 'Looking…' : ''}</p>` : this.now(state)}
        ${this.trouble === undefined ? nothing : html`<p class="alarm" role="alert">${this.trouble.message} ${this.trouble.remedy}</p>`}
        ${
          isUsable
            ? html`
                ${
                  this.networks === undefined
                    ? nothing
                    : this.networks.length === 0
                      ? html`<p class="quiet">No network is in reach.</p>`
                      : html`<ul class="devices">${this.networks.map((network) => this.network(network))}</ul>`
                }
                ${this.chosen?.name === '' ? this.form() : nothing}
                <p class="row">
                  <button ?disabled=${this.isBusy} @click=${this.scan}>${this.isBusy ? 'Working…' : 'Look for networks'}</button>
                  <button ?disabled=${this.isBusy} @click=${() => this.choose('', true)}>Hidden network…</button>
                </p>
                ${this.known(state)}
              `
            : nothing
        }
      </section>
    `;
  }
}
customElements.define('wifi-card', WifiCard);
