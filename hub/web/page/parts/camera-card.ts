/** The home camera: its switch, its live picture by WHEP through the hub, how late that is, and who watches. */
import { html, nothing, type TemplateResult } from 'lit';
import { callAgain } from '../again.ts';
import { call, explain, hubNow } from '../api.ts';
import { PageElement } from '../element.ts';
import type { Home } from '../home.ts';
import { pictogram } from '../pictograms.ts';
import { retryAfterMs } from '../retry.ts';
import type { Camera } from '../shapes.ts';
import './microphone-row.ts';
import { openView, type View } from '../whep.ts';
import { moment } from '../words.ts';

/** No new picture for so long: the stream is dead though its connection is not. */
const FROZEN_MS = 2500;
/** A connection comes about within a second in the house; one that hangs is tried anew. */
const CONNECT_WITHIN_MS = 6000;
const ASK_VIEWERS_MS = 4000;
/** Part of the newest delay in the one shown, so that the number can be read. */
const DELAY_SHARE = 0.1;

class CameraCard extends PageElement {
  declare home: Home;
  /** Account of who looks. */
  declare person: string;
  /** A guest who was shown the camera watches it and does not switch it. */
  declare isGuest: boolean;
  /** A view that was opened while the page still filled, to be taken once. */
  declare first: View | undefined;
  private view: View | undefined;
  private trouble = '';
  private isPlaying = false;
  private attempt = 0;
  private timer = 0;
  private watchdog = 0;
  private frames = 0;
  private framedAtMs = 0;
  private startedAtMs = 0;
  private state: Camera['state'] | undefined;
  private stop: () => void = () => undefined;
  private viewers: readonly string[] = [];
  private askedAtMs = 0;
  /** From the edge to the screen, ms; undefined until a picture told. */
  private delayMs: number | undefined;
  private isSwitching = false;
  /** The view has sound; muted until its person wants to hear it, as browsers demand. */
  private hasSound = false;
  private isMuted = true;
  private switchTrouble = '';

  override connectedCallback(): void {
    super.connectedCallback();
    this.stop = this.home.onChange(() => this.changed());
    this.watchdog = window.setInterval(() => this.look(), 1000);
    window.addEventListener('pagehide', this.closed);
    window.addEventListener('pageshow', this.shown);
    void this.watch();
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
    window.clearTimeout(this.timer);
    window.clearInterval(this.watchdog);
    window.removeEventListener('pagehide', this.closed);
    window.removeEventListener('pageshow', this.shown);
    this.leave();
  }
  private readonly closed = (): void => this.leave();
  /** Back by the browser's history, with everything as it was but the picture. */
  private readonly shown = ({ persisted }: PageTransitionEvent): void => {
    if (persisted) void this.watch();
  };

  private leave(): void {
    this.view?.close();
    this.view = undefined;
    this.hasSound = false;
  }

  /** A camera that goes live again has a new stream: the old one is over, whatever its connection says. */
  private changed(): void {
    const state = this.home.camera?.state;
    // At once: not a single old picture stays on the screen.
    if (state === 'private' && this.state !== 'private') this.dark();
    if (state === 'live' && this.state !== undefined && this.state !== 'live') {
      this.attempt = 0;
      this.leave();
      this.isPlaying = false;
      window.clearTimeout(this.timer);
      void this.watch();
    }
    this.state = state;
    this.requestUpdate();
  }

  private dark(): void {
    window.clearTimeout(this.timer);
    this.leave();
    this.isPlaying = false;
    this.viewers = [];
    this.delayMs = undefined;
    const video = this.querySelector('video');
    if (video !== null) video.srcObject = null;
  }

  private readonly flip = async (): Promise<void> => {
    const isOff = this.home.camera?.state === 'private';
    this.isSwitching = true;
    this.switchTrouble = '';
    if (!isOff) this.dark();
    this.requestUpdate();
    try {
      if (isOff) await callAgain('POST', 'camera/on');
      else await call('POST', 'camera/off');
    } catch (error) {
      const { message, remedy } = explain(error);
      this.switchTrouble = `${message} ${remedy}`;
    }
    this.isSwitching = false;
    this.requestUpdate();
  };

