/** What one's data is used for: each purpose with what stops when one objects, said before it is confirmed. */
import { html, nothing, type TemplateResult } from 'lit';
import { call, hubNow } from '../api.ts';
import type { Session } from '../shapes.ts';
import { moment } from '../words.ts';
import { LoadedView } from './loaded.ts';

interface Purpose {
  readonly id: string;
  readonly words: string;
  readonly stops: string;
  readonly objectedAt: string | null;
}

class PurposesView extends LoadedView {
  declare session: Session;
  private purposes: readonly Purpose[] = [];
  private asked = '';

  protected async load(): Promise<void> {
    this.purposes = await call<Purpose[]>('GET', `purposes?subject=${this.session.id}`);
  }

  private ask(id: string): void {
    this.asked = id;
    this.requestUpdate();
  }

  private set(id: string, object: boolean): void {
    this.asked = '';
    void this.act(
      () => call('PUT', `purposes/${encodeURIComponent(id)}?subject=${this.session.id}`, { object }),
      object ? 'It stopped. You can allow it again at any time.' : 'It goes on from now on.',
    );
  }

  private row({ id, words, stops, objectedAt }: Purpose): TemplateResult {
    return html`<li>
      <div>
        <strong>${words}</strong>
        <p class="quiet small">${objectedAt === null ? 'Goes on.' : `You objected ${moment(Date.parse(objectedAt), hubNow())}: it is not done.`}</p>
        ${
          this.asked === id
            ? html`<p role="alert">If you object: ${stops}</p>
              <div class="row"><button class="primary" @click=${() => this.set(id, true)}>I object</button><button @click=${() => this.ask('')}>Leave it</button></div>`
            : nothing
        }
      </div>
      ${
        objectedAt !== null
          ? html`<button @click=${() => this.set(id, false)}>Allow it again</button>`
          : this.asked === id
            ? nothing
            : html`<button @click=${() => this.ask(id)}>Object…</button>`
      }
    </li>`;
  }

  protected content(): TemplateResult {
    return html`
      <p class="quiet">Your measurements are kept for you. Beyond that, this is what the hub does with them; each can be stopped by itself.</p>
      <ul class="devices card">${this.purposes.map((purpose) => this.row(purpose))}</ul>
      <p class="quiet small">Statistics: only in studies that you joined, see Studies. Advertising and sales: this hub does none, so there is nothing to stop.</p>
    `;
  }
}
customElements.define('purposes-view', PurposesView);
