/** Where one is signed in, the password, and the hub's cookies. */
import { html, nothing, type TemplateResult } from 'lit';
import { callAgain } from '../again.ts';
import { call, hubNow } from '../api.ts';
import { categoryTag } from '../pictograms.ts';
import type { Category } from '../shapes.ts';
import { ago, moment } from '../words.ts';
import { LoadedView } from './loaded.ts';

interface OpenSession {
  readonly id: string;
  readonly browser: string;
  readonly started: string;
  readonly seen: string;
  readonly isThis: boolean;
}
interface Cookie {
  readonly name: string;
  readonly purpose: string;
  readonly setBy: string;
  readonly lifetimeS: number;
  readonly attributes: readonly string[];
  readonly category: Category;
}

class SessionsView extends LoadedView {
  private sessions: readonly OpenSession[] = [];
  private cookies: readonly Cookie[] = [];

  protected async load(): Promise<void> {
    [this.sessions, this.cookies] = await Promise.all([call<OpenSession[]>('GET', 'sessions'), call<Cookie[]>('GET', 'cookies')]);
  }

  private readonly changePassword = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const fields = new FormData(form);
    const body = { old: String(fields.get('old')), new: String(fields.get('new')) };
    form.reset();
    void this.act(() => callAgain('PUT', 'password', body), 'The password is changed, and your other devices are signed out.');
  };

  protected content(): TemplateResult {
    const nowMs = hubNow();
    return html`
      <ul class="devices card">
        ${this.sessions.map(
          ({ id, browser, started, seen, isThis }) => html`<li>
            <div><strong>${browser}</strong>
              <span class="quiet small">${isThis ? 'this device, ' : ''}signed in ${moment(Date.parse(started), nowMs)}, seen ${ago(Date.parse(seen), nowMs)}</span></div>
            ${isThis ? nothing : html`<button @click=${() => this.act(() => call('DELETE', `sessions/${id}`), 'Signed out there.')}>Sign out</button>`}
          </li>`,
        )}
      </ul>
      ${this.sessions.length < 2 ? nothing : html`<p><button @click=${() => this.act(() => call('DELETE', 'sessions'), 'Signed out everywhere else.')}>Sign out everywhere else</button></p>`}
      <form class="card fields" @submit=${this.changePassword}>
        <h2>Password</h2>
        <label>The old one<input name="old" type="password" autocomplete="current-password" required maxlength="200" /></label>
        <label>The new one<input name="new" type="password" autocomplete="new-password" required minlength="8" maxlength="200" /></label>
        <button type="submit">Change it</button>
      </form>
      <section class="card fields">
        <h2>Cookies</h2>
        <p class="quiet">This is every cookie that the hub sets, from the table that it sets them by.</p>
        ${this.cookies.map(
          ({ name, purpose, setBy, lifetimeS, attributes, category }) => html`<div>
            <p class="tags"><span class="code">${name}</span> ${categoryTag(category)}</p>
            <p>${purpose}</p>
            <p class="quiet small">${setBy} Kept for ${Math.round(lifetimeS / 86_400)} days. ${attributes.join(', ')}.</p>
          </div>`,
        )}
      </section>
    `;
  }
}
customElements.define('sessions-view', SessionsView);
