/** The home at a glance: values, camera, devices, and the way to take everything along. */
import { html, nothing, type TemplateResult } from 'lit';
import { hubNow } from '../api.ts';
import { PageElement } from '../element.ts';
import { type Home, openHome } from '../home.ts';
import { ago } from '../words.ts';
import './camera-card.ts';
import './device-list.ts';
import './sync-card.ts';
import './value-card.ts';
import './wifi-card.ts';

class HomeView extends PageElement {
  owner = '';
  signOut: () => void = () => undefined;
  private home: Home | undefined;
  private stop: () => void = () => undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.home = openHome();
    this.stop = this.home.onChange(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
    this.home?.close();
  }

  protected override render(): TemplateResult {
    const { home } = this;
    if (home === undefined || (home.heardMs === 0 && home.trouble === undefined))
      return html`<p class="starting" role="status">Looking around…</p>`;
    return html`
      <header class="top">
        <img src="/page/hearth.svg" alt="" width="32" height="32" />
        <h1>${this.owner === '' ? 'Home' : `${this.owner}’s home`}</h1>
        <button @click=${this.signOut}>Sign out</button>
      </header>
      ${
        home.online
          ? nothing
          : html`<p class="banner" role="alert"><strong>${home.trouble?.message ?? ''}</strong> ${home.trouble?.remedy ?? ''}
              ${home.heardMs === 0 ? '' : `Values are as of ${ago(home.heardMs, hubNow())}.`}</p>`
      }
      <main class="cards">
        <value-card class="wide" .home=${home} .quantityId=${'weight'} .empty=${'Step on the scale: your weight appears here.'}></value-card>
        <value-card .home=${home} .quantityId=${'steps'} .isSum=${true} .empty=${'Steps are counted as somebody walks.'}></value-card>
        <camera-card class="wide tall" .home=${home}></camera-card>
        <value-card .home=${home} .quantityId=${'co2'} .empty=${'The first breath of air takes a few seconds.'}></value-card>
        <value-card .home=${home} .quantityId=${'temperature'} .empty=${'Waiting for the air sensor.'}></value-card>
        <value-card .home=${home} .quantityId=${'humidity'} .empty=${'Waiting for the air sensor.'}></value-card>
        <device-list class="wide" .home=${home}></device-list>
        <wifi-card class="wide"></wifi-card>
        <sync-card class="wide"></sync-card>
        <section class="card across" aria-labelledby="take-along">
          <h2 id="take-along">Take everything along</h2>
          <p class="quiet">All measurements of this home, with unit, category, time and device.</p>
          <p class="row">
            <a class="button" href="/api/v1/export?format=csv" download>CSV</a>
            <a class="button" href="/api/v1/export?format=json" download>JSON</a>
          </p>
        </section>
      </main>
    `;
  }
}
customElements.define('home-view', HomeView);
