/**
 * How long what is kept (F1): a rule for each category and purpose. The record a person keeps of themselves stays until they delete it;
 * what serves the working of things, the logs and raw samples goes by itself. Each quantity falls under exactly one rule.
 */
import { type Category, categories, type QuantityId, quantities } from '../../firmware/protocol/quantities.ts';
import { purposes } from '../people/objections.ts';
import { CLIP_DAYS } from '../video/clips.ts';

/** What a rule lets go. `none`: nothing of it is ever written, or it goes by another way alone. */
export type Keeps =
  | { readonly kind: 'quantities'; readonly ids: readonly QuantityId[] }
  | { readonly kind: 'raw' }
  | { readonly kind: 'log' }
  | { readonly kind: 'shares' }
  | { readonly kind: 'clips' }
  | { readonly kind: 'none' };

export interface RetentionRule {
  readonly id: string;
  readonly words: string;
  readonly categories: readonly Category[];
  /** What it is kept for. */
  readonly purpose: string;
  /** Days; null: until its person deletes it. */
  readonly defaultDays: number | null;
  readonly isSettable: boolean;
  /** Longer is not kept, whoever wants it; undefined: as long as one likes. */
  readonly mostDays?: number;
  readonly of: 'person' | 'home' | 'both';
  readonly keeps: Keeps;
}

/** Longer is until one deletes it. */
export const MOST_DAYS = 36_500;
const TECHNICAL_DAYS = 90;
/** Raw samples are for looking into what went wrong lately. */
const RAW_DAYS = 30;
/** A year, so that one can look back at who read what. */
const LOG_DAYS = 365;

const ofPurposes = new Set<QuantityId>(Object.values(purposes).flatMap(({ quantities }) => quantities));
const idsOf = (category: Category): QuantityId[] =>
  (Object.keys(quantities) as QuantityId[]).filter((id) => quantities[id].category === category && !ofPurposes.has(id));
const categoriesOf = (ids: readonly QuantityId[]): Category[] =>
  categories.filter((category) => ids.some((id) => quantities[id].category === category));

const record = 'Your own record';
const kept = (
  id: string,
  words: string,
  purpose: string,
  ids: readonly QuantityId[],
  of: RetentionRule['of'] = 'person',
): RetentionRule => ({
  id,
  words,
  categories: categoriesOf(ids),
  purpose,
  defaultDays: null,
  isSettable: true,
  of,
  keeps: { kind: 'quantities', ids },
});

export const retentionRules: readonly RetentionRule[] = [
  kept('body', 'Weight and other values of the body, as they were read', record, idsOf('body')),
  ...(Object.keys(purposes) as (keyof typeof purposes)[])
    .filter((id) => purposes[id].quantities.length > 0)
    .map((id) => kept(id, `What comes of this: ${purposes[id].words.toLowerCase()}`, purposes[id].words, purposes[id].quantities)),
  kept('activity', 'Steps and other movement', record, idsOf('activity')),
  kept('environment', 'The air of the home', 'The home’s own record', idsOf('environment'), 'home'),
  {
    ...kept('technical', 'Batteries, signals, counts of sensors', 'Telling that devices work', idsOf('technical'), 'both'),
    defaultDays: TECHNICAL_DAYS,
  },
  {
    id: 'raw',
    words: 'Raw samples of sensors',
    categories: ['technical'],
    purpose: 'Looking into what a sensor did',
    defaultDays: RAW_DAYS,
    isSettable: true,
    of: 'both',
    keeps: { kind: 'raw' },
  },
  {
    id: 'log',
    words: 'What the operations log says of each act; that it happened stays',
    categories: ['technical'],
    purpose: 'Seeing who did what',
    defaultDays: LOG_DAYS,
    isSettable: true,
    of: 'both',
    keeps: { kind: 'log' },
  },
  {
    id: 'shares',
    words: 'Shares that ended',
    categories: ['technical'],
    purpose: 'Seeing what was shared',
    defaultDays: LOG_DAYS,
    isSettable: true,
    of: 'person',
    keeps: { kind: 'shares' },
  },
  {
    id: 'video',
    words: 'Clips of what moved before the camera, where the household records them; the live picture is never kept',
    categories: ['identity'],
    purpose: 'Recording clips when something moves before the camera',
    defaultDays: CLIP_DAYS,
    mostDays: CLIP_DAYS,
    isSettable: true,
    of: 'home',
    keeps: { kind: 'clips' },
  },
  {
    id: 'identity',
    words: 'Name, birth date, photo and the account',
    categories: ['identity'],
    purpose: 'Your account',
    defaultDays: null,
    isSettable: false,
    of: 'person',
    keeps: { kind: 'none' },
  },
];

const byId = new Map(retentionRules.map((rule) => [rule.id, rule]));
export const ruleOf = (id: string): RetentionRule | undefined => byId.get(id);

/** Rules that are about a person, or about the home. */
export const rulesFor = (isHome: boolean): RetentionRule[] =>
  retentionRules.filter(({ of }) => of === 'both' || of === (isHome ? 'home' : 'person'));
