/**
 * What may be collected where (A5): the household's collection matrix, six scenarios by five categories, enforced where data enters.
 * A collection outside its cell is refused and logged.
 *
 * One cell departs from what such policies usually print, and knowingly: activating a product collects body metrics too, since a scale
 * sends a weight with its first sync.
 */
import type { Category } from '../../firmware/protocol/quantities.ts';
import type { Actor, OperationsLog } from './operations-log.ts';

export const scenarios = ['website', 'account', 'app', 'product', 'partner', 'support'] as const;
export type Scenario = (typeof scenarios)[number];

/** `yes`: collected; `given`: only what the person gives in this very act; `no`: never. */
export type Cell = 'yes' | 'given' | 'no';

// biome-ignore format: a table reads by columns, one row a line
export const collection: Readonly<Record<Scenario, Readonly<Record<Category, Cell>> & { readonly words: string }>> = {
  website: { words: 'Looking at the hub’s page without an account', identity: 'no',    body: 'no',    activity: 'no',    environment: 'no',    technical: 'yes' },
  account: { words: 'Making an account and a profile',             identity: 'given', body: 'given', activity: 'no',    environment: 'no',    technical: 'yes' },
  app:     { words: 'Using the page: alarms, notes, values by hand', identity: 'given', body: 'given', activity: 'given', environment: 'given', technical: 'yes' },
  product: { words: 'Activating and using a product',              identity: 'no',    body: 'yes',   activity: 'yes',   environment: 'yes',   technical: 'yes' },
  partner: { words: 'Receiving data from a partner',               identity: 'no',    body: 'given', activity: 'given', environment: 'given', technical: 'no' },
  support: { words: 'Asking for support',                          identity: 'given', body: 'given', activity: 'given', environment: 'given', technical: 'given' },
};

export class CollectionError extends Error {
  override readonly name = 'CollectionError';
}

/** Whether a category may be collected in a scenario. */
export const mayCollect = (scenario: Scenario, category: Category): boolean => collection[scenario][category] !== 'no';

/** Throws CollectionError, and logs it, when a category may not be collected in a scenario. */
export function collect(log: OperationsLog, scenario: Scenario, category: Category, actor: Actor, subject: string): void {
  if (mayCollect(scenario, category)) return;
  log.appendOnce({ kind: 'collection-refused', actor, subject, detail: { scenario, category } });
  throw new CollectionError(`${category} data is not collected by '${collection[scenario].words.toLowerCase()}': see the collection table`);
}
