/** A lock on one's own vault: what it does and costs, setting it, the recovery kit, unlocking. */
import { html, nothing, type TemplateResult } from 'lit';
import { callAgain } from '../again.ts';
import { call, hubNow } from '../api.ts';
import { moment } from '../words.ts';
import { LoadedView } from './loaded.ts';

interface Protection {
  readonly state: 'plain' | 'locked' | 'unlocked';
  readonly since: string | null;
  readonly waitingBytes: number;
  readonly does: string;
  readonly stops: string;
  readonly lost: string;
}
const LEAST_CHARACTERS = 10;

class ProtectView extends LoadedView {
  private own: Protection | undefined;
  private kit = '';

  protected async load(): Promise<void> {
    this.own = await call<Protection>('GET', 'protect');
  }

  private readonly lock = (event: SubmitEvent): void => {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    const secret = String(fields.get('secret') ?? '');
    void this.act(async () => {
      if (secret !== fields.get('again')) throw new Error('The two passphrases are not the same. Nothing was done.');
      this.kit = (await callAgain<{ kit: string }>('POST', 'protect', { secret })).kit;
    });
  };

  private readonly unlock = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const secret = String(new FormData(form).get('secret') ?? '');
    let added = 0;
    const work = async (): Promise<void> => {
      ({ added } = await call<{ added: number }>('POST', 'protect/unlock', { secret }));
    };
    void this.act(work).then(() => {
      if (this.trouble === '') this.note = `It is unlocked.${added > 0 ? ` ${added} measurements that waited came in.` : ''}`;
      form.reset();
      this.requestUpdate();
    });
  };

  private setting({ does, stops, lost }: Protection): TemplateResult {
    return html`
      <section class="card fields">
        <h2>What a lock does</h2>
        <p>${does}</p>
        <p class="quiet">${stops}</p>
        <p><strong>${lost}</strong></p>
      </section>
      <form class="card fields" @submit=${this.lock}>
        <h2>Lock my vault</h2>
        <label>A passphrase, ten characters or more<input name="secret" type="password" autocomplete="new-password" required minlength=${LEAST_CHARACTERS} maxlength="200" /></label>
        <label>The same again<input name="again" type="password" autocomplete="new-password" required maxlength="200" /></label>
        <label class="check"><input type="checkbox" required /> I know that without it and without the recovery kit my values are lost</label>
        <button class="primary" type="submit">Lock my vault</button>
      </form>
    `;
  }

  private closed({ waitingBytes, lost }: Protection): TemplateResult {
    return html`
      <form class="card fields" @submit=${this.unlock}>
        <h2>Your vault is locked</h2>
        <p class="quiet">${waitingBytes === 0 ? 'Nothing waits.' : `${Math.max(1, Math.round(waitingBytes / 1024))} kB of new measurements wait, sealed.`}</p>
        <label>Your passphrase, or the recovery kit<input name="secret" type="password" autocomplete="off" required maxlength="200" /></label>
        <button class="primary" type="submit">Unlock</button>
        <p class="quiet small">${lost}</p>
      </form>
    `;
  }

  private opened({ since }: Protection): TemplateResult {
    return html`
      ${
        this.kit === ''
          ? nothing
          : html`<section class="card fields" role="status">
              <h2>Your recovery kit</h2>
              <p>Write it on paper, now: it is shown this once. It opens your vault should you forget your passphrase.</p>
              <p class="code">${this.kit}</p>
              <button type="button" @click=${this.written}>I have written it down</button>
            </section>`
      }
      <section class="card fields">
        <h2>Your vault is unlocked</h2>
        <p class="quiet">It has had a lock since ${since === null ? 'now' : moment(Date.parse(since), hubNow())}. It locks itself when you sign out, after 15 minutes without use, and when the hub restarts.</p>
        <div class="row">
          <button class="primary" @click=${() => this.act(() => call('POST', 'protect/lock'), 'It is locked.')}>Lock it now</button>
          <button @click=${() => this.act(() => callAgain('DELETE', 'protect'), 'The lock is off. The hub keeps the key again.')}>Take the lock off</button>
        </div>
      </section>
    `;
  }

  private readonly written = (): void => {
    this.kit = '';
    this.requestUpdate();
  };

  protected content(): TemplateResult {
    const { own } = this;
    if (own === undefined) return html``;
    return own.state === 'plain' ? this.setting(own) : own.state === 'locked' ? this.closed(own) : this.opened(own);
  }
}
customElements.define('protect-view', ProtectView);
