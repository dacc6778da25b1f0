/** What the hub may tell one unasked: each kind with its switch, off at first. */
import { html, type TemplateResult } from 'lit';
import { call } from '../api.ts';
import { LoadedView } from './loaded.ts';

interface Kind {
  readonly type: string;
  readonly words: string;
  readonly hint: string;
  readonly channels: readonly { channel: string; words: string; on: boolean }[];
}

class MessagesView extends LoadedView {
  private kinds: readonly Kind[] = [];

  protected async load(): Promise<void> {
    this.kinds = await call<Kind[]>('GET', 'messages');
  }

  private row({ type, words, hint, channels }: Kind): TemplateResult {
    const set = (channel: string, on: boolean): void =>
      void this.act(() => call('PUT', `messages/${type}/${channel}`, { on }), on ? `${words}: on.` : `${words}: off.`);
    return html`<li>
      <div><strong>${words}</strong><p class="quiet small">${hint}</p></div>
      ${channels.map(
        ({ channel, words: where, on }) => html`<label class="check">
          <input type="checkbox" .checked=${on} @change=${() => set(channel, !on)} aria-label=${`${words}: ${where}`} />
          <span>${where}</span>
        </label>`,
      )}
    </li>`;
  }

  protected content(): TemplateResult {
    return html`
      <p class="quiet">
        The hub keeps quiet unless you switch something on here. What concerns your rights it always tells you: a change of the policy, or that
        data was disclosed to an authority.
      </p>
      <ul class="devices card">${this.kinds.map((kind) => this.row(kind))}</ul>
      <p class="quiet small">Offers and advertising: this hub has none, so there is nothing to switch off.</p>
    `;
  }
}
customElements.define('messages-view', MessagesView);
