/** What a target may have: nothing, until its owner or the person themselves names categories. */
import type { Category } from '../../firmware/protocol/quantities.ts';
import { quantities } from '../../firmware/protocol/quantities.ts';
import type { LogEntry, StoredMeasurement } from '../store/log-entry.ts';

export type Allowed = readonly Category[] | 'all';
/** Categories that a target may have of a subject; undefined: nothing of it. Asked with each delivery, since people change their minds. */
export type Selection = (subject: string) => Allowed | undefined;

/** The edge inside the hub is the hub's own other half: it has everything. */
export const everything: Selection = () => 'all';

/** The same categories of each of some people. */
export const chosen =
  (people: readonly string[], categories: readonly Category[]): Selection =>
  (subject) =>
    people.includes(subject) ? categories : undefined;

export const mayHaveCategory = (allowed: Allowed, category: Category): boolean => allowed === 'all' || allowed.includes(category);

/**
 * Whether an entry may go out. What is no measurement is technical, except that a change goes where its measurement went; a removal
 * goes everywhere, for it says nothing and must not be missed.
 */
export function mayGo(allowed: Allowed, entry: LogEntry, measurementAt: (seq: number) => StoredMeasurement | undefined): boolean {
  switch (entry.kind) {
    case 'measured':
      return mayHaveCategory(allowed, quantities[entry.measurement.quantity].category);
    case 'amended':
    case 'conflict': {
      const of = measurementAt(entry.of);
      return of !== undefined && mayHaveCategory(allowed, quantities[of.quantity].category);
    }
    case 'removed':
    case 'redated':
      return true;
    case 'clip':
      // When something moved at home is told to nobody.
      return false;
    case 'uncoded':
      // Of which category it is will be known when its quantity is: until then it goes only where all go.
      return allowed === 'all';
    case 'gap':
    case 'calibration':
    case 'restored':
    case 'segment':
    case 'unknown':
      return mayHaveCategory(allowed, 'technical');
  }
}
