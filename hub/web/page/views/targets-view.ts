/** Where measurements go: each target with what it may have of oneself; who runs the hub adds, tests, pauses and takes away. */
import { html, nothing, type TemplateResult } from 'lit';
import { callAgain } from '../again.ts';
import { ApiError, call, hubNow } from '../api.ts';
import { dots, kindWords, stateWords } from '../parts/sync-card.ts';
import { categoryName, pictogram } from '../pictograms.ts';
import type { Category, Session, SyncTarget } from '../shapes.ts';
import { moment } from '../words.ts';
import { LoadedView } from './loaded.ts';

interface Receipt {
  readonly at: string;
  readonly upTo: number;
}

const all: readonly Category[] = ['body', 'activity', 'environment', 'technical'];
/** The home has no body and no steps. */
const ofHome: readonly Category[] = ['environment', 'technical'];
/** What each kind of target is told, as fields of a form: name, label, whether it is needed. */
const fields: Readonly<Record<string, readonly (readonly [name: string, label: string, isNeeded: boolean])[]>> = {
  mqtt: [
    ['url', 'Address, like mqtt://homeassistant.local', true],
    ['username', 'User name, if it asks for one', false],
    ['secret', 'Password, if it asks for one', false],
  ],
  influx: [
    ['url', 'Address, like http://influx.local:8086', true],
    ['org', 'Organisation (InfluxDB 2)', false],
    ['bucket', 'Bucket, or the database of an InfluxDB 1', true],
    ['secret', 'Token that may read and write the bucket; of an InfluxDB 1 user:password', true],
  ],
  webhook: [
    ['url', 'Address', true],
    ['secret', 'Secret to sign with', true],
  ],
  file: [['folder', 'Folder, like /mnt/stick', true]],
  edge: [
    ['url', 'Address, like https://edge.example', true],
    ['secret', 'Code of the edge’s operator', true],
  ],
};

interface SetAside {
  readonly target: string;
  readonly subject: string;
  readonly seq: number;
  readonly reason: string;
}
/** More are the same defect again. */
const MOST_REASONS = 5;

class TargetsView extends LoadedView {
  declare session: Session;
  private targets: readonly SyncTarget[] = [];
  private receipts = new Map<string, readonly Receipt[]>();
  private aside: readonly SetAside[] = [];
  private regions: readonly { readonly id: string; readonly matter: string; readonly label: string }[] = [];
  private kind = 'mqtt';
  private leaving = '';

  protected async load(): Promise<void> {
    const [targets, regions] = await Promise.all([call<SyncTarget[]>('GET', 'sync'), call<typeof this.regions>('GET', 'regions')]);
    this.targets = targets;
    this.regions = regions.filter(({ matter }) => matter === 'records');
    const edges = targets.filter(({ kind, origin }) => kind === 'edge' && origin !== 'hub');
    const found = edges.map(
      async ({ name }) => [name, await call<Receipt[]>('GET', `sync/${name}/receipts?limit=3&subject=${this.session.id}`)] as const,
    );
    this.receipts = new Map(await Promise.all(found));
    const hasAside = this.runsHub && targets.some(({ setAside }) => setAside > 0);
    this.aside = hasAside ? await call<SetAside[]>('GET', 'sync/set-aside') : [];
  }

