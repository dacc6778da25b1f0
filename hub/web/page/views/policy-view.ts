/** The household's policy: what changed since one agreed to it, what waits for a yes, and the whole text. */
import { html, nothing, type TemplateResult } from 'lit';
import { call, hubNow } from '../api.ts';
import type { Session } from '../shapes.ts';
import { moment } from '../words.ts';
import { LoadedView } from './loaded.ts';

interface Named {
  readonly id: string;
  readonly words: string;
}
interface Policy {
  readonly hash: string;
  readonly from: string;
  readonly text: string;
}
interface Changes {
  readonly agreed: { readonly hash: string; readonly from: string };
  readonly difference: readonly { readonly kind: 'same' | 'gone' | 'new'; readonly text: string }[];
  readonly waiting: readonly Named[];
}

/** The text's few forms: headings, lists, paragraphs, and words in code quotes as they are. */
const lineView = (text: string): TemplateResult | typeof nothing => {
  if (text.startsWith('# ')) return html`<h2>${text.slice(2)}</h2>`;
  if (text.startsWith('## ')) return html`<h3>${text.slice(3)}</h3>`;
  const named = /^- `([a-z0-9-]+)` (.*)$/.exec(text);
  if (named !== null) return html`<p>• ${named[2]} <span class="code small">${named[1]}</span></p>`;
  if (text.trim() === '') return nothing;
  // Between two code quotes stands what is to be read letter by letter.
  return html`<p>${text.split('`').map((part, index) => (index % 2 === 1 ? html`<span class="code">${part}</span>` : part))}</p>`;
};
/** Lines that belong together make one paragraph. */
function paragraphs(text: string): string[] {
  const blocks: string[] = [];
  let isOpen = false;
  for (const line of text.split(/\r?\n/)) {
    const isOwn = line.trim() === '' || /^(#|- )/.test(line);
    if (isOpen && !isOwn) blocks[blocks.length - 1] += ` ${line}`;
    else blocks.push(line);
    isOpen = !isOwn || line.startsWith('- ');
  }
  return blocks;
}

class PolicyView extends LoadedView {
  declare session: Session;
  private policy: Policy | undefined;
  private changes: Changes | undefined;

  protected async load(): Promise<void> {
    this.policy = await call<Policy>('GET', 'policy');
    const { standing } = this.session;
    this.changes =
      standing === 'owner' || standing === 'member' ? await call<Changes>('GET', `policy/changes?subject=${this.session.id}`) : undefined;
  }

  private answer(yes: readonly string[], note: string): void {
    const hash = this.policy?.hash;
    void this.act(() => call('POST', `policy/answer?subject=${this.session.id}`, { hash, yes }), note);
  }

  private changed({ agreed, difference, waiting }: Changes): TemplateResult {
    const isChanged = difference.some(({ kind }) => kind !== 'same');
    return html`
      ${
        waiting.length === 0
          ? nothing
          : html`<section class="card fields" aria-labelledby="policy-waits">
        <h2 id="policy-waits">New: waits for your yes</h2>
        <p class="quiet">Nothing of this is done with your data unless you say yes. Without it, everything else goes on as before.</p>
        ${waiting.map(
          ({ id, words }) =>
            html`<div class="row"><span>${words}</span><button class="primary" @click=${() => this.answer([id], 'Your yes is noted, with a receipt.')}>Yes</button></div>`,
        )}
        <button @click=${() => this.answer([], 'Noted. You can say yes here later.')}>I read it; no to these</button>
      </section>`
      }
      ${
        !isChanged
          ? nothing
          : html`<section class="card" aria-labelledby="policy-changed">
        <h2 id="policy-changed">What changed</h2>
        <p class="quiet small">Since the text of ${moment(Date.parse(agreed.from), hubNow())}, which you agreed to.</p>
        ${difference
          .filter(({ kind, text }) => kind !== 'same' && text.trim() !== '')
          .map(({ kind, text }) => (kind === 'gone' ? html`<p><del>${text}</del></p>` : html`<p><ins>${text}</ins></p>`))}
        ${waiting.length > 0 ? nothing : html`<button class="primary" @click=${() => this.answer([], 'Noted, with a receipt.')}>I read it</button>`}
      </section>`
      }
    `;
  }

  protected content(): TemplateResult {
    const { policy, changes } = this;
    if (policy === undefined) return html``;
    return html`
      ${changes === undefined ? nothing : this.changed(changes)}
      <article class="card policy">${paragraphs(policy.text).map(lineView)}</article>
      <p class="quiet small">In force since ${moment(Date.parse(policy.from), hubNow())}. SHA-256 <span class="code">${policy.hash}</span></p>
    `;
  }
}
customElements.define('policy-view', PolicyView);
