/** Partners that may ask people for a link: who runs the hub adds them, looks at those that registered themselves, and removes them. */
import { html, nothing, type TemplateResult } from 'lit';
import { callAgain } from '../again.ts';
import { call } from '../api.ts';
import type { Session } from '../shapes.ts';
import { LoadedView } from './loaded.ts';

interface Partner {
  readonly id: string;
  readonly name: string;
  readonly policyUrl: string;
  readonly region: string;
  readonly redirectUris: readonly string[];
  readonly state: 'waiting' | 'approved';
}
interface Added {
  readonly partner: Partner;
  readonly clientSecret: string | null;
  readonly webhookSecret: string | null;
}

class PartnersView extends LoadedView {
  declare session: Session;
  private partners: readonly Partner[] = [];
  private added: Added | undefined;

  protected async load(): Promise<void> {
    this.partners = await call<Partner[]>('GET', 'partners');
  }

  private readonly add = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const fields = new FormData(form);
    const text = (name: string): string => String(fields.get(name) ?? '').trim();
    const webhook = text('webhook');
    void this.act(async () => {
      this.added = await callAgain<Added>('POST', 'partners', {
        name: text('name'),
        policyUrl: text('policy'),
        region: text('region'),
        redirectUris: text('redirects').split(/\s+/),
        ...(webhook === '' ? {} : { webhookUrl: webhook }),
        confidential: fields.has('confidential'),
      });
      form.reset();
    }, 'It may ask people now. Nothing is shared until somebody says yes.');
  };

  private row({ id, name, policyUrl, region, redirectUris, state }: Partner): TemplateResult {
    const isOwner = this.session.standing === 'owner';
    return html`<li>
      <div>
        <strong>${name}</strong> <span class="quiet small">${state === 'waiting' ? 'registered itself, may ask nobody yet' : 'may ask people for a link'}</span>
        <p class="quiet small">keeps data in ${region} · <a href=${policyUrl} target="_blank" rel="noreferrer noopener">its privacy policy</a></p>
        <p class="quiet small">answers go to ${redirectUris.join(', ')}</p>
      </div>
      ${
        isOwner
          ? html`<div class="row">
              ${state === 'waiting' ? html`<button @click=${() => this.act(() => callAgain('POST', `partners/${id}/approval`), `${name} may ask people now.`)}>Let it ask</button>` : nothing}
              <button @click=${() => this.act(() => call('DELETE', `partners/${id}`), `${name} is gone, and every link to it ended.`)}>Remove</button>
            </div>`
          : nothing
      }
    </li>`;
  }

  protected content(): TemplateResult {
    const { added } = this;
    return html`
      <p class="quiet">A partner is a program outside this hub that people may let read some of their data, or add to it. What each of you allowed is under <a href="#/you/shares">What I share</a>.</p>
      ${
        added === undefined
          ? nothing
          : html`<section class="card fields" role="status">
              <h2>Give this to ${added.partner.name}</h2>
              <label>client_id<input readonly .value=${added.partner.id} /></label>
              ${added.clientSecret === null ? nothing : html`<label>client_secret<input readonly .value=${added.clientSecret} /></label>`}
              ${added.webhookSecret === null ? nothing : html`<label>Secret that signs its webhooks<input readonly .value=${added.webhookSecret} /></label>`}
              <p class="quiet small">Secrets are shown this once. How to use them: <a href="/page/partners.html">for the partner’s developers</a>.</p>
            </section>`
      }
      ${this.partners.length === 0 ? html`<p class="quiet">There are no partners.</p>` : html`<ul class="devices card">${this.partners.map((one) => this.row(one))}</ul>`}
      ${
        this.session.standing === 'owner'
          ? html`<form class="card fields" @submit=${this.add}>
              <h2>Add a partner</h2>
              <label>What it is called<input name="name" required maxlength="60" /></label>
              <label>Its privacy policy<input name="policy" type="url" required maxlength="500" placeholder="https://" /></label>
              <label>Where it keeps data<input name="region" required maxlength="60" placeholder="Ireland" /></label>
              <label>Where answers go, one address a line<textarea name="redirects" required rows="2" placeholder="https://"></textarea></label>
              <label>Its webhook (optional)<input name="webhook" type="url" maxlength="500" /></label>
              <label class="check"><input type="checkbox" name="confidential" /> It has a server that keeps a secret</label>
              <button class="primary" type="submit">Let it ask</button>
            </form>`
          : nothing
      }
    `;
  }
}
customElements.define('partners-view', PartnersView);
