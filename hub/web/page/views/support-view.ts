/** A bundle for who helps: one ticks what is in it, reads it word for word, seals it for some days, and ends it. */
import { html, nothing, type TemplateResult } from 'lit';
import { callAgain, needAgain } from '../again.ts';
import { call, hubNow } from '../api.ts';
import { moment } from '../words.ts';
import { LoadedView } from './loaded.ts';

interface Preview {
  readonly text: string;
  readonly sha256: string;
  readonly offered: readonly { id: string; words: string; identifies: boolean }[];
}
interface Grant {
  readonly id: string;
  readonly problem: string;
  readonly ends: string;
  readonly ended: string | null;
  readonly left: readonly { at: string; how: string }[];
  readonly words: string;
}

class SupportView extends LoadedView {
  private grants: readonly Grant[] = [];
  private offered: Preview['offered'] = [];
  private preview: Preview | undefined;
  private link = '';

  protected async load(): Promise<void> {
    this.grants = await call<Grant[]>('GET', 'support/grants');
    if (this.offered.length === 0) this.offered = (await call<Preview>('POST', 'support/preview', { sections: [] })).offered;
  }

  private readonly show = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    void this.act(async () => {
      this.link = '';
      this.preview = await call<Preview>('POST', 'support/preview', {
        sections: form.getAll('section').map(String),
        problem: String(form.get('problem') ?? ''),
      });
    });
  };
  private readonly seal = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const sha256 = this.preview?.sha256 ?? '';
    void this.act(async () => {
      const { link } = await callAgain<{ link: string }>('POST', 'support/grants', {
        sha256,
        recipient: String(form.get('recipient') ?? '').trim(),
        days: Number(form.get('days')),
      });
      this.link = new URL(link, location.href).href;
      this.preview = undefined;
    }, 'It is sealed. Nothing has left the hub yet.');
  };

  private readonly take = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { href } = event.currentTarget as HTMLAnchorElement;
    await needAgain().then(
      () => location.assign(href),
      () => undefined,
    );
  };

  private row({ id, problem, ends, ended, left, words }: Grant): TemplateResult {
    const end = (): void => {
      void this.act(async () => {
        this.note = '';
        await call('DELETE', `support/grants/${id}`);
      }, 'It ended.');
    };
    return html`<li>
      <div>
        <strong>${problem === '' ? 'A bundle' : problem}</strong>
        <p class="quiet small">
          ${ended === null ? `Open until ${moment(Date.parse(ends), hubNow())}.` : `Ended ${moment(Date.parse(ended), hubNow())}. ${words}`}
          ${ended === null ? (left.length === 0 ? 'It has not left the hub.' : `It left the hub ${left.length} times.`) : nothing}
        </p>
      </div>
      ${
        ended === null
          ? html`<div class="row"><a class="button" href=${`/api/v1/support/grants/${id}/file`} @click=${this.take}>Save it as a file</a><button @click=${end}>End it</button></div>`
          : nothing
      }
    </li>`;
  }

  protected content(): TemplateResult {
    return html`
      <p class="quiet">
        Somebody who helps you sees what you send them here, and nothing else. Names, addresses and values are left out unless you tick them.
      </p>
      <form class="card fields" @submit=${this.show}>
        <label>What is wrong?<textarea name="problem" rows="3" maxlength="2000"></textarea></label>
        ${this.offered.map(
          ({
            id,
            words,
            identifies,
          }) => html`<label class="check"><input type="checkbox" name="section" value=${id} ?checked=${!identifies} />
            <span>${words}${identifies ? html` <span class="quiet small">(says who you are or how you are)</span>` : nothing}</span></label>`,
        )}
        <button type="submit">Show me what would be sent</button>
      </form>
      ${
        this.preview === undefined
          ? nothing
          : html`<section class="card fields" aria-labelledby="support-preview">
              <h2 id="support-preview">This, and nothing else</h2>
              <pre class="code small preview" tabindex="0">${this.preview.text}</pre>
              <form class="fields" @submit=${this.seal}>
                <label>Public key of who helps<input name="recipient" required maxlength="100" placeholder="age1…" autocomplete="off" /></label>
                <label>For<select name="days"><option value="3">three days</option><option value="7" selected>a week</option><option value="30">a month</option></select></label>
                <p class="quiet small">
                  Only their key opens it. It ends by itself then, or when you say so. If nobody fetched it by then, nobody can read it any more; a copy that
                  was fetched cannot be called back.
                </p>
                <button class="primary" type="submit">Seal it</button>
              </form>
            </section>`
      }
      ${this.link === '' ? nothing : html`<p class="card">At home they fetch it here: <span class="code">${this.link}</span></p>`}
      <h2>Your bundles</h2>
      ${this.grants.length === 0 ? html`<p class="quiet">None so far.</p>` : html`<ul class="devices card">${this.grants.map((grant) => this.row(grant))}</ul>`}
    `;
  }
}
customElements.define('support-view', SupportView);
