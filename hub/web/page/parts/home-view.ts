/** The home at a glance: values, camera, devices, and the way to take everything along. */
import { html, nothing, type TemplateResult } from 'lit';
import { needAgain } from '../again.ts';
import { call, hubNow } from '../api.ts';
import { PageElement } from '../element.ts';
import { firstView } from '../first-view.ts';
import { type Home, openHome } from '../home.ts';
import type { Session } from '../shapes.ts';
import { views } from '../views.ts';
import type { View } from '../whep.ts';
import { ago } from '../words.ts';
import './bluetooth-card.ts';
import './camera-card.ts';
import './device-list.ts';
import './more-values.ts';
import './notice-list.ts';
import './sync-card.ts';
import './value-card.ts';
import './wifi-card.ts';

/** Quantities with a card of their own. */
const carded = ['weight', 'steps', 'co2', 'temperature', 'humidity'];

class HomeView extends PageElement {
  declare session: Session;
  private waiting = 0;
  private isLocked = false;
  signOut: () => void = () => undefined;
  private home: Home | undefined;
  private stop: () => void = () => undefined;
  /** Asked for before anything else, since it takes longest. */
  private firstView: View | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.livesHere) this.firstView = firstView();
    this.home = openHome();
    this.stop = this.home.onChange(() => this.requestUpdate());
    if (this.livesHere) void this.look();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
    this.home?.close();
    // Closed again where the card took it: that harms nothing.
    this.firstView?.close();
  }

  private get livesHere(): boolean {
    return this.session.standing === 'owner' || this.session.standing === 'member';
  }

  private async look(): Promise<void> {
    this.waiting = (await call<unknown[]>('GET', 'inbox').catch(() => [])).length;
    this.isLocked = (await call<{ state: string }>('GET', 'protect').catch(() => undefined))?.state === 'locked';
    this.requestUpdate();
  }

  /** The second secret is asked before the download begins, which could not ask by itself. */
  private readonly takeAlong = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { href } = event.currentTarget as HTMLAnchorElement;
    await needAgain().then(
      () => location.assign(href),
      () => undefined,
    );
  };

  private nav(): TemplateResult {
    const top = views.filter(({ listed, standings }) => listed === 'top' && standings.some((one) => one === this.session.standing));
    return html`<nav aria-label="Pages">
      ${top.map(({ at, title }) => html`<a class="button" href=${at}>${title}${at === '#/inbox' && this.waiting > 0 ? html`<span class="count" aria-label="${this.waiting} waiting">${this.waiting}</span>` : nothing}</a>`)}
    </nav>`;
  }

  protected override render(): TemplateResult {
    const { home } = this;
    const owner = this.session.name ?? '';
    if (home === undefined || (home.heardMs === 0 && home.trouble === undefined))
      return html`<p class="starting" role="status">Looking around…</p>`;
    return html`
      <header class="top">
        <img src="/page/hearth.svg" alt="" width="32" height="32" />
        <h1>${owner === '' ? 'Home' : `${owner}’s home`}</h1>
        ${this.nav()}
        <button @click=${this.signOut}>Sign out</button>
      </header>
      ${
        home.online
          ? nothing
          : html`<p class="banner" role="alert"><strong>${home.trouble?.message ?? ''}</strong> ${home.trouble?.remedy ?? ''}
              ${home.heardMs === 0 ? '' : `Values are as of ${ago(home.heardMs, hubNow())}.`}</p>`
      }
      <notice-list></notice-list>
      ${
        this.isLocked
          ? html`<p class="banner" role="status">Your vault is locked: your own values are not shown. What is measured is kept for you, sealed. <a href="#/you/protect">Unlock it</a></p>`
          : nothing
      }
      <main class="cards">
        <value-card class="wide" .home=${home} .quantityId=${'weight'} .empty=${'Step on the scale: your weight appears here.'}></value-card>
        <value-card .home=${home} .quantityId=${'steps'} .isSum=${true} .empty=${'Steps are counted as somebody walks.'}></value-card>
        ${home.camera === undefined ? nothing : html`<camera-card class="wide tall" .home=${home} .first=${this.firstView} .person=${this.session.id} .isGuest=${!this.livesHere}></camera-card>`}
        <value-card .home=${home} .quantityId=${'co2'} .empty=${'The first breath of air takes a few seconds.'}></value-card>
        <value-card .home=${home} .quantityId=${'temperature'} .empty=${'Waiting for the air sensor.'}></value-card>
        <value-card .home=${home} .quantityId=${'humidity'} .empty=${'Waiting for the air sensor.'}></value-card>
        ${this.livesHere ? html`<device-list class="wide" .home=${home}></device-list>` : nothing}
        ${this.livesHere ? html`<bluetooth-card class="wide" .home=${home}></bluetooth-card>` : nothing}
        ${this.livesHere ? html`<wifi-card class="wide"></wifi-card>` : nothing}
        ${this.livesHere ? html`<sync-card class="wide"></sync-card>` : nothing}
        <more-values class="full" .home=${home} .shown=${carded}></more-values>
        <section class="card across" aria-labelledby="take-along">
          <h2 id="take-along">Take everything along</h2>
          <p class="quiet">All measurements of this home, with unit, category, time and device.</p>
          <p class="row">
            <a class="button" href="/api/v1/export?format=csv" download @click=${this.takeAlong}>CSV</a>
            <a class="button" href="/api/v1/export?format=json" download @click=${this.takeAlong}>JSON</a>
          </p>
        </section>
      </main>
    `;
  }
}
customElements.define('home-view', HomeView);
