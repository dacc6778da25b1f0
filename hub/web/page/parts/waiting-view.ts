/** What a young person sees until their guardian has agreed. */
import { html, type TemplateResult } from 'lit';
import { PageElement } from '../element.ts';
import type { Session } from '../shapes.ts';

class WaitingView extends PageElement {
  declare session: Session;
  signOut: () => void = () => undefined;

  protected override render(): TemplateResult {
    return html`<main class="door">
      <img src="/page/hearth.svg" alt="" width="56" height="56" />
      <h1>Hello ${this.session.name}</h1>
      <p>Your guardian has not agreed yet, or took it back. Until they do, nothing is measured of you.</p>
      <p class="quiet">Ask them to open <strong>People</strong> on the hub’s page.</p>
      <p class="row"><a class="button" href="#/you">You</a><button @click=${this.signOut}>Sign out</button></p>
    </main>`;
  }
}
customElements.define('waiting-view', WaitingView);
