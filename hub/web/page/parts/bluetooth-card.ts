/** Bluetooth: whether the radio hears, the devices of this household, and those in reach that could be added. */
import { html, nothing, type TemplateResult } from 'lit';
import { call, explain } from '../api.ts';
import { PageElement, whileShown } from '../element.ts';
import type { Bluetooth } from '../shapes.ts';

/** Found devices come and go; a person who looks for one waits this long at most. */
const LOOK_MS = 3000;

type Found = Bluetooth['found'][number];
type Added = Bluetooth['added'][number];

class BluetoothCard extends PageElement {
  private state: Bluetooth | undefined;
  private trouble: { message: string; remedy: string } | undefined;
  /** Whose form is open, by address. */
  private chosen = '';
  private readonly look = whileShown(
    this,
    () => this.load(),
    () => LOOK_MS,
  );

  private async load(): Promise<void> {
    try {
      this.state = await call<Bluetooth>('GET', 'bluetooth');
    } catch (error) {
      if (this.state === undefined) this.trouble = explain(error);
    }
  }

  private async act(work: () => Promise<unknown>): Promise<void> {
    this.trouble = undefined;
    try {
      await work();
      this.chosen = '';
    } catch (error) {
      this.trouble = explain(error);
    }
    await this.look();
  }
  private readonly drop = (address: string): Promise<void> => this.act(() => call('DELETE', `bluetooth/${address}`));
  private readonly submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    const name = String(fields.get('name') ?? '').trim();
    const key = String(fields.get('key') ?? '').trim();
    const irk = String(fields.get('irk') ?? '').trim();
    const number = (field: string): Record<string, number> => {
      const text = String(fields.get(field) ?? '').trim();
      return text === '' ? {} : { [field]: Number(text) };
    };
    const body = {
      ...(name === '' ? {} : { name }),
      ...(key === '' ? {} : { key }),
      ...(irk === '' ? {} : { irk }),
      ...number('userSlot'),
      ...number('consentCode'),
    };
    void this.act(() => call('PUT', `bluetooth/${this.chosen}`, body));
  };
  private choose(address: string): void {
    this.chosen = this.chosen === address ? '' : address;
    this.requestUpdate();
    void this.updateComplete.then(() => this.querySelector<HTMLInputElement>('form input')?.focus());
  }

  private form(name: string, needsKey: boolean, isAdded = false): TemplateResult {
    return html`
      <form class="inline" @submit=${this.submit}>
        <label>Name<input name="name" maxlength="60" .value=${name} autocomplete="off" /></label>
        ${
          needsKey
            ? html`<label>Key, as its maker’s app shows it<input name="key" maxlength="64" autocomplete="off" spellcheck="false" /></label>`
            : nothing
        }
        ${
          isAdded
            ? html`<label>Your number on it, if it knows several people<input name="userSlot" inputmode="numeric" pattern="[0-9]{1,3}" maxlength="3" autocomplete="off" /></label>
                <label>Code that it showed you; with it you agree that it tells your values<input name="consentCode" inputmode="numeric" pattern="[0-9]{1,4}" maxlength="4" autocomplete="off" /></label>
                <label>Identity key (IRK), if it changes its address<input name="irk" maxlength="64" autocomplete="off" spellcheck="false" /></label>`
            : nothing
        }
        <p class="row">
          <button type="submit" class="primary">Save</button>
          <button type="button" @click=${() => this.choose(this.chosen)}>Cancel</button>
        </p>
      </form>
    `;
  }

  private foundItem({ address, model, name, rssi, isLocked, values }: Found): TemplateResult {
    const says = values.slice(0, 3).map(({ label, value, unit }) => `${label} ${value} ${unit === 'Cel' ? '°C' : unit}`);
    return html`
      <li>
        <div>
          <strong>${name ?? model}</strong>
          <span class="quiet small">${name === null ? '' : `${model} · `}signal ${rssi} dBm${isLocked ? ' · speaks in cipher, needs its key' : ''}</span>
          ${says.length === 0 ? nothing : html`<p class="quiet small">${says.join(' · ')}</p>`}
          ${this.chosen === address ? this.form(name ?? model, isLocked) : nothing}
        </div>
        <button @click=${() => this.choose(address)} aria-label=${`Add ${name ?? model}`}>Add</button>
      </li>
    `;
  }
  private addedItem({ address, name, model, about, isBonded, trouble }: Added): TemplateResult {
    return html`
      <li>
        <div>
          <strong>${name}</strong> <span class="quiet small">${about === '' ? model : about} · ${address}${isBonded ? ' · paired' : ''}</span>
          ${trouble === '' ? nothing : html`<p class="alarm small">${trouble}</p>`}
          ${this.chosen === address ? this.form(name, true, true) : nothing}
        </div>
        <p class="row">
          <button @click=${() => this.choose(address)} aria-label=${`Change ${name}`}>Change</button>
          <button @click=${() => this.drop(address)} aria-label=${`Remove ${name}`}>Remove</button>
        </p>
      </li>
    `;
  }

  protected override render(): TemplateResult {
    const { state } = this;
    return html`
      <section class="card" aria-labelledby="bluetooth-title">
        <h2 id="bluetooth-title">Bluetooth</h2>
        <p class=${state?.state === 'deaf' ? 'alarm small' : 'quiet small'} role="status">${state?.message ?? 'Looking…'}</p>
        ${this.trouble === undefined ? nothing : html`<p class="alarm small" role="alert">${this.trouble.message} ${this.trouble.remedy}</p>`}
        ${state === undefined || state.added.length === 0 ? nothing : html`<ul class="devices">${state.added.map((one) => this.addedItem(one))}</ul>`}
        ${
          state === undefined || state.found.length === 0
            ? nothing
            : html`<h3>In reach</h3>
                <ul class="devices">${state.found.map((one) => this.foundItem(one))}</ul>`
        }
        ${
          state === undefined || state.foreign === 0
            ? nothing
            : html`<p class="quiet small">Only devices that you add are recorded. ${state.foreign.toLocaleString('en')} broadcasts of others were counted and not kept.</p>`
        }
      </section>
    `;
  }
}
customElements.define('bluetooth-card', BluetoothCard);
