/** What weighs: a converter on a load cell, which gives counts, or an instrument, which gives masses. */
export type LoadReading =
  /** Nothing new since the last look. */
  | { readonly kind: 'none' }
  /** Of a converter; `isSaturated` at the end of its scale, where it says nothing of the load. */
  | { readonly kind: 'counts'; readonly counts: number; readonly isSaturated: boolean }
  /** Of an instrument that is calibrated itself. */
  | { readonly kind: 'mass'; readonly kg: number; readonly isStable: boolean }
  /** More, or less, than the instrument weighs. */
  | { readonly kind: 'overload' }
  | { readonly kind: 'underload' }
  /** A reading was lost on the way. */
  | { readonly kind: 'spoiled'; readonly message: string };

export interface LoadCell {
  /** Counts that its converter goes to; undefined for an instrument. */
  readonly limits: { readonly min: number; readonly max: number } | undefined;
  /** Readings a second as set, when the driver knows. */
  readonly rateHz: number | undefined;
  read(): Promise<LoadReading>;
}
