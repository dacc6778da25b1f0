/** The page's root: whether the hub is claimed, who is signed in, and then the home. */
import { html, nothing, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import { call, explain } from './api.ts';
import { PageElement } from './element.ts';
import { forgetFirstView } from './first-view.ts';
import './parts/home-view.ts';
import './parts/join-form.ts';
import './parts/look-form.ts';
import './parts/password-form.ts';
import './parts/view-frame.ts';
import './parts/wake-up-banner.ts';
import './parts/waiting-view.ts';
import './parts/wifi-card.ts';
import { retryAfterMs } from './retry.ts';
import type { Session } from './shapes.ts';
import { viewAt } from './views.ts';

class HearthApp extends PageElement {
  private session: Session | undefined;
  private trouble: { message: string; remedy: string } | undefined;
  private attempt = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    this.replaceChildren();
    window.addEventListener('hashchange', () => this.requestUpdate());
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      this.session = await call<Session>('GET', 'session');
      this.trouble = undefined;
      this.attempt = 0;
    } catch (error) {
      this.trouble = explain(error);
      window.setTimeout(() => void this.load(), retryAfterMs(this.attempt++));
    }
    this.requestUpdate();
  }

  private readonly signOut = async (): Promise<void> => {
    forgetFirstView();
    await call('DELETE', 'session').catch(() => undefined);
    await this.load();
  };

  private waking(): TemplateResult | typeof nothing {
    const { standing } = this.session ?? {};
    return standing === 'owner' || standing === 'member' ? html`<wake-up-banner></wake-up-banner>` : nothing;
  }

  protected override render(): TemplateResult {
    // Where the set-up hotspot leads: a hub without a network has nothing else to show yet.
    if (window.location.hash === '#/wifi')
      return html`<main class="door"><img src="/page/hearth.svg" alt="" width="56" height="56" /><h1>Bring the hub online</h1><wifi-card></wifi-card></main>`;
    const { hash } = location;
    if (hash.startsWith('#/look/')) return html`<look-form .token=${decodeURIComponent(hash.slice('#/look/'.length))}></look-form>`;
    if (this.session?.signedIn === true) {
      const found = viewAt(hash, this.session);
      // A key of its own makes each view a new element.
      if (found !== undefined)
        return html`${this.waking()}${keyed(`${found.view.at}/${found.rest}`, html`<view-frame .view=${found.view} .rest=${found.rest} .session=${this.session}></view-frame>`)}`;
      document.title = 'Hearth';
      if (this.session.standing === 'waiting') return html`<waiting-view .session=${this.session} .signOut=${this.signOut}></waiting-view>`;
      return html`${this.waking()}<home-view .session=${this.session} .signOut=${this.signOut}></home-view>`;
    }
    if (this.session !== undefined) {
      const done = (session: Session): void => {
        this.session = session;
        this.requestUpdate();
      };
      if (hash.startsWith('#/join/'))
        return html`<join-form .code=${decodeURIComponent(hash.slice('#/join/'.length))} .done=${done}></join-form>`;
      return html`<password-form .claimed=${this.session.claimed} .done=${done}></password-form>`;
    }
    return html`<p class="starting" role="status">${this.trouble === undefined ? 'Hearth is starting…' : `${this.trouble.message} ${this.trouble.remedy}`}</p>`;
  }
}
customElements.define('hearth-app', HearthApp);
