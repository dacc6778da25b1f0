/** A view that shows what the hub says: waiting, then the content or what is wrong. */
import { html, nothing, type TemplateResult } from 'lit';
import { explain } from '../api.ts';
import { PageElement } from '../element.ts';

export abstract class LoadedView extends PageElement {
  protected trouble = '';
  protected note = '';
  private isLoaded = false;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.reload();
  }

  protected async reload(): Promise<void> {
    try {
      await this.load();
      this.isLoaded = true;
      this.trouble = '';
    } catch (error) {
      this.say(error);
    }
    this.requestUpdate();
  }

  /** Runs what a person asked for, then loads anew; says what went wrong, or the note. */
  protected async act(work: () => Promise<unknown>, note = ''): Promise<void> {
    this.trouble = '';
    this.note = '';
    try {
      await work();
      this.note = note;
      await this.load();
    } catch (error) {
      this.say(error);
    }
    this.requestUpdate();
  }

  private say(error: unknown): void {
    const { message, remedy } = explain(error);
    this.trouble = `${message} ${remedy}`;
  }

  protected override render(): TemplateResult {
    return html`
      ${this.trouble === '' ? nothing : html`<p class="banner" role="alert">${this.trouble}</p>`}
      ${this.note === '' ? nothing : html`<p class="banner" role="status">${this.note}</p>`}
      ${this.isLoaded ? this.content() : this.trouble === '' ? html`<p class="quiet" role="status">One moment…</p>` : nothing}
    `;
  }

  protected abstract load(): Promise<void>;
  protected abstract content(): TemplateResult;
}
