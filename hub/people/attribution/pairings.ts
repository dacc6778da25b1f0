/** Which product was given to whom: one person's own, or shared by all. */
import type { Household } from '../household.ts';
import type { OperationsLog } from '../operations-log.ts';

/**
 * What a Bluetooth device says of its second person and further ones (`ble-0024e4112233-2`): somebody beside who lives here alone, and
 * theirs only once somebody said so.
 */
const OTHER_PERSON = /^ble-[0-9a-f]{12}-(?:[2-9]|\d{2,3})$/;

export interface Pairing {
  readonly device: string;
  readonly subject: string;
  readonly sinceUtcMs: number;
}

export interface Pairings {
  list(): Pairing[];
  /** The person to whom a product was given; undefined for one that is shared. */
  ownerOf(device: string): string | undefined;
  /** The person of what a product says when no guess is needed: its own, or who of `people` lives alone. */
  certain(device: string, people: readonly string[]): string | undefined;
  /** Gives a product to a person, or to nobody. */
  give(device: string, subject: string | undefined, actor: string): void;
  /** Both return how many pairings a person has, or had. */
  forget(subject: string): number;
  remains(subject: string): number;
}

export function openPairings(household: Household, operations: OperationsLog, now: () => number): Pairings {
  const select = household.prepare<[string], { subject: string }>('SELECT subject FROM pairing WHERE device = ?');
  const ownerOf = (device: string): string | undefined => select.get(device)?.subject;
  return {
    list: () =>
      household
        .prepare<[], { device: string; subject: string; since: number }>('SELECT * FROM pairing ORDER BY device')
        .all()
        .map(({ device, subject, since }) => ({ device, subject, sinceUtcMs: since })),
    ownerOf,
    certain(device, people) {
      const owner = ownerOf(device);
      if (owner !== undefined && people.includes(owner)) return owner;
      return people.length === 1 && !OTHER_PERSON.test(device) ? people[0] : undefined;
    },
    give(device, subject, actor) {
      const before = ownerOf(device);
      household.prepare('DELETE FROM pairing WHERE device = ?').run(device);
      if (before !== undefined && before !== subject)
        operations.append({ kind: 'pairing-ended', actor, subject: before, detail: { device } });
      if (subject === undefined) return;
      household.prepare('INSERT INTO pairing VALUES (?, ?, ?)').run(device, subject, now());
      operations.append({ kind: 'paired', actor, subject, detail: { device } });
    },
    forget: (subject) => household.prepare('DELETE FROM pairing WHERE subject = ?').run(subject).changes,
    remains: (subject) =>
      household.prepare<[string], { count: number }>('SELECT count(*) AS count FROM pairing WHERE subject = ?').get(subject)!.count,
  };
}
