/** Readings that could be several people's: one tap says whose, and is learned from. Products that belong to one person. */
import { html, type TemplateResult } from 'lit';
import { call, hubNow } from '../api.ts';
import { categoryTag } from '../pictograms.ts';
import type { Category, Device, Session } from '../shapes.ts';
import { ago, valueText } from '../words.ts';
import { LoadedView } from './loaded.ts';

interface Visit {
  readonly id: number;
  readonly device: string;
  readonly end: string;
  readonly by: string;
  readonly weightKg: number | null;
  readonly guesses: readonly { readonly subject: string; readonly name: string; readonly probability: number }[];
  readonly category: Category;
}
interface Person {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly state: string;
}
interface Pairing {
  readonly device: string;
  readonly subject: string;
}

class InboxView extends LoadedView {
  declare session: Session;
  private visits: readonly Visit[] = [];
  private people: readonly Person[] = [];
  private devices: readonly Device[] = [];
  private pairings: readonly Pairing[] = [];

  protected async load(): Promise<void> {
    const [visits, people, devices, pairings] = await Promise.all([
      call<Visit[]>('GET', 'inbox'),
      call<Person[]>('GET', 'people'),
      call<Device[]>('GET', 'devices'),
      call<Pairing[]>('GET', 'pairings'),
    ]);
    this.visits = visits;
    this.people = people.filter(({ role, state }) => role !== 'guest' && state === 'active');
    this.devices = devices;
    this.pairings = pairings;
  }

  private visit({ id, device, end, weightKg, guesses, category }: Visit): TemplateResult {
    // The likeliest person first; who is not among the guesses can still be chosen.
    const rank = (person: Person): number => -(guesses.find(({ subject }) => subject === person.id)?.probability ?? 0);
    const people = [...this.people].sort((a, b) => rank(a) - rank(b));
    const name = this.devices.find((one) => one.id === device)?.name ?? device;
    return html`<li class="card">
      <p>${categoryTag(category)}</p>
      ${weightKg === null ? html`<p>Readings of ${name}</p>` : html`<p class="value"><span class="number">${valueText(weightKg, 2)}</span><span class="unit">kg</span></p>`}
      <p class="quiet small">${name} · ${ago(Date.parse(end), hubNow())}</p>
      <div class="row wrap">
        ${people.map((person) => html`<button @click=${() => this.act(() => call('POST', `inbox/${id}`, { subject: person.id }), `It is ${person.name}’s.`)}>${person.name}</button>`)}
        <button @click=${() => this.act(() => call('DELETE', `inbox/${id}`), 'Thrown away.')}>A guest: throw it away</button>
      </div>
    </li>`;
  }

  private product(device: Device): TemplateResult {
    const owner = this.pairings.find((one) => one.device === device.id)?.subject ?? '';
    const pair = (event: Event): void => {
      const subject = (event.target as HTMLSelectElement).value;
      void this.act(() => call('PUT', `pairings/${encodeURIComponent(device.id)}`, { subject: subject === '' ? null : subject }), 'Saved.');
    };
    return html`<li><div><label for="pair-${device.id}"><strong>${device.name}</strong></label></div>
      <select id="pair-${device.id}" @change=${pair}>
        <option value="" ?selected=${owner === ''}>shared</option>
        ${this.people.map(({ id, name }) => html`<option value=${id} ?selected=${id === owner}>${name}</option>`)}
      </select></li>`;
  }

  protected content(): TemplateResult {
    const personal = this.devices.filter(({ kind }) => kind !== 'home' && kind !== 'camera');
    return html`
      ${
        this.visits.length === 0
          ? html`<p class="quiet">Nothing waits. A reading comes here when it could be more than one person’s; until then it is in nobody’s vault.</p>`
          : html`<ul class="cards plain">${this.visits.map((one) => this.visit(one))}</ul>
              <p class="quiet small">What nobody takes is thrown away after two weeks.</p>`
      }
      <section class="card fields">
        <h2>Whose product is it?</h2>
        <p class="quiet">A tracker or a bed mat is one person’s: name them, and its readings need no guess.</p>
        ${personal.length === 0 ? html`<p class="quiet">No such product yet.</p>` : html`<ul class="devices">${personal.map((one) => this.product(one))}</ul>`}
      </section>
    `;
  }
}
customElements.define('inbox-view', InboxView);
