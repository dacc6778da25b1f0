/** A page beside the home: the way back, its name, and its content once its module is there. */
import { html, type TemplateResult } from 'lit';
import { PageElement } from '../element.ts';
import type { Session } from '../shapes.ts';
import type { View } from '../view.ts';

class ViewFrame extends PageElement {
  declare view: View;
  declare session: Session;
  rest = '';
  private ready: View | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.open();
  }

  /** Loads the view's module; called again when another view is to be shown. */
  open(): void {
    const { view } = this;
    this.ready = undefined;
    this.requestUpdate();
    void view.load().then(() => {
      if (this.view !== view) return;
      this.ready = view;
      document.title = `${view.title} · Hearth`;
      this.requestUpdate();
      void this.updateComplete.then(() => this.querySelector('h1')?.focus());
    });
  }

  protected override render(): TemplateResult {
    const { view, session, rest } = this;
    const isOfYou = view.at.startsWith('#/you/');
    return html`
      <header class="top">
        <a class="button" href=${isOfYou ? '#/you' : '#/'}>← ${isOfYou ? 'You' : 'Home'}</a>
        <h1 tabindex="-1">${view.title}</h1>
      </header>
      <main class="view">${this.ready === view ? view.show(session, rest) : html`<p class="quiet" role="status">One moment…</p>`}</main>
    `;
  }
}
customElements.define('view-frame', ViewFrame);
