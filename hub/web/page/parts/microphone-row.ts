/** The microphone beside the camera: its switch, and who agrees that whoever watches hears the room. */
import { html, nothing, type TemplateResult } from 'lit';
import { callAgain } from '../again.ts';
import { call, explain, hubNow } from '../api.ts';
import { PageElement } from '../element.ts';
import type { Home } from '../home.ts';
import type { Camera } from '../shapes.ts';
import { moment } from '../words.ts';

type Microphone = NonNullable<Camera['microphone']>;

class MicrophoneRow extends PageElement {
  declare home: Home;
  /** Account of who looks. */
  declare person: string;
  private trouble = '';
  private stop: () => void = () => undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.stop = this.home.onChange(() => this.requestUpdate());
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
  }

  private get microphone(): Microphone | undefined {
    return this.home.camera?.microphone;
  }

  private async act(change: () => Promise<unknown>): Promise<void> {
    this.trouble = '';
    try {
      await change();
    } catch (error) {
      const { message, remedy } = explain(error);
      this.trouble = `${message} ${remedy}`;
    }
    this.requestUpdate();
  }

  private readonly flip = (): void =>
    void this.act(() =>
      this.microphone?.isOn === true ? call('POST', 'camera/microphone/off') : callAgain('POST', 'camera/microphone/on'),
    );

  private readonly agree = (): void => void this.act(() => call('PUT', 'camera/sound', { isAgreed: !this.isAgreed }));

  private get isAgreed(): boolean {
    return this.microphone?.sound.people.some(({ id, isAgreed }) => id === this.person && isAgreed) === true;
  }

  private says({ isOn, isLive, by, heard }: Microphone): string {
    if (!isOn) return 'The microphone is off.';
    const does = isLive
      ? 'The microphone is on: who watches hears the room.'
      : 'The microphone tells when something is heard; no sound is kept or sent.';
    const last =
      heard === null ? '' : ` Last heard: ${moment(Date.parse(heard.at), hubNow())}, ${Math.max(1, Math.round(heard.lastsMs / 1000))} s.`;
    return `${does}${by === '' ? '' : ` ${by} switched it on.`}${last}`;
  }

  private consent({ isOn, sound }: Microphone): TemplateResult | typeof nothing {
    if (!isOn || !sound.isNamed) return nothing;
    return html`<div class="title-row">
      <p class="quiet small">${agreeWords(sound.people)}</p>
      <button class="switch" role="switch" aria-checked=${String(this.isAgreed)} aria-label="I agree that who watches hears the room" @click=${this.agree}><span class="knob"></span></button>
    </div>`;
  }

  protected override render(): TemplateResult | typeof nothing {
    const { microphone } = this;
    if (microphone === undefined) return nothing;
    const { isOn, message } = microphone;
    return html`<div class="title-row">
        <p class="quiet small">${this.says(microphone)}</p>
        <button class="switch" role="switch" aria-checked=${String(isOn)} aria-label="Microphone on" @click=${this.flip}><span class="knob"></span></button>
      </div>
      ${this.consent(microphone)}
      ${isOn && message !== '' ? html`<p class="alarm small" role="status">The microphone: ${message}</p>` : nothing}
      ${this.trouble === '' ? nothing : html`<p class="alarm small" role="alert">${this.trouble}</p>`}`;
  }
}
customElements.define('microphone-row', MicrophoneRow);

/** What there is to agree to, and who does. */
function agreeWords(people: Microphone['sound']['people']): string {
  const names = (isAgreed: boolean): string =>
    people
      .filter((one) => one.isAgreed === isAgreed)
      .map(({ name }) => name)
      .join(', ');
  const [yes, no] = [names(true), names(false)];
  if (yes === '') return 'Sound with the live picture: only if everybody who lives here agrees, each here by themselves.';
  return no === ''
    ? `Sound with the live picture: agreed to by ${yes}.`
    : `Sound with the live picture: agreed to by ${yes}; it waits for ${no}.`;
}
