/** Everything that is about the person who is signed in, each a link away. */
import { html, nothing, type TemplateResult } from 'lit';
import { PageElement } from '../element.ts';
import type { Session } from '../shapes.ts';
import type { View } from '../view.ts';

const groups: readonly (readonly [group: View['group'], heading: string])[] = [
  ['data', 'Your data'],
  [undefined, 'Your rights'],
  ['safety', 'Your safety'],
];

class YouView extends PageElement {
  declare session: Session;
  /** All that there are; those that it lists are picked out here. */
  declare views: readonly View[];

  private group(heading: string, own: readonly View[]): TemplateResult | typeof nothing {
    if (own.length === 0) return nothing;
    return html`<section class="group">
      <h2>${heading}</h2>
      <ul class="links">
        ${own.map(({ at, title, hint }) => html`<li><a href=${at}><strong>${title}</strong><span class="quiet small">${hint}</span></a></li>`)}
      </ul>
    </section>`;
  }

  protected override render(): TemplateResult {
    const { name, standing } = this.session;
    const own = this.views.filter(({ listed, standings }) => listed === 'you' && standings.some((one) => one === standing));
    return html`
      <p class="quiet">You are signed in as <strong>${name}</strong>.</p>
      ${groups.map(([group, heading]) =>
        this.group(
          heading,
          own.filter((view) => view.group === group),
        ),
      )}
    `;
  }
}
customElements.define('you-view', YouView);
