/** From the load under a bed: whether somebody lies there, and how much of the time they move. Plain state, no clock. */

/** More than bedding that somebody sorts, less than a leg's share of a small person. */
const OCCUPIED_KG = 8;
const EMPTY_KG = 5;
/** Sitting down to tie a shoe is not going to bed. */
const SETTLED_MS = 5000;
/** Movement is told for spans of half a minute, as actigraphs do. */
const SPAN_MS = 30_000;
/** Breathing and the heart move some tens of grams; turning over moves kilograms. */
const MOVING_KG = 0.3;

export type BedEvent =
  | { readonly kind: 'occupied'; readonly isOccupied: boolean }
  /** Part of the span in which they moved, 0 to 1. */
  | { readonly kind: 'movement'; readonly part: number; readonly spanMs: number };

export interface Occupancy {
  push(atMs: number, kg: number): BedEvent | undefined;
  readonly isOccupied: boolean;
}

export function createOccupancy(): Occupancy {
  let isOccupied = false;
  let changingFromMs: number | undefined;
  let spanFromMs = 0;
  let samples = 0;
  let moving = 0;
  /** Follows the load within some seconds: what differs from it moves. */
  let restKg: number | undefined;
  let lastMs: number | undefined;

  return {
    push(atMs, kg) {
      const sinceS = lastMs === undefined ? 0 : Math.min(1, (atMs - lastMs) / 1000);
      lastMs = atMs;
      restKg = restKg === undefined ? kg : restKg + (kg - restKg) * Math.min(1, sinceS / 2);
      const wouldBe = isOccupied ? kg > EMPTY_KG : kg > OCCUPIED_KG;
      if (wouldBe === isOccupied) changingFromMs = undefined;
      else changingFromMs ??= atMs;
      if (changingFromMs !== undefined && atMs - changingFromMs >= SETTLED_MS) {
        isOccupied = wouldBe;
        changingFromMs = undefined;
        spanFromMs = atMs;
        samples = moving = 0;
        return { kind: 'occupied', isOccupied };
      }
      if (!isOccupied) return undefined;
      samples++;
      if (Math.abs(kg - restKg) > MOVING_KG) moving++;
      if (atMs - spanFromMs < SPAN_MS) return undefined;
      const event: BedEvent = { kind: 'movement', part: moving / samples, spanMs: Math.round(atMs - spanFromMs) };
      spanFromMs = atMs;
      samples = moving = 0;
      return event;
    },
    get isOccupied() {
      return isOccupied;
    },
  };
}
