/** Deleting oneself: a copy or a clear no, then one's name typed, then the report. */
import { html, nothing, type TemplateResult } from 'lit';
import { callAgain, needAgain } from '../again.ts';
import { call, send } from '../api.ts';
import type { Session } from '../shapes.ts';
import { LoadedView } from './loaded.ts';

interface Report {
  readonly places: readonly { readonly id: string; readonly what: string; readonly state: 'erased' | 'told' | 'remains' }[];
  readonly backups: readonly string[];
  readonly receipt: string;
  readonly runsHub: string | null;
}

const stateWords = { erased: 'Erased', told: 'Told to erase; it answers under “Where it goes”', remains: 'NOT erased' } as const;
const LEAST_PASSPHRASE = 10;

class ForgetView extends LoadedView {
  declare session: Session;
  private copy: 'none' | 'taken' | 'verified' | 'declined' = 'none';
  private passphrase = '';
  private report: Report | undefined;

  protected async load(): Promise<void> {
    // What is deleted is the same for everybody: all of it.
  }

  private readonly take = (event: SubmitEvent): void => {
    event.preventDefault();
    this.passphrase = String(new FormData(event.target as HTMLFormElement).get('passphrase') ?? '');
    void this.act(async () => {
      await needAgain();
      const response = await send('POST', 'forget/copy', JSON.stringify({ passphrase: this.passphrase }), 'application/json', false);
      const link = document.createElement('a');
      link.href = URL.createObjectURL(await response.blob());
      link.download = 'hearth-copy.zip.age';
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      this.copy = 'taken';
    });
  };

  private readonly check = (event: Event): void => {
    const file = (event.target as HTMLInputElement).files?.[0];
    if (file === undefined) return;
    void this.act(async () => {
      const { id, partBytes } = await call<{ id: string; partBytes: number }>('POST', 'imports', { name: file.name });
      for (let at = 0; at < file.size; at += partBytes)
        await send('PUT', `imports/${id}?at=${at}`, file.slice(at, at + partBytes), 'application/octet-stream', false);
      await send('POST', `forget/check/${id}`, JSON.stringify({ passphrase: this.passphrase }), 'application/json', false);
      this.copy = 'verified';
    }, 'The copy opens, and it is whole.');
  };

  private readonly forget = (event: SubmitEvent): void => {
    event.preventDefault();
    const name = String(new FormData(event.target as HTMLFormElement).get('name') ?? '');
    void this.act(async () => {
      this.report = await callAgain<Report>('POST', 'forget', { copy: this.copy, name });
    });
  };

  private readonly decline = (): void => {
    this.copy = 'declined';
    this.requestUpdate();
  };

  private readonly undecide = (): void => {
    this.copy = 'none';
    this.requestUpdate();
  };

  private copyPart(): TemplateResult {
    if (this.copy === 'verified') return html`<p>Your copy was read back: it opens, and everything is in it.</p>`;
    if (this.copy === 'declined')
      return html`<p>You want no copy.</p><p><button type="button" @click=${this.undecide}>I want one after all</button></p>`;
    return html`
      <p class="quiet">First a copy, or a clear no. It opens with your passphrase alone, with the free program “age”. Nobody can help you if you forget it.</p>
      <form class="fields" @submit=${this.take}>
        <label>A passphrase for the copy, ten characters or more<input name="passphrase" type="password" autocomplete="new-password" required minlength=${LEAST_PASSPHRASE} maxlength="200" /></label>
        <button type="submit">Download my copy</button>
      </form>
      ${
        this.copy === 'taken'
          ? html`<label>Now choose the file you just saved, so that the hub can read it back<input type="file" @change=${this.check} accept=".age" /></label>`
          : nothing
      }
      <p><button type="button" @click=${this.decline}>I do not want a copy</button></p>
    `;
  }

  protected content(): TemplateResult {
    const { report } = this;
    if (report !== undefined)
      return html`
        <section class="card fields">
          <h2>It is done</h2>
          <ul class="plain">${report.places.map(({ what, state }) => html`<li><strong>${stateWords[state]}</strong>: ${what}</li>`)}</ul>
          ${report.backups.map((words) => html`<p>${words}</p>`)}
          <p>${report.runsHub === null ? 'Nobody runs this hub any more: whoever opens its page may claim it.' : html`${report.runsHub} runs this hub.`}</p>
          <label>The report, signed by the hub<textarea readonly rows="4">${report.receipt}</textarea></label>
          <p><a href="/">Leave</a></p>
        </section>
      `;
    const isDecided = this.copy === 'verified' || this.copy === 'declined';
    return html`
      <section class="card fields"><h2>1. A copy for you</h2>${this.copyPart()}</section>
      <form class="card fields" @submit=${this.forget}>
        <h2>2. Delete</h2>
        <p>Your account, your profile, every measurement of yours, its backups on this hub, and what was sent to edges and other targets. There is no way back. The air of the home stays: it is nobody’s.</p>
        ${this.session.standing === 'owner' ? html`<p>You run this hub. Whoever has lived here longest after you will run it; if nobody else lives here, it becomes a new hub.</p>` : nothing}
        <label>Your name, so that this is no slip<input name="name" required maxlength="80" autocomplete="off" ?disabled=${!isDecided} /></label>
        <button class="danger" type="submit" ?disabled=${!isDecided}>Delete everything about me</button>
        ${isDecided ? nothing : html`<p class="quiet small">Decide about the copy first.</p>`}
      </form>
    `;
  }
}
customElements.define('forget-view', ForgetView);
