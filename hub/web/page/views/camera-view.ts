/** The camera's past: clips of what moved, to look at, take along and delete; and each of its sessions, with who watched. */
import { html, nothing, type TemplateResult } from 'lit';
import { callAgain } from '../again.ts';
import { call, hubNow } from '../api.ts';
import { categoryName, pictogram } from '../pictograms.ts';
import { moment } from '../words.ts';
import { LoadedView } from './loaded.ts';

interface Clip {
  readonly name: string;
  readonly camera: string;
  readonly start: string;
  readonly lastsMs: number;
  readonly bytes: number;
  readonly cause: string;
}
interface Clips {
  readonly isOn: boolean;
  readonly held: '' | 'objection' | 'disk';
  readonly by: string;
  readonly mostBytes: number;
  readonly mostDays: number;
  readonly clips: readonly Clip[];
}
interface View {
  readonly name: string;
  readonly since: string;
  readonly until: string | null;
  readonly bytes: number;
  readonly soundBytes?: number;
}
interface CameraSession {
  readonly id: string;
  readonly region: string;
  readonly edgeKey: string;
  readonly since: string;
  readonly until: string | null;
  readonly bytes: number;
  /** Of the room's sound; left out or 0 where none was carried. */
  readonly soundBytes?: number;
  readonly views: readonly View[];
  readonly receipt: string | null;
}

const MOST_SESSIONS = 30;
const heldWords = {
  '': '',
  objection: 'Nothing is recorded now: somebody of the household objects to it.',
  disk: 'Nothing is recorded now: the disk has no room for it.',
} as const;
const causeWords: Readonly<Record<string, string>> = { motion: 'Something moved', sound: 'Something was heard' };
function size(bytes: number): string {
  if (bytes < 100_000) return `${Math.ceil(bytes / 1000)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(0)} GB`;
}
const withSound = (bytes = 0): string => (bytes === 0 ? '' : `, with sound (${size(bytes)})`);
const seconds = (ms: number): string => `${Math.max(1, Math.round(ms / 1000))} s`;

class CameraView extends LoadedView {
  private clips: Clips | undefined;
  private sessions: readonly CameraSession[] = [];
  private shown = '';

  protected async load(): Promise<void> {
    [this.clips, this.sessions] = await Promise.all([
      call<Clips>('GET', 'camera/clips'),
      call<CameraSession[]>('GET', `camera/sessions?limit=${MOST_SESSIONS}`),
    ]);
  }

  private readonly flip = (): void => {
    const isOn = this.clips?.isOn !== true;
    const note = isOn
      ? 'What moves before the camera is recorded from now on.'
      : 'Nothing more is recorded. What was stays until you delete it.';
    void this.act(() => callAgain('PUT', 'camera/clips', { isOn }), note);
  };

  private clip({ name, start, lastsMs, bytes, cause }: Clip): TemplateResult {
    const at = moment(Date.parse(start), hubNow());
    const path = `/api/v1/camera/clips/${name}/video.mp4`;
    const isShown = this.shown === name;
    const toggle = (): void => {
      this.shown = isShown ? '' : name;
      this.requestUpdate();
    };
    return html`<li class="clip">
      <div>
        <strong>${at}</strong> <span class="quiet small">${causeWords[cause] ?? cause}, ${seconds(lastsMs)}, ${size(bytes)}</span>
        ${isShown ? html`<video class="clip-video" src=${path} controls autoplay muted playsinline aria-label="Clip of ${at}"></video>` : nothing}
        <p class="row clip-row">
          <button aria-expanded=${String(isShown)} aria-label="${isShown ? 'Hide' : 'Show'} the clip of ${at}" @click=${toggle}>${isShown ? 'Hide' : 'Show'}</button>
          <a class="button" href="${path}?download=true" download aria-label="Take the clip of ${at} along">Take along</a>
          <button aria-label="Delete the clip of ${at}" @click=${() => this.act(() => callAgain('DELETE', `camera/clips/${name}`), 'It is deleted.')}>Delete</button>
        </p>
      </div>
    </li>`;
  }

  private session({ region, edgeKey, since, until, bytes, soundBytes, views, receipt }: CameraSession): TemplateResult {
    const nowMs = hubNow();
    const at = (text: string): string => moment(Date.parse(text), nowMs);
    return html`<li>
      <div>
        <strong>${at(since)} – ${until === null ? 'now' : at(until)}</strong>
        <span class="quiet small">${region === 'home' ? 'within the home' : `through ${region}`}, ${size(bytes)}${withSound(soundBytes)}</span>
        ${
          views.length === 0
            ? html`<p class="quiet small">Nobody watched.</p>`
            : views.map(
                (view) =>
                  html`<p class="small">${view.name === '' ? 'Somebody who is gone' : view.name}: ${at(view.since)} – ${view.until === null ? 'now' : at(view.until)}, ${size(view.bytes)}${withSound(view.soundBytes)}</p>`,
              )
        }
        <details>
          <summary class="quiet small">Receipt of the edge</summary>
          <p class="quiet small">Key of the edge</p>
          <p class="code small">${edgeKey}</p>
          ${receipt === null ? html`<p class="quiet small">${edgeKey === '' ? 'This server signs nothing: it is what this hub knows.' : until === null ? 'Signed when the session is over.' : 'The edge ended without signing it; this is what it had said.'}</p>` : html`<p class="code small">${receipt}</p>`}
        </details>
      </div>
    </li>`;
  }

  protected content(): TemplateResult {
    const { clips } = this;
    if (clips === undefined) return html``;
    return html`
      <section class="card" aria-labelledby="clips">
        <div class="title-row">
          <h2 id="clips">${pictogram('environment')} Clips <span class="category">${categoryName('environment')}</span></h2>
          <button class="switch" role="switch" aria-checked=${String(clips.isOn)} aria-label="Record clips" @click=${this.flip}><span class="knob"></span></button>
        </div>
        <p class="quiet small">
          ${clips.isOn ? `When something moves, or is heard where the microphone is on, some seconds before and after are recorded${clips.by === '' ? '' : `; ${clips.by} switched it on`}.` : 'Nothing is recorded.'}
          They stay in this home, sealed; each is let go after ${clips.mostDays} days, the oldest sooner when they take ${size(clips.mostBytes)}.
          Anybody who lives here may object, under You: What it is used for.
        </p>
        ${clips.held === '' ? nothing : html`<p class="alarm small" role="status">${heldWords[clips.held]}</p>`}
        ${clips.clips.length === 0 ? html`<p class="quiet">There are no clips.</p>` : html`<ul class="devices">${clips.clips.map((clip) => this.clip(clip))}</ul>`}
      </section>
      <section class="card" aria-labelledby="sessions">
        <h2 id="sessions">Who watched</h2>
        ${this.sessions.length === 0 ? html`<p class="quiet">The camera has sent nothing yet.</p>` : html`<ul class="devices">${this.sessions.map((session) => this.session(session))}</ul>`}
      </section>
    `;
  }
}
customElements.define('camera-view', CameraView);
