/** The profile: each field optional, with its category and what needs it. */
import { html, nothing, type TemplateResult } from 'lit';
import { call } from '../api.ts';
import { categoryName, pictogram } from '../pictograms.ts';
import type { Category, Session } from '../shapes.ts';
import { LoadedView } from './loaded.ts';

interface Field {
  readonly id: string;
  readonly label: string;
  readonly category: Category;
  readonly neededFor: string;
}
type Profile = Record<string, string | number>;
interface Region {
  readonly id: string;
  readonly matter: 'records' | 'video';
  readonly label: string;
}

/** The photo is made this small before it is sent: a face in a list. */
const PHOTO_PIXELS = 192;

const kinds: Readonly<Record<string, { type: string; autocomplete: string }>> = {
  firstName: { type: 'text', autocomplete: 'given-name' },
  surname: { type: 'text', autocomplete: 'family-name' },
  birthDate: { type: 'date', autocomplete: 'bday' },
  email: { type: 'email', autocomplete: 'email' },
};

class ProfileView extends LoadedView {
  declare session: Session;
  private fields: readonly Field[] = [];
  private profile: Profile = {};
  private regions: readonly Region[] = [];

  protected async load(): Promise<void> {
    [this.fields, this.profile, this.regions] = await Promise.all([
      call<Field[]>('GET', 'profile-fields'),
      call<Profile>('GET', `people/${this.session.id}/profile`),
      call<Region[]>('GET', 'regions'),
    ]);
  }

  private readonly save = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const next: Profile = this.profile.photo === undefined ? {} : { photo: this.profile.photo };
    for (const { id } of this.fields) {
      const text = id === 'photo' ? '' : String(form.get(id) ?? '').trim();
      if (text !== '') next[id] = id === 'heightM' ? Number(text) / 100 : text;
    }
    void this.act(() => call('PUT', `people/${this.session.id}/profile`, next), 'Saved.');
  };

  private readonly choosePhoto = async (event: Event): Promise<void> => {
    const file = (event.target as HTMLInputElement).files?.[0];
    if (file === undefined) return;
    const image = await createImageBitmap(file).catch(() => undefined);
    if (image === undefined) {
      this.trouble = 'This file is no picture that this browser knows. Choose a JPEG or PNG.';
    } else {
      const side = Math.min(image.width, image.height);
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = PHOTO_PIXELS;
      canvas
        .getContext('2d')
        ?.drawImage(image, (image.width - side) / 2, (image.height - side) / 2, side, side, 0, 0, PHOTO_PIXELS, PHOTO_PIXELS);
      this.profile = { ...this.profile, photo: canvas.toDataURL('image/jpeg', 0.8) };
    }
    this.requestUpdate();
  };

  private input({ id }: Field): TemplateResult {
    const value = this.profile[id];
    if (id === 'sex')
      return html`<select id=${id} name=${id} aria-describedby="${id}-help">
        ${[
          ['', 'Not said'],
          ['female', 'Female'],
          ['male', 'Male'],
        ].map(([key, text]) => html`<option value=${key} ?selected=${key === (value ?? '')}>${text}</option>`)}
      </select>`;
    if (id === 'recordsRegion' || id === 'videoRegion') {
      const fitting = this.regions.filter(({ matter }) => id === `${matter}Region`);
      return html`<select id=${id} name=${id} aria-describedby="${id}-help">
        <option value="">As the house, else at home alone</option>
        ${fitting.map((region) => html`<option value=${region.id} ?selected=${region.id === value}>${region.label}</option>`)}
      </select>`;
    }
    if (id === 'heightM')
      return html`<input id=${id} name=${id} type="number" min="40" max="260" step="0.5" .value=${value === undefined ? '' : String(Math.round(Number(value) * 1000) / 10)} aria-describedby="${id}-help" /> cm`;
    if (id === 'photo')
      return html`${
        value === undefined
          ? nothing
          : html`<img class="photo" src=${value} alt="Your photo" />
          <button type="button" @click=${() => this.dropPhoto()}>Remove the photo</button>`
      }
        <input id=${id} type="file" accept="image/jpeg,image/png,image/webp" @change=${this.choosePhoto} aria-describedby="${id}-help" />`;
    const { type, autocomplete } = kinds[id] ?? { type: 'text', autocomplete: 'off' };
    return html`<input id=${id} name=${id} type=${type} autocomplete=${autocomplete} maxlength="200" .value=${String(value ?? '')} aria-describedby="${id}-help" />`;
  }

  private dropPhoto(): void {
    const { photo: _photo, ...rest } = this.profile;
    this.profile = rest;
    this.requestUpdate();
  }

  protected content(): TemplateResult {
    return html`
      <p class="quiet">Kept in an encrypted file of its own, apart from what is measured. Every field may stay empty.</p>
      <form class="card fields" @submit=${this.save}>
        ${this.fields.map(
          (field) => html`<div class="field">
            <label for=${field.id}>${pictogram(field.category)} ${field.label} <span class="category">${categoryName(field.category)}</span></label>
            <div class="input">${this.input(field)}</div>
            <p id="${field.id}-help" class="quiet small">${field.neededFor === '' ? 'Nothing needs it.' : `Without it, this does not work: ${field.neededFor}. Nothing else stops.`}</p>
          </div>`,
        )}
        <button class="primary" type="submit">Save</button>
      </form>
    `;
  }
}
customElements.define('profile-view', ProfileView);
