/** What a person is told before a partner is linked (E3), and the words that they agree to. Changed words are a new version. */
import { createHash } from 'node:crypto';
import type { Wish } from './scopes.ts';

export const CONSENT_VERSION = '2026-11-24';

export interface ConsentOf {
  readonly partner: string;
  readonly policyUrl: string;
  readonly region: string;
  readonly wish: Wish;
  /** Days that may be read, UTC milliseconds; null: open on that side. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** When the link ends by itself. */
  readonly endsMs: number;
}

/** Said above the choice, whatever is chosen. */
export const warningOf = ({ partner, policyUrl, region }: Pick<ConsentOf, 'partner' | 'policyUrl' | 'region'>): string =>
  `${partner} is no part of this hub. What it reads it keeps in ${region}, under its own privacy policy (${policyUrl}), which may protect you less than the one of this household. You can stop the link at any time; what ${partner} has read by then the hub cannot take back.`;

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const list = (words: readonly string[]): string => (words.length === 0 ? 'nothing' : words.join(', '));

/** The whole text of a consent, as it is kept with the link and signed. */
export function consentText(consent: ConsentOf): string {
  const { partner, wish, fromMs, toMs, endsMs } = consent;
  const days =
    fromMs === null && toMs === null
      ? 'of all days'
      : `of the days${fromMs === null ? '' : ` from ${day(fromMs)}`}${toMs === null ? '' : ` until ${day(toMs)}`}`;
  return [
    warningOf(consent),
    `${partner} may read: ${list(wish.reads)}, ${days}. ${partner} may add: ${list(wish.writes)}, marked as coming from it. The link ends on ${day(endsMs)}.`,
    'It may not sell what it reads: no link of this hub allows that.',
  ].join('\n');
}

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
