import type { QuantityId } from '../protocol/quantities.ts';

/** Values by quantity, in the quantity's unit. */
export type Values = Readonly<Partial<Record<QuantityId, number>>>;

/** What one look at a chip that measures by itself gives. */
export type ChipReading =
  | { readonly kind: 'values'; readonly values: Values }
  /** Nothing new since the last look. */
  | { readonly kind: 'none' }
  /** The chip says, or its datasheet does, that its values mean nothing yet. */
  | { readonly kind: 'warming-up'; readonly message: string }
  /** A value was lost on the way: a wrong checksum, a cut frame. The next one may be whole. */
  | { readonly kind: 'spoiled'; readonly message: string };

/** A chip that gives values of quantities by itself, without signal processing in between. */
export interface ChipOfValues {
  /** Rejects with BusError or ChipError when the chip is gone or is not what it should be. */
  read(): Promise<ChipReading>;
  /**
   * Takes the CO2 of the air for known, and gives by how much that corrects the chip, ppm. Rejects with ChipError when the chip refuses;
   * it measures on either way. Undefined: this chip cannot be told.
   */
  recalibrate?(co2Ppm: number): Promise<number>;
  /** Rejects with ChipError when the chip finds itself broken. Undefined: it cannot look. */
  selfTest?(): Promise<void>;
  /** Leaves the chip in a state that harms nobody (fan off, measurement stopped); optional. */
  stop?(): Promise<void>;
}
