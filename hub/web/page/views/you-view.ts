/** Everything that is about the person who is signed in, each a link away. */
import { html, type TemplateResult } from 'lit';
import { PageElement } from '../element.ts';
import type { Session } from '../shapes.ts';
import { views } from '../views.ts';

class YouView extends PageElement {
  declare session: Session;

  protected override render(): TemplateResult {
    const { name, standing } = this.session;
    const own = views.filter(({ listed, standings }) => listed === 'you' && standings.some((one) => one === standing));
    return html`
      <p class="quiet">You are signed in as <strong>${name}</strong>.</p>
      <ul class="links">
        ${own.map(({ at, title, hint }) => html`<li><a href=${at}><strong>${title}</strong><span class="quiet small">${hint}</span></a></li>`)}
      </ul>
    `;
  }
}
customElements.define('you-view', YouView);
