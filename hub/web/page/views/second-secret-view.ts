/** Setting a second secret: a PIN, an authenticator app, or a passkey where the page is secure. */
import { html, nothing, type TemplateResult } from 'lit';
import { callAgain } from '../again.ts';
import { call, hubNow } from '../api.ts';
import { canPasskey, makePasskey } from '../passkey.ts';
import { moment } from '../words.ts';
import { LoadedView } from './loaded.ts';

interface Kept {
  readonly id: string;
  readonly kind: 'pin' | 'totp' | 'passkey';
  readonly created: string;
}
const names: Readonly<Record<Kept['kind'], string>> = { pin: 'PIN', totp: 'Authenticator app', passkey: 'Passkey' };

class SecondSecretView extends LoadedView {
  private secrets: readonly Kept[] = [];
  private totp: { secret: string; uri: string } | undefined;

  protected async load(): Promise<void> {
    this.secrets = (await call<{ secrets: Kept[] }>('GET', 'second-secrets')).secrets;
  }

  private field(event: SubmitEvent, name: string): string {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const text = String(new FormData(form).get(name) ?? '');
    form.reset();
    return text;
  }

  private kept({ id, kind, created }: Kept): TemplateResult {
    const remove = (): Promise<void> =>
      this.act(() => callAgain('DELETE', `second-secrets/${kind}/${encodeURIComponent(id)}`), `${names[kind]} removed.`);
    return html`<li><div><strong>${names[kind]}</strong> <span class="quiet small">set ${moment(Date.parse(created), hubNow())}</span></div>
      <button @click=${remove}>Remove</button></li>`;
  }

  private totpForm(): TemplateResult {
    if (this.totp === undefined)
      return html`<button @click=${() =>
        this.act(async () => {
          this.totp = await callAgain<{ secret: string; uri: string }>('POST', 'second-secrets/totp', {});
        })}>Begin</button>`;
    const confirm = (event: SubmitEvent): void => {
      const code = this.field(event, 'code');
      void this.act(async () => {
        await call('PUT', 'second-secrets/totp', { code });
        this.totp = undefined;
      }, 'The authenticator app is your second secret now.');
    };
    return html`<form class="fields" @submit=${confirm}>
      <p><a href=${this.totp.uri}>Open the app on this device</a>, or type this key into it:</p>
      <p class="code">${this.totp.secret.match(/.{1,4}/g)?.join(' ')}</p>
      <label>The code that it shows<input name="code" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9 ]{6,7}" required /></label>
      <button class="primary" type="submit">Confirm</button>
    </form>`;
  }

  protected content(): TemplateResult {
    const setPin = (event: SubmitEvent): void => {
      const pin = this.field(event, 'pin');
      void this.act(() => callAgain('PUT', 'second-secrets/pin', { pin }), 'Your PIN is set.');
    };
    const addPasskey = (): Promise<void> =>
      this.act(
        () => makePasskey(() => callAgain<PublicKeyCredentialCreationOptionsJSON>('POST', 'second-secrets/passkey', {})),
        'This device’s passkey is your second secret now.',
      );
    return html`
      <p class="quiet">Asked again, each time for five minutes, before your data is exported, shared, moved or erased, and before somebody is shown the camera.</p>
      ${this.secrets.length === 0 ? html`<p>You have none yet.</p>` : html`<ul class="devices card">${this.secrets.map((one) => this.kept(one))}</ul>`}
      <form class="card fields" @submit=${setPin}>
        <h2>PIN</h2>
        <label>4 to 12 digits<input name="pin" type="password" inputmode="numeric" pattern="[0-9]{4,12}" autocomplete="new-password" required /></label>
        <button type="submit">Set the PIN</button>
      </form>
      <section class="card fields"><h2>Authenticator app</h2>${this.totpForm()}</section>
      <section class="card fields">
        <h2>Fingerprint or face (passkey)</h2>
        ${
          canPasskey()
            ? html`<p class="quiet">Your fingerprint and face stay on your device: the hub keeps a public key alone.</p><button @click=${addPasskey}>Use this device’s passkey</button>`
            : html`<p class="quiet">Works where the page is opened over HTTPS, or on the hub itself as localhost. Here it is neither.</p>`
        }
      </section>
      ${nothing}
    `;
  }
}
customElements.define('second-secret-view', SecondSecretView);
