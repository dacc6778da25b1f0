import { LitElement } from 'lit';

/** A component that lives in the page's own tree, so that one style sheet and every screen reader see all of it. */
export class PageElement extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}
