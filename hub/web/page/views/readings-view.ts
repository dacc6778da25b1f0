/** Why readings of a shared product came to this person, and handing on one that is somebody else's. */
import { html, type TemplateResult } from 'lit';
import { call, hubNow } from '../api.ts';
import { categoryName, pictogram } from '../pictograms.ts';
import type { Category, Session } from '../shapes.ts';
import { ago, valueText } from '../words.ts';
import { LoadedView } from './loaded.ts';

interface Visit {
  readonly id: number;
  readonly device: string;
  readonly end: string;
  readonly by: 'trend' | 'tap' | 'unsure' | 'unpaired';
  readonly weightKg: number | null;
  readonly guesses: readonly { readonly subject: string; readonly probability: number }[];
  readonly category: Category;
}
interface Person {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly state: string;
}

class ReadingsView extends LoadedView {
  declare session: Session;
  private visits: readonly Visit[] = [];
  private others: readonly Person[] = [];

  protected async load(): Promise<void> {
    const [visits, people] = await Promise.all([
      call<Visit[]>('GET', `people/${this.session.id}/attributions`),
      call<Person[]>('GET', 'people'),
    ]);
    this.visits = visits;
    this.others = people.filter(({ id, role, state }) => id !== this.session.id && role !== 'guest' && state === 'active');
  }

  private why({ by, guesses }: Visit): string {
    if (by === 'tap') return 'somebody of the household said so';
    const own = guesses.find(({ subject }) => subject === this.session.id);
    return own === undefined ? 'it follows your trend' : `it follows your trend: ${valueText(own.probability * 100, 1)} % sure`;
  }

  private visit(visit: Visit): TemplateResult {
    const handOn = (event: Event): void => {
      const to = this.others.find(({ id }) => id === (event.target as HTMLSelectElement).value);
      if (to === undefined) return;
      void this.act(
        () => call('POST', `people/${this.session.id}/attributions/${visit.id}`, { to: to.id }),
        `It is ${to.name}’s now, and gone from your vault.`,
      );
    };
    return html`<li>
      ${pictogram(visit.category)}
      <div>
        <strong>${visit.weightKg === null ? 'Readings' : `${valueText(visit.weightKg, 2)} kg`}</strong>
        <span class="category">${categoryName(visit.category)}</span>
        <p class="quiet small">${ago(Date.parse(visit.end), hubNow())} · ${visit.device} · ${this.why(visit)}</p>
      </div>
      <select aria-label="Not mine: give it to" @change=${handOn}>
        <option value="">Mine</option>
        ${this.others.map(({ id, name }) => html`<option value=${id}>${name}’s</option>`)}
      </select>
    </li>`;
  }

  protected content(): TemplateResult {
    return html`
      ${
        this.visits.length === 0
          ? html`<p class="quiet">Nothing of a shared product came to you yet. Where you live alone, and with a product that is yours, nobody has to guess.</p>`
          : html`<ul class="devices card">${this.visits.map((one) => this.visit(one))}</ul>`
      }
    `;
  }
}
customElements.define('readings-view', ReadingsView);
