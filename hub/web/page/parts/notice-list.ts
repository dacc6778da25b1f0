/** What a person is told above everything else; each message says how to switch its kind off. */
import { html, nothing, type TemplateResult } from 'lit';
import { call } from '../api.ts';
import { PageElement } from '../element.ts';

interface Notice {
  readonly id: string;
  readonly text: string;
  readonly link: string;
  readonly stop?: { readonly type: string; readonly channel: string };
}

class NoticeList extends PageElement {
  private notices: readonly Notice[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }

  private async load(): Promise<void> {
    // What else the page says when the hub is away is enough.
    this.notices = await call<Notice[]>('GET', 'notices').catch(() => this.notices);
    this.requestUpdate();
  }

  private async stop({ type, channel }: NonNullable<Notice['stop']>): Promise<void> {
    await call('PUT', `messages/${type}/${channel}`, { on: false }).catch(() => undefined);
    await this.load();
  }

  protected override render(): TemplateResult {
    return html`${this.notices.map(
      ({ text, link, stop }) => html`<p class="banner" role="status">
        ${text} <a href=${link}>Look</a>
        ${stop === undefined ? nothing : html`<button @click=${() => void this.stop(stop)}>No more of these</button>`}
      </p>`,
    )}`;
  }
}
customElements.define('notice-list', NoticeList);
