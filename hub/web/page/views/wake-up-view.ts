/** Smart Wake-up: when, on which days, how long before light sleep may wake; what was decided last, and why. */
import { html, nothing, type TemplateResult } from 'lit';
import { call, hubNow } from '../api.ts';
import { createBell } from '../bell.ts';
import type { WakeUpState } from '../parts/wake-up-banner.ts';
import { moment } from '../words.ts';
import { LoadedView } from './loaded.ts';

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const clockTime = (iso: string): string => new Date(iso).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
const TEST_MS = 4000;

class WakeUpView extends LoadedView {
  private state: WakeUpState | undefined;
  private readonly bell = createBell();

  protected async load(): Promise<void> {
    this.state = await call<WakeUpState>('GET', 'wake-up');
    window.dispatchEvent(new Event('hearth-wake-up'));
  }

  private readonly save = (event: SubmitEvent): void => {
    event.preventDefault();
    const data = new FormData(event.target as HTMLFormElement);
    const body = {
      on: data.get('on') !== null,
      time: String(data.get('time')),
      days: DAYS.map((day) => data.get(day) !== null),
      windowMin: Number(data.get('window')),
    };
    void this.act(() => call('PUT', 'wake-up', body), body.on ? 'Set.' : 'Switched off.');
  };

  private readonly test = (): void => {
    this.bell.ring(true);
    window.setTimeout(() => this.bell.ring(false), TEST_MS);
    if ('Notification' in window && Notification.permission === 'default') void Notification.requestPermission();
    void this.act(() => call('POST', 'wake-up/test', {}));
  };

  private last({ last }: WakeUpState): TemplateResult {
    if (last === null) return html`<p class="quiet">Nobody was woken yet.</p>`;
    const how =
      last.rang === null
        ? `For ${clockTime(last.set)} nothing has rung yet.`
        : `Set for ${clockTime(last.set)}, rang at ${clockTime(last.rang)}${last.stopped === null ? '' : `, stopped at ${clockTime(last.stopped)}`}.`;
    return html`<p>${how} <span class="quiet small">${moment(Date.parse(last.rang ?? last.set), hubNow())}</span></p>
      <ul>${last.trail.map(({ at, because }) => html`<li>${clockTime(at)}: ${because}</li>`)}</ul>`;
  }

  protected content(): TemplateResult {
    const { state } = this;
    if (state === undefined) return html``;
    return html`
      <p class="quiet">The hub looks at your movement in bed, as a tracker or a bed mat tells it, and wakes you in light sleep: at the set time at the latest, with or without
        internet. A program decides that by itself; below is what it decided and why.</p>
      <form class="card fields" @submit=${this.save}>
        <label class="choice"><input type="checkbox" name="on" ?checked=${state.on}> Wake me</label>
        <label>At the latest at <input type="time" name="time" required .value=${state.time}></label>
        <fieldset class="row days"><legend>On</legend>${DAYS.map((day, at) => html`<label class="choice"><input type="checkbox" name=${day} ?checked=${state.days[at]}> ${day}</label>`)}</fieldset>
        <label>Minutes before it in which light sleep may wake <span class="small quiet">0: at the set time alone</span><input type="number" name="window" min="0" max="90" required .value=${String(state.windowMin)}></label>
        <div class="row"><button class="primary">Set</button><button type="button" @click=${this.test}>Let it ring</button></div>
      </form>
      <section class="card" aria-labelledby="rings-title"><h2 id="rings-title">What rings</h2>
        <p>${state.next === null ? 'Nothing is set.' : `Next: ${new Date(state.next).toLocaleString([], { weekday: 'long', hour: '2-digit', minute: '2-digit' })}.`}
          This page, while it is open${state.outputs.length === 0 ? '' : ` and ${state.outputs.join(', ')}`}.</p>
        ${state.outputs.length === 0 ? html`<p class="quiet small">Leave this page open beside your bed, and press “Let it ring” once: a browser is silent until it was touched. A buzzer on an Arduino rings without any page; see hardware/boards.</p>` : nothing}
        ${state.timeKnown ? nothing : html`<p class="alarm">The hub does not know the time yet: until it does, it may ring late.</p>`}
      </section>
      <section class="card" aria-labelledby="last-title"><h2 id="last-title">Last time</h2>${this.last(state)}</section>
    `;
  }
}
customElements.define('wake-up-view', WakeUpView);
