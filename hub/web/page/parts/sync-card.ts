/** Where measurements go besides this hub, and how far each target is. */
import { html, nothing, type TemplateResult } from 'lit';
import { call, explain, hubNow } from '../api.ts';
import { PageElement, whileShown } from '../element.ts';
import type { SyncTarget } from '../shapes.ts';
import { ago } from '../words.ts';

/** A household looks at it now and then; nobody watches it. */
const LOOK_MS = 10_000;

export const dots: Readonly<Record<SyncTarget['state'], string>> = {
  synced: 'running',
  behind: 'starting',
  down: 'away',
  refused: 'fault',
  paused: 'away',
  leaving: 'starting',
};
export const kindWords: Readonly<Record<string, string>> = {
  edge: 'regional edge',
  mqtt: 'MQTT, Home Assistant',
  influx: 'InfluxDB',
  webhook: 'webhook',
  file: 'files',
};

/** How a target is, in a line. */
export function stateWords({ state, lag, lastSent }: SyncTarget): string {
  const sent = lastSent === null ? '' : ` · sent ${ago(Date.parse(lastSent), hubNow())}`;
  switch (state) {
    case 'synced':
      return `up to date${sent}`;
    case 'behind':
      return `${lag} to go${sent}`;
    case 'paused':
      return `paused · ${lag} wait here`;
    case 'leaving':
      return 'deletes what it has, then goes';
    case 'down':
      return `not reached · ${lag} wait here`;
    case 'refused':
      return `needs you · ${lag} wait here`;
  }
}

class SyncCard extends PageElement {
  private targets: readonly SyncTarget[] | undefined;
  private trouble = '';
  private readonly look = whileShown(
    this,
    () => this.load(),
    () => LOOK_MS,
  );

  private async load(): Promise<void> {
    try {
      this.targets = await call<SyncTarget[]>('GET', 'sync');
      this.trouble = '';
    } catch (error) {
      const { message, remedy } = explain(error);
      this.trouble = `${message} ${remedy}`;
    }
  }

  private readonly retry = async (name: string): Promise<void> => {
    try {
      await call('POST', `sync/${encodeURIComponent(name)}/retry`, {});
    } catch (error) {
      const { message, remedy } = explain(error);
      this.trouble = `${message} ${remedy}`;
    }
    await this.look();
  };

  private item(target: SyncTarget): TemplateResult {
    const { name, kind, state, lastError, setAside, region, says, origin } = target;
    const isOwn = origin === 'hub';
    return html`
      <li>
        <span class="dot ${dots[state]}" aria-hidden="true"></span>
        <div>
          <strong>${isOwn ? 'This hub’s own edge' : name}</strong>
          <span class="quiet small">${isOwn ? 'at home' : `${kindWords[kind] ?? kind}${region === 'home' ? '' : `, ${region}`}`} · ${stateWords(target)}</span>
          ${lastError === '' ? nothing : html`<p class="alarm small">${lastError}</p>`}
          ${setAside === 0 ? nothing : html`<p class="alarm small">${setAside} set aside: it did not take them.</p>`}
          ${isOwn ? nothing : html`<p class="quiet small">${says}</p>`}
        </div>
        ${state === 'paused' || state === 'leaving' || (state === 'synced' && setAside === 0) ? nothing : html`<button @click=${() => this.retry(name)}>Try now</button>`}
      </li>
    `;
  }

  protected override render(): TemplateResult {
    const { targets, trouble } = this;
    const others = targets?.some(({ origin }) => origin !== 'hub') ?? false;
    return html`
      <section class="card" aria-labelledby="sync-title">
        <h2 id="sync-title">Where it goes</h2>
        ${trouble === '' ? nothing : html`<p class="alarm small" role="alert">${trouble}</p>`}
        ${targets === undefined ? html`<p class="quiet">Looking…</p>` : html`<ul class="devices">${targets.map((target) => this.item(target))}</ul>`}
        ${targets === undefined || others ? nothing : html`<p class="quiet small">Nothing leaves this home until you say so.</p>`}
        <p class="row"><a class="button" href="#/targets">What may go where…</a></p>
      </section>
    `;
  }
}
customElements.define('sync-card', SyncCard);
