/**
 * What a newer device measured before the hub knew the quantity was kept with the home. Once an update knows that it is about a person, it
 * goes to whom it is of; where nobody knows whose it was, it stays where it is.
 */
import { type QuantityId, quantities } from '../../../firmware/protocol/quantities.ts';
import type { StoredMeasurement } from '../../store/log-entry.ts';
import type { Store } from '../../store/store.ts';
import type { NewMeasurement } from '../../store/vault.ts';
import { HOME } from '../subjects.ts';

export interface DecodedOptions {
  readonly store: Store;
  /** Whose a measurement of a device was; undefined when nobody knows. */
  readonly personOf: (row: StoredMeasurement) => string | undefined;
  /** Puts them into the person's vault. Resolves once they are on disk. */
  readonly commit: (subject: string, rows: readonly NewMeasurement[]) => Promise<unknown>;
}

/** Bounds memory and one transaction. */
const AT_ONCE = 5000;

/** Whether a quantity is about a person rather than the home. */
const isPersonal = (quantity: QuantityId): boolean => ['body', 'activity'].includes(quantities[quantity].category);

/** Resolves with how many measurements went to each person. A kill in between repeats what was not removed yet, which changes nothing. */
export async function giveDecoded({ store, personOf, commit }: DecodedOptions): Promise<ReadonlyMap<string, number>> {
  const given = new Map<string, number>();
  if (!store.subjects().includes(HOME)) return given;
  const home = store.vault(HOME);
  for (const { device, quantity } of home.latest().filter((one) => isPersonal(one.quantity))) {
    for (let afterSeq = 0; ; ) {
      const rows = [...home.range({ device, quantity, afterSeq, limit: AT_ONCE })];
      if (rows.length === 0) break;
      afterSeq = rows.at(-1)!.seq;
      for (const [subject, theirs] of Map.groupBy(rows, personOf)) {
        if (subject === undefined) continue;
        await commit(subject, theirs.map(asNew));
        await home.remove(
          theirs.map(({ seq }) => seq),
          'hub',
        );
        given.set(subject, (given.get(subject) ?? 0) + theirs.length);
      }
    }
  }
  return given;
}

const asNew = ({ device, boot, sequence, quantity, value, start, end, timeQuality, zoneMin }: StoredMeasurement): NewMeasurement => ({
  device,
  boot,
  sequence,
  code: quantities[quantity].code,
  value,
  endUtcMs: end,
  spanMs: end - start,
  timeQuality,
  zoneMin,
});
