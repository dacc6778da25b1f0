import { LitElement } from 'lit';

/** A component that lives in the page's own tree, so that one style sheet and every screen reader see all of it. */
export class PageElement extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}

/**
 * Asks when the element comes onto the page and again after each `waitMs`, as long as it is there. `load` keeps its own troubles. Returns how
 * to ask at once, from where the wait begins anew.
 */
export function whileShown(host: PageElement, load: () => Promise<void>, waitMs: () => number): () => Promise<void> {
  let timer = 0;
  const look = async (): Promise<void> => {
    window.clearTimeout(timer);
    await load();
    host.requestUpdate();
    // Another may have been asked meanwhile: one timer is enough.
    window.clearTimeout(timer);
    if (host.isConnected) timer = window.setTimeout(() => void look(), waitMs());
  };
  host.addController({ hostConnected: () => void look(), hostDisconnected: () => window.clearTimeout(timer) });
  return look;
}
