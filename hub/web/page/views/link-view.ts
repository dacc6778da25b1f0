/** A partner asks for a link: who they are, what they want, what their policy may mean; the person chooses, or says no. */
import { html, nothing, type TemplateResult } from 'lit';
import { callAgain } from '../again.ts';
import { call } from '../api.ts';
import { categoryName, pictogram } from '../pictograms.ts';
import type { Category } from '../shapes.ts';
import { LoadedView } from './loaded.ts';

interface Asked {
  readonly partner: { readonly name: string; readonly policyUrl: string; readonly region: string };
  readonly reads: readonly Category[];
  readonly writes: readonly Category[];
  readonly from: string | null;
  readonly to: string | null;
  readonly warning: string;
  readonly version: string;
  readonly mostDays: number;
}

class LinkView extends LoadedView {
  declare uid: string;
  private asked: Asked | undefined;

  protected async load(): Promise<void> {
    this.asked = await call<Asked>('GET', `link-requests/${encodeURIComponent(this.uid)}`);
  }

  private readonly allow = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const { asked } = this;
    if (asked === undefined) return;
    const fields = new FormData(event.target as HTMLFormElement);
    const [from, to] = [String(fields.get('from') ?? ''), String(fields.get('to') ?? '')];
    await this.go(() =>
      callAgain<{ goTo: string }>('POST', `link-requests/${encodeURIComponent(this.uid)}`, {
        reads: asked.reads.filter((one) => fields.has(`read:${one}`)),
        writes: asked.writes.filter((one) => fields.has(`write:${one}`)),
        ...(from === '' ? {} : { from: new Date(from).toISOString() }),
        // Until the end of the day that was chosen.
        ...(to === '' ? {} : { to: new Date(`${to}T24:00`).toISOString() }),
        days: Number(fields.get('days')),
        version: asked.version,
      }),
    );
  };

  private readonly refuse = (): Promise<void> => this.go(() => call('DELETE', `link-requests/${encodeURIComponent(this.uid)}`));

  /** Once it is decided the browser goes back to the partner. */
  private async go(decide: () => Promise<{ goTo: string }>): Promise<void> {
    let goTo = '';
    await this.act(async () => {
      ({ goTo } = await decide());
    });
    if (goTo !== '') location.assign(goTo);
  }

  private choice(kind: 'read' | 'write', categories: readonly Category[], legend: string): TemplateResult {
    return html`<fieldset><legend>${legend}</legend>
      ${categories.map((one) => html`<label class="check"><input type="checkbox" name=${`${kind}:${one}`} checked /> ${pictogram(one)} ${categoryName(one)}</label>`)}
    </fieldset>`;
  }

  protected content(): TemplateResult {
    const { asked } = this;
    if (asked === undefined) return html``;
    const { partner, reads, writes, from, to, warning, mostDays } = asked;
    return html`
      <form class="card fields" @submit=${this.allow}>
        <h2>${partner.name} asks for a link to your data</h2>
        <p class="banner" role="note">${warning}</p>
        <p><a href=${partner.policyUrl} target="_blank" rel="noreferrer noopener">The privacy policy of ${partner.name}</a> <span class="quiet small">leaves this hub</span></p>
        <p class="quiet small">It never learns your name, birth date or picture from this hub.</p>
        ${reads.length === 0 ? nothing : this.choice('read', reads, `${partner.name} may read`)}
        ${writes.length === 0 ? nothing : this.choice('write', writes, `${partner.name} may add, marked as coming from it`)}
        <label>From which day on (all, if left empty)<input name="from" type="date" .value=${from ?? ''} /></label>
        <label>Until which day (without end, if left empty)<input name="to" type="date" .value=${to ?? ''} /></label>
        <label>The link ends by itself after how many days<input name="days" type="number" min="1" max=${mostDays} .value=${'90'} required /></label>
        <div class="row">
          <button class="primary" type="submit">Allow what is ticked</button>
          <button type="button" @click=${this.refuse}>No</button>
        </div>
      </form>
    `;
  }
}
customElements.define('link-view', LinkView);
