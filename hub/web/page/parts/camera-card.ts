/** The home camera's live picture, by WHEP through the hub. */
import { html, nothing, type TemplateResult } from 'lit';
import { explain, send } from '../api.ts';
import { PageElement } from '../element.ts';
import type { Home } from '../home.ts';
import { pictogram } from '../pictograms.ts';
import { retryAfterMs } from '../retry.ts';
import type { Camera } from '../shapes.ts';

const GATHER_WITHIN_MS = 1000;
/** No new picture for so long: the stream is dead though its connection is not. */
const FROZEN_MS = 2500;

class CameraCard extends PageElement {
  declare home: Home;
  private connection: RTCPeerConnection | undefined;
  private resource = '';
  private trouble = '';
  private isPlaying = false;
  private attempt = 0;
  private timer = 0;
  private watchdog = 0;
  private frames = 0;
  private framedAtMs = 0;
  private state: Camera['state'] | undefined;
  private stop: () => void = () => undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.stop = this.home.onChange(() => this.changed());
    this.watchdog = window.setInterval(() => this.look(), 1000);
    void this.watch();
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
    window.clearTimeout(this.timer);
    window.clearInterval(this.watchdog);
    this.leave();
  }

  private leave(): void {
    this.connection?.close();
    this.connection = undefined;
    if (this.resource !== '') void send('DELETE', this.resource, undefined, '').catch(() => undefined);
    this.resource = '';
  }

  /** A camera that goes live again has a new stream: the old one is over, whatever its connection says. */
  private changed(): void {
    const state = this.home.camera?.state;
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
    if (this.home.camera?.state === 'off') return this.again('');
    const connection = new RTCPeerConnection();
    this.connection = connection;
    connection.addTransceiver('video', { direction: 'recvonly' });
    connection.ontrack = ({ track }) => {
      const video = this.querySelector('video');
      if (video !== null) video.srcObject = new MediaStream([track]);
    };
    connection.onconnectionstatechange = () => {
      if (connection === this.connection && ['failed', 'disconnected', 'closed'].includes(connection.connectionState))
        this.again('The picture was lost. It is fetched again.');
    };
    try {
      await connection.setLocalDescription(await connection.createOffer());
      await gathered(connection);
      const response = await send('POST', 'camera/whep', connection.localDescription?.sdp ?? '', 'application/sdp');
      this.resource = (response.headers.get('location') ?? '').replace('/api/v1/', '');
      await connection.setRemoteDescription({ type: 'answer', sdp: await response.text() });
      this.framedAtMs = performance.now();
    } catch (error) {
      if (connection === this.connection) this.again(explain(error).message);
    }
  }

  /** Counts the pictures that arrive; a stream without new ones is fetched again. */
  private look(): void {
    const video = this.querySelector('video');
    if (video === null || this.connection?.connectionState !== 'connected') return;
    const frames = video.getVideoPlaybackQuality().totalVideoFrames;
    if (frames !== this.frames) {
      this.frames = frames;
      this.framedAtMs = performance.now();
      this.attempt = 0;
      if (!this.isPlaying) {
        this.isPlaying = true;
        this.trouble = '';
        this.requestUpdate();
      }
    } else if (performance.now() - this.framedAtMs > FROZEN_MS) {
      this.again('The picture stood still. It is fetched again.');
    }
  }

  protected override render(): TemplateResult {
    const camera = this.home.camera;
    const note =
      camera?.state === 'off'
        ? 'The camera is off.'
        : camera?.message !== undefined && camera.message !== ''
          ? camera.message
          : this.trouble;
    return html`
      <section class="card camera" aria-label="Camera">
        <h2>${pictogram('environment')} Camera <span class="category">Environment</span></h2>
        <div class="picture">
          <video autoplay muted playsinline aria-label="Live picture of the home camera"></video>
          ${this.isPlaying ? html`<span class="badge">live</span>` : html`<p class="veil" role="status">${note === '' ? 'Waiting for the picture…' : note}</p>`}
        </div>
        <p class="quiet small">${camera?.name ?? ''}${camera !== undefined && camera.width > 0 ? html` · ${camera.width} × ${camera.height}` : nothing}${this.isPlaying && camera !== undefined ? html` · ${Math.round(camera.fps)} pictures a second` : nothing}</p>
      </section>
    `;
  }
}
customElements.define('camera-card', CameraCard);

function gathered(connection: RTCPeerConnection): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (connection.iceGatheringState === 'complete') resolve();
    };
    connection.onicegatheringstatechange = look;
    look();
    window.setTimeout(resolve, GATHER_WITHIN_MS);
  });
}
