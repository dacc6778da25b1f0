/** What a target may have: nothing, until its owner names people and categories. */
import type { Category } from '../../firmware/protocol/quantities.ts';
import { quantities } from '../../firmware/protocol/quantities.ts';
import type { LogEntry, StoredMeasurement } from '../store/log-entry.ts';

export interface Selection {
  /** Subjects by id, or all. */
  readonly people: readonly string[] | 'all';
  readonly categories: readonly Category[] | 'all';
}

/** The edge inside the hub is the hub's own other half: it has everything. */
export const everything: Selection = { people: 'all', categories: 'all' };

export const mayHavePerson = ({ people }: Selection, subject: string): boolean => people === 'all' || people.includes(subject);
export const mayHaveCategory = ({ categories }: Selection, category: Category): boolean =>
  categories === 'all' || categories.includes(category);

/**
 * Whether an entry may go out. What is no measurement is technical, except that a change goes where its measurement went; a removal
 * goes everywhere, for it says nothing and must not be missed.
 */
export function mayGo(selection: Selection, entry: LogEntry, measurementAt: (seq: number) => StoredMeasurement | undefined): boolean {
  switch (entry.kind) {
    case 'measured':
      return mayHaveCategory(selection, quantities[entry.measurement.quantity].category);
    case 'amended':
    case 'conflict': {
      const of = measurementAt(entry.of);
      return of !== undefined && mayHaveCategory(selection, quantities[of.quantity].category);
    }
    case 'removed':
    case 'redated':
      return true;
    case 'uncoded':
      // Of which category it is will be known when its quantity is: until then it goes only where all go.
      return selection.categories === 'all';
    case 'gap':
    case 'calibration':
    case 'restored':
    case 'segment':
    case 'unknown':
      return mayHaveCategory(selection, 'technical');
  }
}