  private readonly snapshot = (): void => {
    const video = this.querySelector('video');
    if (video === null || video.videoWidth === 0) return;
    const canvas = document.createElement('canvas');
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext('2d')?.drawImage(video, 0, 0);
    const link = document.createElement('a');
    link.href = canvas.toDataURL('image/png');
    link.download = `camera ${new Date(hubNow()).toISOString().slice(0, 19).replaceAll(':', '-')}.png`;
    link.click();
  };

  private readonly mute = (): void => {
    this.isMuted = !this.isMuted;
    this.requestUpdate();
  };

  private readonly fullScreen = (): void => {
    void this.querySelector('.picture')?.requestFullscreen();
  };

  private async askViewers(): Promise<void> {
    this.askedAtMs = performance.now();
    const { viewers } = await call<{ viewers: { name: string }[] }>('GET', 'camera/viewers').catch(() => ({ viewers: [] }));
    this.viewers = viewers.map(({ name }) => name);
    this.requestUpdate();
  }

  /** The browser knows when a picture left the edge, or at least when it came, and when it is on the screen. */
  private timePictures(video: HTMLVideoElement, view: View): void {
    video.requestVideoFrameCallback((_now, { expectedDisplayTime, captureTime, receiveTime }) => {
      if (view !== this.view) return;
      this.played();
      const from = captureTime ?? receiveTime;
      const delayMs = from === undefined ? undefined : expectedDisplayTime - from;
      if (delayMs !== undefined && delayMs >= 0)
        this.delayMs = this.delayMs === undefined ? delayMs : this.delayMs + DELAY_SHARE * (delayMs - this.delayMs);
      this.timePictures(video, view);
    });
  }

  private again(why: string): void {
    this.leave();
    this.isPlaying = false;
    this.trouble = why;
    this.requestUpdate();
    window.clearTimeout(this.timer);
    // A camera that comes back is seen within seconds: the wait stays short.
    if (this.isConnected) this.timer = window.setTimeout(() => void this.watch(), Math.min(2000, retryAfterMs(this.attempt++)));
  }

  private async watch(): Promise<void> {
    // It is switched on elsewhere, and then fetched.
    if (this.home.camera?.state === 'private') return;
    if (this.home.camera?.state === 'off') return this.again('');
    const isFresh = this.first !== undefined && ['new', 'connecting', 'connected'].includes(this.first.connection.connectionState);
    const view = isFresh ? this.first! : openView();
    this.first = undefined;
    this.view = view;
    const { connection } = view;
    this.startedAtMs = performance.now();
    connection.onconnectionstatechange = () => {
      if (view === this.view && ['failed', 'disconnected', 'closed'].includes(connection.connectionState))
        this.again('The picture was lost. It is fetched again.');
    };
    void view.track.then((track) => {
      const video = this.querySelector('video');
      if (video === null || view !== this.view) return;
      const stream = new MediaStream([track]);
      video.srcObject = stream;
      this.timePictures(video, view);
      void view.sound.then((sound) => {
        if (view !== this.view) return;
        stream.addTrack(sound);
        this.hasSound = true;
        this.requestUpdate();
      });
    });
    try {
      await view.opened;
      this.framedAtMs = performance.now();
    } catch (error) {
      if (view === this.view) this.again(explain(error).message);
    }
  }

  private played(): void {
    if (this.isPlaying) return;
    this.isPlaying = true;
    this.trouble = '';
    this.requestUpdate();
  }

  /** Counts the pictures that arrive; a stream without new ones is fetched again. */
  private look(): void {
    const video = this.querySelector('video');
    if (video === null || this.view === undefined) return;
    if (this.view.connection.connectionState !== 'connected') {
      if (performance.now() - this.startedAtMs > CONNECT_WITHIN_MS) this.again('The picture does not come through. It is fetched again.');
      return;
    }
    if (this.isPlaying && !document.hidden && performance.now() - this.askedAtMs > ASK_VIEWERS_MS) void this.askViewers();
    const frames = video.getVideoPlaybackQuality().totalVideoFrames;
    if (frames !== this.frames) {
      this.frames = frames;
      this.framedAtMs = performance.now();
      this.attempt = 0;
      this.played();
    } else if (performance.now() - this.framedAtMs > FROZEN_MS) {
      this.again('The picture stood still. It is fetched again.');
    }
  }

