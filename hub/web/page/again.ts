/** The second secret, or the password, asked again when the hub wants it; then what was wanted is done. */
import { html, nothing, render, type TemplateResult } from 'lit';
import { ApiError, call, explain } from './api.ts';
import { canPasskey, givePasskey } from './passkey.ts';

type Way = 'pin' | 'totp' | 'passkey' | 'password';
const prompts: Readonly<
  Record<Exclude<Way, 'passkey'>, { label: string; inputmode: 'numeric' | 'text'; type: string; autocomplete: AutoFill }>
> = {
  pin: { label: 'Your PIN', inputmode: 'numeric', type: 'password', autocomplete: 'off' },
  totp: { label: 'The code in your authenticator app', inputmode: 'numeric', type: 'text', autocomplete: 'one-time-code' },
  password: { label: 'Your password', inputmode: 'text', type: 'password', autocomplete: 'current-password' },
};

/** As `call`, and asks the person again where the hub wants that. Throws ApiError, also when the person gives up. */
export async function callAgain<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<T> {
  try {
    return await call<T>(method, path, body);
  } catch (error) {
    if (!(error instanceof ApiError) || (error.code !== 'second-secret' && error.code !== 'password-again')) throw error;
    await askAgain();
    return call<T>(method, path, body);
  }
}

/** Asks now if the person has a second secret that was not given in the last minutes: before a download, which cannot ask by itself. */
export async function needAgain(): Promise<void> {
  const { secrets, givenUntil } = await call<{ secrets: { kind: Way }[]; givenUntil: string | null }>('GET', 'second-secrets');
  if (secrets.length > 0 && givenUntil === null) await askAgain();
}

async function askAgain(): Promise<void> {
  const { secrets } = await call<{ secrets: { kind: Way }[] }>('GET', 'second-secrets');
  const kinds = new Set(secrets.map(({ kind }) => kind));
  const ways: Way[] = kinds.size === 0 ? ['password'] : (['passkey', 'totp', 'pin'] as const).filter((way) => kinds.has(way));
  const dialog = document.createElement('dialog');
  dialog.className = 'ask';
  dialog.setAttribute('aria-labelledby', 'ask-title');
  document.body.append(dialog);
  try {
    await new Promise<void>((resolve, reject) => {
      let trouble = '';
      let way: Way = ways.find((one) => one !== 'passkey' || canPasskey()) ?? ways[0]!;
      const give = async (secret: string): Promise<void> => {
        try {
          if (way === 'passkey') await givePasskey();
          else
            await call('POST', `again/${way}`, way === 'pin' ? { pin: secret } : way === 'totp' ? { code: secret } : { password: secret });
          resolve();
        } catch (error) {
          const { message, remedy } = explain(error);
          trouble = `${message} ${remedy}`;
          draw();
        }
      };
      const submit = (event: SubmitEvent): void => {
        event.preventDefault();
        void give(String(new FormData(event.target as HTMLFormElement).get('secret') ?? ''));
      };
      const others = (): TemplateResult[] =>
        ways
          .filter((one) => one !== way && (one !== 'passkey' || canPasskey()))
          .map(
            (one) =>
              html`<button type="button" @click=${() => choose(one)}>${one === 'passkey' ? 'Use the passkey' : prompts[one].label}</button>`,
          );
      const choose = (one: Way): void => {
        way = one;
        draw();
      };
      const field = (): TemplateResult => {
        if (way === 'passkey') return html`<p class="quiet">Your device asks for your fingerprint, face or PIN. That never leaves it.</p>`;
        const { label, inputmode, type, autocomplete } = prompts[way];
        return html`<label>${label}<input name="secret" required type=${type} inputmode=${inputmode} autocomplete=${autocomplete} autofocus /></label>`;
      };
      const draw = (): void => {
        render(
          html`<form class="fields" @submit=${submit}>
            <h2 id="ask-title">Is it you?</h2>
            <p class="quiet">This needs ${ways[0] === 'password' ? 'your password' : 'your second secret'} again. It then counts for five minutes.</p>
            ${field()} ${trouble === '' ? nothing : html`<p class="alarm" role="alert">${trouble}</p>`}
            <div class="row">
              <button class="primary" type="submit">Go on</button>
              <button type="button" @click=${() => dialog.close()}>Leave it</button>
            </div>
            ${others()}
          </form>`,
          dialog,
        );
      };
      dialog.addEventListener('close', () => reject(new ApiError(403, 'left', 'Nothing was done.', '')));
      draw();
      dialog.showModal();
    });
  } finally {
    dialog.remove();
  }
}
