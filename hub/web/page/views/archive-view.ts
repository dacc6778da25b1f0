/** Everything in one file to take along, and the way back in. */
import { html, nothing, type TemplateResult } from 'lit';
import { callAgain } from '../again.ts';
import { call, send } from '../api.ts';
import { categoryTag } from '../pictograms.ts';
import { LoadedView } from './loaded.ts';

interface Ticket {
  readonly ticket: string;
  readonly measurements: number;
}
interface Progress {
  readonly state: string;
  readonly rows: number;
  readonly total: number;
}
interface Report {
  readonly form: string;
  readonly added: number;
  readonly known: number;
  readonly leftOut: number;
  readonly notes: readonly string[];
}

const LOOK_MS = 1000;
const categories = ['identity', 'body', 'activity', 'environment', 'technical'] as const;

class ArchiveView extends LoadedView {
  private progress: Progress | undefined;
  private uploaded: { readonly share: number } | undefined;
  private report: Report | undefined;

  protected async load(): Promise<void> {
    // Nothing to load: what there is to take shows with the export.
  }

  private readonly take = (event: SubmitEvent): void => {
    event.preventDefault();
    const home = new FormData(event.target as HTMLFormElement).has('home');
    void this.act(async () => {
      const { ticket } = await callAgain<Ticket>('POST', 'exports', { home });
      const link = document.createElement('a');
      link.href = `/api/v1/archive?ticket=${ticket}`;
      link.download = '';
      link.click();
      await this.follow(ticket);
    });
  };

  private async follow(ticket: string): Promise<void> {
    const isOver = (): boolean => this.progress?.state === 'done' || this.progress?.state === 'stopped' || !this.isConnected;
    do {
      this.progress = await call<Progress>('GET', `exports?ticket=${ticket}`);
      this.requestUpdate();
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    } while (!isOver());
  }

  private readonly bring = (event: SubmitEvent): void => {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    const file = fields.get('file');
    if (!(file instanceof File) || file.size === 0) return;
    this.report = undefined;
    void this.act(async () => {
      const { id, partBytes } = await call<{ id: string; partBytes: number }>('POST', 'imports', { name: file.name });
      for (let at = 0; at < file.size; at += partBytes) {
        this.uploaded = { share: at / file.size };
        this.requestUpdate();
        await this.sendPart(id, at, file.slice(at, at + partBytes));
      }
      this.uploaded = { share: 1 };
      this.requestUpdate();
      this.report = await callAgain<Report>('POST', `imports/${id}/run`, { home: fields.has('home') });
      this.uploaded = undefined;
    });
  };

  /** A part that got lost on the way is sent again, some times. */
  private async sendPart(id: string, at: number, bytes: Blob): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        await send('PUT', `imports/${id}?at=${at}`, bytes, 'application/octet-stream', false);
        return;
      } catch (error) {
        if (tries >= 5) throw error;
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS * 2 ** tries));
      }
    }
  }

  protected content(): TemplateResult {
    const { progress, uploaded, report } = this;
    return html`
      <form class="card fields" @submit=${this.take}>
        <h2>Take everything along</h2>
        <p class="quiet">One ZIP file: every measurement as a table (CSV), as SQLite, for health programs (FHIR, Open mHealth), with raw samples, your profile, units and checksums, signed by this hub. Made here; nothing leaves the home.</p>
        <p class="tags">${categories.map(categoryTag)}</p>
        <label class="check"><input type="checkbox" name="home" checked /> With the air and the devices of the home</label>
        <button class="primary" type="submit">Download it</button>
        ${
          progress === undefined
            ? nothing
            : html`<p role="status">${
                progress.state === 'done'
                  ? 'It is made. Your browser keeps the file where downloads go.'
                  : progress.state === 'stopped'
                    ? 'It was stopped. Nothing was lost; start it again.'
                    : html`Being made… <progress max=${Math.max(1, progress.total)} value=${Math.min(progress.rows, progress.total)} aria-label="Export"></progress>`
              }</p>`
        }
        <p class="quiet small">Whoever has the file can read it. Keep it where you keep your papers.</p>
      </form>
      <form class="card fields" @submit=${this.bring}>
        <h2>Bring data here</h2>
        <p class="quiet">An archive of Hearth, the export of Apple Health (ZIP or XML), or the account export (ZIP or CSV) of a maker of scales and watches. What is here already stays as it is; nothing is kept twice.</p>
        <label>The file<input name="file" type="file" required accept=".zip,.xml,.csv" /></label>
        <label class="check"><input type="checkbox" name="home" /> The home’s part too (for who runs the hub)</label>
        <button type="submit">Bring it in</button>
        ${
          uploaded === undefined
            ? nothing
            : html`<p role="status">${uploaded.share < 1 ? 'Uploading…' : 'Being read…'} <progress max="1" value=${uploaded.share} aria-label="Import"></progress></p>`
        }
        ${
          report === undefined
            ? nothing
            : html`<p role="status">${report.added} measurements added, ${report.known} were here already, ${report.leftOut} left out because the hub has no such quantity. ${report.notes.join(' ')}</p>`
        }
      </form>
    `;
  }
}
customElements.define('archive-view', ArchiveView);