  private veil(): TemplateResult {
    const { camera } = this.home;
    if (camera?.state === 'private') {
      const { since = null, by = '' } = camera.off ?? {};
      return html`<div class="veil" role="status">
        <div>
          <p class="veil-title">The camera is switched off</p>
          <p>Nothing runs that could see the room, also after a restart.${camera.shutter?.cover === 'closed' ? ` Its cover is closed${camera.shutter.isLit ? '' : ' and its light is out'}.` : ''}</p>
          <p class="small">${since === null ? 'Off since a time that is not known.' : html`Switched off ${moment(Date.parse(since), hubNow())} by ${by}.`}</p>
        </div>
      </div>`;
    }
    const note =
      camera?.state === 'off' ? 'The hub runs without a camera.' : (camera?.message ?? '') !== '' ? camera?.message : this.trouble;
    return html`<p class="veil" role="status">${this.isSwitching ? 'Switching…' : note === '' ? 'Waiting for the picture…' : note}</p>`;
  }

  protected override render(): TemplateResult {
    const { camera } = this.home;
    const isOff = camera?.state === 'private';
    const canSwitch = camera?.state !== 'off' && !this.isGuest;
    const facts = [
      camera?.name ?? '',
      ...(this.isPlaying && camera !== undefined
        ? [`${camera.width} × ${camera.height}`, `${Math.round(camera.fps)} pictures a second`]
        : []),
      ...(this.isPlaying && this.delayMs !== undefined ? [`${Math.round(this.delayMs)} ms behind`] : []),
      ...(camera === undefined || camera.region === ''
        ? []
        : [
            camera.region === 'home'
              ? 'stays at home'
              : `through ${camera.region}${camera.isRegionProven === false ? ', by the word of who set it up' : ''}`,
          ]),
    ].filter((fact) => fact !== '');
    return html`
      <section class="card camera" aria-label="Camera">
        <div class="title-row">
          <h2>${pictogram('environment')} Camera <span class="category">Environment</span></h2>
          ${
            canSwitch
              ? html`<button class="switch" role="switch" aria-checked=${String(!isOff)} aria-label="Camera on" ?disabled=${this.isSwitching} @click=${this.flip}><span class="knob"></span></button>`
              : nothing
          }
        </div>
        <div class="picture">
          <video autoplay muted .muted=${this.isMuted} playsinline aria-label="Live picture of the home camera"></video>
          ${this.isPlaying && !isOff ? html`<span class="badge">${this.hasSound ? 'live, with sound' : 'live'}</span>` : this.veil()}
        </div>
        ${camera?.shutter === undefined || camera.shutter.trouble === '' ? nothing : html`<p class="alarm small" role="alert">${camera.shutter.trouble}</p>`}
        ${this.switchTrouble === '' ? nothing : html`<p class="alarm small" role="alert">${this.switchTrouble}</p>`}
        <p class="quiet small">${facts.join(' · ')}</p>
        ${
          this.isPlaying && !isOff
            ? html`<p class="small">${watching(this.viewers)}</p>
                <p class="row">${this.hasSound ? html`<button @click=${this.mute}>${this.isMuted ? 'Unmute' : 'Mute'}</button>` : nothing}<button @click=${this.snapshot}>Snapshot</button><button @click=${this.fullScreen}>Full screen</button></p>`
            : nothing
        }
        ${this.isGuest ? nothing : html`<microphone-row .home=${this.home} .person=${this.person}></microphone-row>`}
      </section>
    `;
  }
}
customElements.define('camera-card', CameraCard);

/** Everybody who watches, each once, with how many of their screens. */
function watching(names: readonly string[]): string {
  if (names.length === 0) return '';
  const each = [...new Set(names)].map((name) => {
    const screens = names.filter((other) => other === name).length;
    return screens === 1 ? name : `${name} (${screens} screens)`;
  });
  return `Watching now: ${each.join(', ')}`;
}
