/** A picture of chosen values, made here: what the person does with it then is theirs. */
import { html, nothing, type TemplateResult } from 'lit';
import { call } from '../api.ts';
import { CARD, cardSvg, MOST_VALUES } from '../card-svg.ts';
import { pictogram } from '../pictograms.ts';
import type { Measurement, Quantity } from '../shapes.ts';
import { labelWord, unitWord, valueText } from '../words.ts';
import { LoadedView } from './loaded.ts';

class CardView extends LoadedView {
  private latest: readonly Measurement[] = [];
  private decimals = new Map<string, number>();
  private svg = '';

  protected async load(): Promise<void> {
    const [latest, quantities] = await Promise.all([call<Measurement[]>('GET', 'latest'), call<Quantity[]>('GET', 'quantities')]);
    const own = latest.filter(({ category }) => category === 'body' || category === 'activity');
    // Of several devices the newest says it.
    this.latest = [...new Map([...own].sort((a, b) => Date.parse(a.end) - Date.parse(b.end)).map((one) => [one.quantity, one])).values()];
    this.decimals = new Map(quantities.map(({ id, decimals }) => [id, decimals]));
  }

  private readonly draw = (event: Event): void => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    this.svg = cardSvg({
      title: String(fields.get('title')),
      note: String(fields.get('note')),
      values: this.latest
        .filter(({ quantity }) => fields.has(quantity))
        .map(({ quantity, label, value, unit }) => ({
          label: labelWord(label),
          value: valueText(value, this.decimals.get(quantity) ?? 0),
          unit: unitWord(unit),
        })),
    });
    this.requestUpdate();
  };

  private get address(): string {
    return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(this.svg)}`;
  }

  /** The browser itself turns it into a PNG, which every program takes. */
  private readonly save = (): Promise<void> =>
    this.act(async () => {
      const image = new Image();
      image.src = this.address;
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = CARD.width;
      canvas.height = CARD.height;
      canvas.getContext('2d')?.drawImage(image, 0, 0);
      const png = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
      if (png === null) throw new Error('This browser cannot make a PNG.');
      const link = document.createElement('a');
      link.href = URL.createObjectURL(png);
      link.download = 'card.png';
      link.click();
      URL.revokeObjectURL(link.href);
    }, 'Saved on this device. It left the hub nowhere else.');

  protected content(): TemplateResult {
    return html`
      <p class="banner" role="note">A picture that you post is read by people and programs that you do not know, under the rules of where you post it, and cannot be taken back. The hub posts nothing: it makes the picture, here, of what you tick.</p>
      <form class="card fields" @input=${this.draw} @submit=${this.draw}>
        <label>Title<input name="title" maxlength="28" .value=${'Today'} /></label>
        <fieldset><legend>Values, ${MOST_VALUES} at most</legend>
          ${this.latest.map(({ quantity, label, category }) => html`<label class="check"><input type="checkbox" name=${quantity} /> ${pictogram(category)} ${labelWord(label)}</label>`)}
          ${this.latest.length === 0 ? html`<p class="quiet">There are no values of yours yet.</p>` : nothing}
        </fieldset>
        <label>A line below (optional)<input name="note" maxlength="56" /></label>
        <button type="submit">Draw it</button>
      </form>
      ${
        this.svg === ''
          ? nothing
          : html`<section class="card fields"><img class="picture" src=${this.address} alt="The card as it will be saved" width="540" height="540" />
              <button class="primary" @click=${this.save}>Save as a PNG</button></section>`
      }
    `;
  }
}
customElements.define('card-view', CardView);
