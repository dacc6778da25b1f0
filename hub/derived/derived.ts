import type { QuantityId } from '../../firmware/protocol/quantities.ts';
import type { Provenance } from '../store/log-entry.ts';
import type { StoredMeasurement } from '../store/vault.ts';

/** A value computed from others, and from which and by what: enough to compute it again. */
export interface Derived extends Provenance {
  readonly quantity: QuantityId;
  readonly value: number;
}

/** Ids of measurements, as a provenance names them. */
export const sourcesOf = (rows: readonly StoredMeasurement[]): string[] =>
  rows.map(({ device, boot, sequence }) => `${device}/${boot}/${sequence}`);