  private get runsHub(): boolean {
    return this.session.standing === 'owner';
  }
  private readonly add = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const given = [...new FormData(form)].flatMap(([key, value]) => (String(value).trim() === '' ? [] : [[key, String(value).trim()]]));
    void this.act(async () => {
      await callAgain('POST', 'sync/targets', Object.fromEntries(given) as object);
      form.reset();
    }, 'It is added. It gets nothing until you allow it something below.');
  };
  private allow(name: string, subject: string, event: SubmitEvent): void {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const categories = all.filter((one) => form.has(one));
    void this.act(
      () => call('PUT', `sync/targets/${name}/allowed?subject=${subject}`, { categories }),
      categories.length === 0 ? 'Nothing more goes there.' : 'Saved. What it may have goes there from now on.',
    );
  }
  private test(name: string): void {
    let said = '';
    const sent = this.act(async () => {
      const { isWell, says } = await call<{ isWell: boolean; says: string }>('POST', `sync/targets/${name}/test`, {});
      if (!isWell) throw new ApiError(0, 'test', says);
      said = says;
    });
    void sent.then(() => {
      this.note = said;
      this.requestUpdate();
    });
  }
  private takeAway(name: string, erase: boolean): void {
    this.leaving = '';
    void this.act(() => call('DELETE', `sync/targets/${name}?erase=${erase}`), 'It is taken away.');
  }

  private choice(target: SyncTarget, subject: string, from: readonly Category[]): TemplateResult {
    const { name, allowed } = target;
    const now = allowed.find((one) => one.subject === subject);
    const has = (category: Category): boolean => now !== undefined && (now.categories.includes('all') || now.categories.includes(category));
    const whose = subject === 'home' ? 'of the home' : 'of you';
    return html`<form class="fields" @submit=${(event: SubmitEvent) => this.allow(name, subject, event)}>
      <fieldset><legend>May have ${whose}${now?.since == null ? '' : ` (since ${moment(Date.parse(now.since), hubNow())})`}</legend>
        ${from.map((category) => html`<label class="check"><input type="checkbox" name=${category} ?checked=${has(category)} /> ${pictogram(category)} ${categoryName(category)}</label>`)}
      </fieldset>
      <div class="row"><button type="submit">Save what ${name} may have ${whose}</button></div>
    </form>`;
  }
  private row(target: SyncTarget): TemplateResult {
    const { name, kind, origin, address, state, lastError, setAside, region, says } = target;
    const receipts = this.receipts.get(name) ?? [];
    return html`<section class="card fields" aria-label=${name}>
      <h2><span class="dot ${dots[state]}" aria-hidden="true"></span> ${name}</h2>
      <p class="quiet">${kindWords[kind] ?? kind}, ${region === 'home' ? 'at home' : region === 'unknown' ? 'nobody said where' : region} · ${address} · ${stateWords(target)}</p>
      ${lastError === '' ? nothing : html`<p class="alarm" role="alert">${lastError}</p>`}
      ${setAside === 0 ? nothing : this.setAside(target)}
      <p class="quiet small">${says}</p>
      ${origin === 'file' ? html`<p class="quiet small">Named in hearth.yaml, with whose data it may have. You can object under <a href="#/you/purposes">what it is used for</a>.</p>` : nothing}
      ${origin === 'book' && state !== 'leaving' ? [this.choice(target, this.session.id ?? '', all), this.runsHub ? this.choice(target, 'home', ofHome) : nothing] : nothing}
      ${receipts.length === 0 ? nothing : html`<p class="quiet small">Signed for: ${receipts.map(({ at, upTo }) => `up to entry ${upTo}, ${moment(Date.parse(at), hubNow())}`).join(' · ')}</p>`}
      ${this.runsHub && origin === 'book' && state !== 'leaving' ? this.secret(target) : nothing}
      ${this.runsHub ? this.buttons(target) : nothing}
    </section>`;
  }
  private setAside({ name, setAside }: SyncTarget): TemplateResult {
    const known = this.aside.filter(({ target }) => target === name);
    return html`<div class="alarm" role="status"><p>${setAside} set aside: it did not take them, and the rest went on.</p>
      <ul class="plain small">${known.slice(-MOST_REASONS).map(({ subject, seq, reason }) => html`<li>Entry ${seq} of ${subject}: ${reason}</li>`)}</ul></div>
      ${this.runsHub ? html`<div class="row"><button @click=${() => void this.act(() => call('POST', `sync/${name}/retry`, {}), 'They are tried again.')}>Try them again</button></div>` : nothing}`;
  }
  private secret({ name, kind }: SyncTarget): TemplateResult {
    const label = fields[kind]?.find(([field]) => field === 'secret')?.[1];
    if (label === undefined) return html``;
    const send = (event: SubmitEvent): void => {
      event.preventDefault();
      const form = event.target as HTMLFormElement;
      const secret = String(new FormData(form).get('secret'));
      void this.act(async () => {
        await callAgain('PUT', `sync/targets/${name}/secret`, { secret });
        form.reset();
      }, 'It is tried with the new one.');
    };
    return html`<details><summary>${kind === 'edge' ? 'Enrol again, with a new code' : 'Another password, token or secret'}</summary>
      <form class="fields" @submit=${send}>
        <label>${label}<input name="secret" type="password" required autocomplete="off" autocapitalize="none" /></label>
        <div class="row"><button type="submit">Use it from now on</button></div>
      </form></details>`;
  }
  private buttons({ name, origin, state }: SyncTarget): TemplateResult {
    const set = (paused: boolean) => (): void => void this.act(() => call('PUT', `sync/targets/${name}`, { paused }));
    if (this.leaving === name)
      return html`<div role="alert"><p>Shall it delete first what it got from this hub?</p>
        <div class="row"><button class="primary" @click=${() => this.takeAway(name, true)}>Yes, then take it away</button><button @click=${() => this.takeAway(name, false)}>No, leave it there</button></div></div>`;
    return html`<div class="row">
      <button @click=${() => this.test(name)}>Send a test</button>
      ${state === 'paused' ? html`<button @click=${set(false)}>Go on</button>` : html`<button @click=${set(true)}>Pause</button>`}
      ${
        origin === 'book'
          ? html`<button @click=${() => {
              this.leaving = name;
              this.requestUpdate();
            }}>Take it away…</button>`
          : nothing
      }
    </div>`;
  }
  private form(): TemplateResult {
    const choose = (event: Event): void => {
      this.kind = (event.target as HTMLSelectElement).value;
      this.requestUpdate();
    };
    return html`<form class="card fields" @submit=${this.add}>
      <h2>Add a target</h2>
      <label>What<select name="target" @change=${choose}>
        ${Object.keys(fields).map((kind) => html`<option value=${kind} ?selected=${kind === this.kind}>${kindWords[kind]}</option>`)}
      </select></label>
      <label>What you call it<input name="name" required pattern="[a-z0-9][a-z0-9\\-]{0,39}" placeholder="home-assistant" autocapitalize="none" /></label>
      ${(fields[this.kind] ?? []).map(
        ([name, label, isNeeded]) =>
          html`<label>${label}<input name=${name} ?required=${isNeeded} type=${name === 'secret' ? 'password' : 'text'} autocomplete="off" autocapitalize="none" /></label>`,
      )}
      <label>Where it stands<select name="region">
        ${this.kind === 'edge' ? nothing : html`<option value="">At home, if its address says so</option><option value="home">At home</option>`}
        ${this.regions.map(({ id, label }) => html`<option value=${id}>${label}</option>`)}
      </select></label>
      <button class="primary" type="submit">Add it</button>
      <p class="quiet small">It gets nothing until somebody allows it theirs, each for themselves.</p>
    </form>`;
  }

  protected content(): TemplateResult {
    const others = this.targets.filter(({ origin }) => origin !== 'hub');
    return html`
      <p class="quiet">Everything is kept on this hub. Beyond it, each target has what you allow it, and nothing else. Records go to no place outside the region of your <a href="#/you/profile">profile</a>.</p>
      ${others.length === 0 ? html`<p>Nothing leaves this home.</p>` : others.map((target) => this.row(target))}
      ${this.runsHub ? this.form() : nothing}
    `;
  }
}
customElements.define('targets-view', TargetsView);
