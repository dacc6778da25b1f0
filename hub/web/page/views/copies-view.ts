/** Copies of everything by schedule: where, how often, how many, and whether the last one holds. */
import { html, nothing, type TemplateResult } from 'lit';
import { callAgain } from '../again.ts';
import { call, hubNow } from '../api.ts';
import { moment } from '../words.ts';
import { LoadedView } from './loaded.ts';

interface Copies {
  readonly places: readonly string[];
  readonly settings: {
    readonly place: string;
    readonly every: string;
    readonly keep: number;
    readonly sealed: boolean;
    readonly isThere: boolean;
  } | null;
  readonly trouble: { readonly message: string; readonly since: string } | null;
  readonly made: readonly { readonly at: string; readonly place: string; readonly file: string; readonly bytes: number }[];
}

class CopiesView extends LoadedView {
  private all: Copies | undefined;

  protected async load(): Promise<void> {
    this.all = await call<Copies>('GET', 'copies');
  }

  private readonly set = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const passphrase = String(form.get('passphrase') ?? '');
    void this.act(
      () =>
        callAgain('PUT', 'copies', {
          place: String(form.get('place')),
          every: String(form.get('every')),
          keep: Number(form.get('keep')),
          ...(passphrase === '' ? {} : { passphrase }),
        }),
      'The first one is made within some minutes.',
    );
  };
  private readonly off = (): void => void this.act(() => call('DELETE', 'copies'), 'No more copies are made. Those that there are stay.');
  private readonly again = (): void => void this.act(() => this.reload());

  private state({ settings, trouble, made }: Copies): TemplateResult | typeof nothing {
    if (settings === null) return nothing;
    const last = made[0];
    return html`<section class="card fields">
      <h2>Each ${settings.every}, to ${settings.place}</h2>
      ${
        trouble === null
          ? nothing
          : html`<p class="alarm" role="status">Not made since ${moment(Date.parse(trouble.since), hubNow())}: ${trouble.message}. It is tried again each ten minutes; the older
              copies are untouched.</p>`
      }
      <p>
        ${last === undefined ? 'None was made yet.' : `The last one: ${moment(Date.parse(last.at), hubNow())}, ${(last.bytes / 2 ** 20).toFixed(1)} MB, read back from there.`}
        ${settings.isThere ? nothing : html`<span class="quiet">The drive is not there now.</span>`}
      </p>
      <p class="quiet small">${settings.keep} are kept; ${settings.sealed ? 'your passphrase opens them (with age, anywhere).' : 'they are not sealed: whoever finds the drive can read them.'}</p>
      <button @click=${this.off}>No more copies</button>
    </section>`;
  }

  protected content(): TemplateResult {
    const { all } = this;
    if (all === undefined) return html``;
    const { settings, places, made } = all;
    return html`
      <p class="quiet">Everything of yours, as under “Take your data along”, made by itself and read back each time. It needs no network.</p>
      ${this.state(all)}
      <form class="card fields" @submit=${this.set}>
        <h2>${settings === null ? 'Have copies made' : 'Change it'}</h2>
        ${
          places.length === 0
            ? html`<p>There is no place for copies now. Plug a drive into the hub; or who runs it names a folder in hearth.yaml.</p>
                <button type="button" @click=${this.again}>Look again</button>`
            : html`<label>Where<select name="place">${places.map((place) => html`<option value=${place} ?selected=${place === settings?.place}>${place}</option>`)}</select></label>
                <label>How often<select name="every">
                  <option value="day">each day</option><option value="week" selected>each week</option><option value="month">each month</option>
                </select></label>
                <label>How many are kept<input name="keep" type="number" min="1" max="100" required value="4" /></label>
                <label>Passphrase, at least ten characters; empty: not sealed<input name="passphrase" type="password" autocomplete="new-password" minlength="10" maxlength="200" /></label>
                <p class="quiet small">Without the passphrase nobody opens a sealed copy, you neither. The hub keeps it, encrypted, to read copies back.</p>
                <button class="primary" type="submit">Make copies</button>`
        }
      </form>
      ${
        made.length === 0
          ? nothing
          : html`<h2>Made</h2><ul class="devices card">${made.map(
              ({ at, file, bytes }) =>
                html`<li><span>${moment(Date.parse(at), hubNow())}</span><span class="quiet small">${file}, ${(bytes / 2 ** 20).toFixed(1)} MB</span></li>`,
            )}</ul>`
      }
    `;
  }
}
customElements.define('copies-view', CopiesView);
