/** The first password of a new hub, and the sign-in of a claimed one. */
import { html, nothing, type TemplateResult } from 'lit';
import { call, explain } from '../api.ts';
import { PageElement } from '../element.ts';
import type { Session } from '../shapes.ts';

const LEAST_CHARACTERS = 8;

class PasswordForm extends PageElement {
  claimed = false;
  done: (session: Session) => void = () => undefined;
  private trouble: { message: string; remedy: string } | undefined;
  private isBusy = false;

  private readonly submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    const password = String(fields.get('password') ?? '');
    this.isBusy = true;
    this.trouble = undefined;
    this.requestUpdate();
    try {
      const session = this.claimed
        ? await call<Session>('POST', 'session', { name: String(fields.get('name') ?? ''), password })
        : await call<Session>('POST', 'claim', { name: String(fields.get('name') ?? ''), password });
      this.done(session);
    } catch (error) {
      this.trouble = explain(error);
    }
    this.isBusy = false;
    this.requestUpdate();
  };

  protected override render(): TemplateResult {
    return html`
      <main class="door">
        <img src="/page/hearth.svg" alt="" width="56" height="56" />
        <h1>${this.claimed ? 'Welcome home' : 'This hub is yours'}</h1>
        <p class="quiet">
          ${
            this.claimed
              ? 'Enter your name and your password.'
              : 'Choose a name and a password. What is measured here stays on this hub; nobody else has this password, and there is no other one. Who claims a hub runs it, and is 18 or older.'
          }
        </p>
        <form @submit=${this.submit}>
          <label>Your name<input name="name" autocomplete="username" required maxlength="60" /></label>
          <label>
            Password
            <input name="password" type="password" required minlength=${this.claimed ? 1 : LEAST_CHARACTERS} maxlength="200"
              autocomplete=${this.claimed ? 'current-password' : 'new-password'} aria-describedby="password-help" />
          </label>
          <p id="password-help" class="quiet small">${this.claimed ? nothing : `${LEAST_CHARACTERS} characters or more. Write it down: it cannot be sent to you.`}</p>
          ${this.trouble === undefined ? nothing : html`<p class="alarm" role="alert">${this.trouble.message} ${this.trouble.remedy}</p>`}
          <button type="submit" class="primary" ?disabled=${this.isBusy}>${this.claimed ? 'Sign in' : 'Claim this hub'}</button>
        </form>
      </main>
    `;
  }
}
customElements.define('password-form', PasswordForm);
