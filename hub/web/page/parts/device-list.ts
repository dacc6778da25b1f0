/** What measures here, how it is, and the zero of a scale. */
import { html, nothing, type TemplateResult } from 'lit';
import { call, explain, hubNow } from '../api.ts';
import { PageElement } from '../element.ts';
import type { Home } from '../home.ts';
import type { Device } from '../shapes.ts';
import { ago, toneOf } from '../words.ts';

const stateWords: Readonly<Record<Device['state'], string>> = {
  starting: 'starting',
  running: 'connected',
  fault: 'needs you',
  away: 'away',
};

const plateWords = {
  ready: 'ready: step on',
  occupied: 'somebody is on it',
  unsettled: 'waiting until the plate is empty and still',
} as const;

class DeviceList extends PageElement {
  declare home: Home;
  private notes = new Map<string, string>();

  private readonly tare = async (device: Device): Promise<void> => {
    try {
      await call('POST', `devices/${encodeURIComponent(device.id)}/tare`, {});
      this.notes.set(device.id, 'Zero set.');
    } catch (error) {
      const { message, remedy } = explain(error);
      this.notes.set(device.id, `${message} ${remedy}`);
    }
    this.requestUpdate();
  };

  private stop: () => void = () => undefined;
  override connectedCallback(): void {
    super.connectedCallback();
    this.stop = this.home.onChange(() => this.requestUpdate());
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
  }

  private item(device: Device): TemplateResult {
    const seen = device.lastSeen === null ? 'never seen' : `seen ${ago(Date.parse(device.lastSeen), hubNow())}`;
    const state = device.connected ? device.state : 'away';
    return html`
      <li>
        <span class="dot ${state}" aria-hidden="true"></span>
        <div>
          <a href="#/device/${encodeURIComponent(device.id)}"><strong>${device.name}</strong></a> <span class="quiet small">${stateWords[state]}${device.connected ? '' : ` · ${seen}`}</span>
          ${device.plate === undefined || state !== 'running' ? nothing : html`<span class="quiet small" data-plate=${device.plate}>· ${plateWords[device.plate]}</span>`}
          ${device.message === '' ? nothing : html`<p class="${toneOf(device)} small">${device.message}</p>`}
          ${this.notes.has(device.id) ? html`<p class="quiet small" role="status">${this.notes.get(device.id)}</p>` : nothing}
        </div>
        ${device.kind === 'scale' ? html`<button ?disabled=${!device.connected} @click=${() => this.tare(device)}>Set zero</button>` : nothing}
        ${device.quantities.includes('load_cell_counts') ? html`<a class="small" href="#/calibrate/${encodeURIComponent(device.id)}">Calibrate</a>` : nothing}
      </li>
    `;
  }

  protected override render(): TemplateResult {
    const devices = [...this.home.devices.values()].sort((a, b) => a.name.localeCompare(b.name));
    return html`
      <section class="card" aria-labelledby="devices-title">
        <h2 id="devices-title">Devices</h2>
        ${devices.length === 0 ? html`<p class="quiet">No device yet. Plug one in: it shows up here by itself.</p>` : html`<ul class="devices">${devices.map((device) => this.item(device))}</ul>`}
      </section>
    `;
  }
}
customElements.define('device-list', DeviceList);
