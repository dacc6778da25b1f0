/** Who else gets data: those who process it for the household, and what authorities were given. */
import { html, nothing, type TemplateResult } from 'lit';
import { callAgain } from '../again.ts';
import { call, hubNow } from '../api.ts';
import { pictogram } from '../pictograms.ts';
import type { Category, Session } from '../shapes.ts';
import { moment } from '../words.ts';
import { LoadedView } from './loaded.ts';

interface Processor {
  readonly id: string;
  readonly words: string;
  readonly needs: string;
  readonly gets: readonly Category[];
  readonly used: readonly string[];
}
interface Told {
  readonly authority: string;
  readonly basis: string;
  readonly what: string;
  readonly disclosed: string;
}
interface Recorded extends Told {
  readonly name: string;
  readonly tell: string | null;
  readonly told: string | null;
}

class RecipientsView extends LoadedView {
  declare session: Session;
  private processors: readonly Processor[] = [];
  private told: readonly Told[] = [];
  private recorded: readonly Recorded[] = [];
  private people: readonly { id: string; name: string }[] = [];

  protected async load(): Promise<void> {
    this.processors = await call<Processor[]>('GET', 'processors');
    this.told = await call<Told[]>('GET', 'disclosures');
    if (this.told.length > 0) await call('PUT', 'disclosures/seen');
    if (this.session.standing !== 'owner') return;
    this.recorded = await call<Recorded[]>('GET', 'disclosures/recorded');
    this.people = await call<{ id: string; name: string }[]>('GET', 'people');
  }

  private readonly record = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const { tell, ...given } = Object.fromEntries(new FormData(form)) as Record<string, string>;
    void this.act(async () => {
      await callAgain('POST', 'disclosures', {
        ...given,
        ...(tell === undefined || tell === '' ? {} : { tell: new Date(tell).toISOString() }),
      });
      form.reset();
    }, 'It is written down.');
  };

  private form(): TemplateResult {
    return html`<form class="card fields" @submit=${this.record}>
      <h2>Write down a disclosure</h2>
      <p class="quiet small">For who runs the hub. The person is told at once; give a day only where telling them is forbidden until then.</p>
      <label>Whose data<select name="person" required>${this.people.map(({ id, name }) => html`<option value=${id}>${name}</option>`)}</select></label>
      <label>Authority<input name="authority" required minlength="2" maxlength="300" /></label>
      <label>Law or order<input name="basis" required minlength="2" maxlength="300" /></label>
      <label>What was given<input name="what" required minlength="2" maxlength="300" /></label>
      <label>May be told from<input name="tell" type="date" /></label>
      <button type="submit">Write it down</button>
      ${
        this.recorded.length === 0
          ? nothing
          : html`<ul class="devices">${this.recorded.map(
              ({ name, authority, tell, told }) => html`<li><span>${name}: ${authority}</span>
                <span class="quiet small">${told === null ? `to be told from ${tell === null ? 'now' : moment(Date.parse(tell), hubNow())}` : `told ${moment(Date.parse(told), hubNow())}`}</span></li>`,
            )}</ul>`
      }
    </form>`;
  }

  protected content(): TemplateResult {
    return html`
      <section aria-labelledby="given-authority">
        <h2 id="given-authority">Given to authorities</h2>
        ${
          this.told.length === 0
            ? html`<p class="quiet">Nothing of yours that you may be told of.</p>`
            : html`<ul class="devices card">${this.told.map(
                ({ authority, basis, what, disclosed }) => html`<li><div><strong>${authority}</strong>
                  <p class="quiet small">${moment(Date.parse(disclosed), hubNow())}: ${what}. By ${basis}.</p></div></li>`,
              )}</ul>`
        }
      </section>
      <section aria-labelledby="given-processors">
        <h2 id="given-processors">Who works with data for this home</h2>
        <p class="quiet small">These are all the ways out that there are. None is used until somebody here sets it up. Nobody is paid, so no bank is among them.</p>
        <ul class="devices card">${this.processors.map(
          ({ words, needs, gets, used }) => html`<li><div>
            <strong>${words}</strong>
            <p class="quiet small">${needs}</p>
            <p class="small">${gets.map((category) => pictogram(category))} at most; ${used.length === 0 ? 'not used' : `in use: ${used.join(', ')}`}</p>
          </div></li>`,
        )}</ul>
      </section>
      ${this.session.standing === 'owner' ? this.form() : nothing}
    `;
  }
}
customElements.define('recipients-view', RecipientsView);
