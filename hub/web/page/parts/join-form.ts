/** Making an account with an invitation. */
import { html, nothing, type TemplateResult } from 'lit';
import { call, explain } from '../api.ts';
import { PageElement } from '../element.ts';
import type { Session } from '../shapes.ts';

class JoinForm extends PageElement {
  code = '';
  done: (session: Session) => void = () => undefined;
  private trouble = '';
  private isBusy = false;

  private readonly submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    const text = (name: string): string => String(fields.get(name) ?? '').trim();
    const birthDate = text('birthDate');
    this.isBusy = true;
    this.requestUpdate();
    try {
      const body = { code: text('code'), name: text('name'), password: String(fields.get('password') ?? '') };
      const session = await call<Session>('POST', 'join', birthDate === '' ? body : { ...body, birthDate });
      location.hash = '#/';
      this.done(session);
    } catch (error) {
      const { message, remedy } = explain(error);
      this.trouble = `${message} ${remedy}`;
    }
    this.isBusy = false;
    this.requestUpdate();
  };

  protected override render(): TemplateResult {
    return html`
      <main class="door">
        <img src="/page/hearth.svg" alt="" width="56" height="56" />
        <h1>You are invited</h1>
        <p class="quiet">You get a vault of your own on this hub. Who runs the hub cannot read it.</p>
        <form @submit=${this.submit}>
          <label>Invitation<input name="code" required maxlength="40" autocomplete="off" .value=${this.code} /></label>
          <label>Your name<input name="name" autocomplete="username" required maxlength="60" /></label>
          <label>Password<input name="password" type="password" required minlength="8" maxlength="200" autocomplete="new-password" /></label>
          <label>Birth date<input name="birthDate" type="date" autocomplete="bday" aria-describedby="birth-help" /></label>
          <p id="birth-help" class="quiet small">An account is for people of 13 and over; under 18 a guardian agrees first. Guests leave it empty.</p>
          ${this.trouble === '' ? nothing : html`<p class="alarm" role="alert">${this.trouble}</p>`}
          <button type="submit" class="primary" ?disabled=${this.isBusy}>Join</button>
          <p class="small"><a href="#/">I have an account already</a></p>
        </form>
      </main>
    `;
  }
}
customElements.define('join-form', JoinForm);
