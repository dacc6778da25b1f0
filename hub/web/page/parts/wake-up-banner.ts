/** Rings on every page of whoever is woken: words, sound and a notification, until it is stopped. Nothing while all is quiet. */
import { html, nothing, type TemplateResult } from 'lit';
import { call, hubNow } from '../api.ts';
import { createBell } from '../bell.ts';
import { PageElement, whileShown } from '../element.ts';

export interface WakeUpState {
  readonly on: boolean;
  readonly time: string;
  readonly days: readonly boolean[];
  readonly windowMin: number;
  readonly next: string | null;
  readonly ringing: boolean;
  readonly outputs: readonly string[];
  readonly timeKnown: boolean;
  readonly last: {
    readonly set: string;
    readonly rang: string | null;
    readonly stopped: string | null;
    readonly trail: readonly { readonly at: string; readonly because: string }[];
  } | null;
}

/** Within the window of a wake-up the page asks so often; the hub tells it as well where a stream is open. */
const CLOSE_MS = 4000;
const FAR_MS = 60_000;

class WakeUpBanner extends PageElement {
  private state: WakeUpState | undefined;
  private readonly look = whileShown(
    this,
    () => this.load(),
    () => this.waitMs(),
  );
  private readonly bell = createBell();
  private notification: Notification | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('hearth-wake-up', this.look);
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('hearth-wake-up', this.look);
    this.bell.ring(false);
  }

  private waitMs(): number {
    const { state } = this;
    if (state?.ringing) return CLOSE_MS;
    if (state?.next == null) return FAR_MS;
    const toWindowMs = Date.parse(state.next) - state.windowMin * 60_000 - hubNow();
    return Math.max(CLOSE_MS, Math.min(FAR_MS, toWindowMs));
  }

  private async load(): Promise<void> {
    let next: WakeUpState;
    try {
      next = await call<WakeUpState>('GET', 'wake-up');
    } catch {
      // A hub that does not answer does not silence what rings; and past the set time this page rings by itself.
      const { state } = this;
      const isDue = state?.next != null && hubNow() >= Date.parse(state.next);
      if (isDue) this.show({ ...state, ringing: true });
      return;
    }
    this.show(next);
  }

  private show(state: WakeUpState): void {
    const began = state.ringing && this.state?.ringing !== true;
    this.state = state;
    this.bell.ring(state.ringing);
    if (began && 'Notification' in window && Notification.permission === 'granted')
      this.notification = new Notification('Good morning', { body: this.because(), requireInteraction: true, tag: 'hearth-wake-up' });
    if (!state.ringing) this.notification?.close();
    this.requestUpdate();
  }

  private because(): string {
    return this.state?.last?.trail.at(-1)?.because ?? 'it is the set time';
  }
  private act(what: 'stop' | 'snooze'): void {
    this.bell.ring(false);
    if (this.state !== undefined) this.state = { ...this.state, ringing: false, next: null };
    this.requestUpdate();
    void call('POST', `wake-up/${what}`).then(this.look, this.look);
  }

  protected override render(): TemplateResult | typeof nothing {
    if (this.state?.ringing !== true) return nothing;
    return html`<div class="banner wake-up" role="alertdialog" aria-label="Wake-up">
      <p><strong>Good morning.</strong> Woken because: ${this.because()}.</p>
      <div class="row"><button class="primary" @click=${() => this.act('stop')}>Stop</button><button @click=${() => this.act('snooze')}>Nine minutes more</button></div>
    </div>`;
  }
}
customElements.define('wake-up-banner', WakeUpBanner);
