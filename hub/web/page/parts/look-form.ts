/** Where a link of a share leads: its passcode, then what is shared. No account, no cookie. */
import { html, nothing, type TemplateResult } from 'lit';
import { call, explain } from '../api.ts';
import { PageElement } from '../element.ts';
import { type SharedData, sharedValues } from '../views/shared-values.ts';

class LookForm extends PageElement {
  declare token: string;
  private shared: SharedData | undefined;
  private trouble = '';

  private readonly open = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const passcode = String(new FormData(event.target as HTMLFormElement).get('passcode') ?? '');
    try {
      this.shared = await call<SharedData>('POST', 'look', { token: this.token, passcode });
      this.trouble = '';
    } catch (error) {
      const { message, remedy } = explain(error);
      this.trouble = `${message} ${remedy}`;
    }
    this.requestUpdate();
  };

  protected override render(): TemplateResult {
    if (this.shared !== undefined)
      return html`
        <header class="top"><img src="/page/hearth.svg" alt="" width="32" height="32" /><h1>Shared with you</h1></header>
        <main class="view">${sharedValues(this.shared)}
          <p class="quiet small">${this.shared.of} can stop this at any time, and sees that you looked. Nothing was kept on this device.</p>
        </main>`;
    return html`<main class="door">
      <img src="/page/hearth.svg" alt="" width="56" height="56" />
      <h1>Something is shared with you</h1>
      <form class="fields" @submit=${this.open}>
        <label>The passcode<input name="passcode" inputmode="numeric" autocomplete="off" required minlength="4" maxlength="20" /></label>
        ${this.trouble === '' ? nothing : html`<p class="alarm" role="alert">${this.trouble}</p>`}
        <button class="primary" type="submit">Look</button>
      </form>
    </main>`;
  }
}
customElements.define('look-form', LookForm);
