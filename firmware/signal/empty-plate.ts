/**
 * What the plate reads while nobody is on it: the zero that is taken off a weight. It is looked at in half seconds; one in which nothing moved is
 * still, two still ones in a row make the plate ready to weigh. Stepping on takes the zero from the earlier of the last two, since a foot may
 * already have been on its way in the later one. Plain state, no clock.
 */

/** Zero follows slow drift: this part of the difference each second, within these bounds of the tare, and only while nothing moves. */
const ZERO_TRACKING_PER_SECOND = 0.02;
/** As much as a power-on zero may take away: a mat, not a child. */
const MOST_ZERO_KG = 1;
/** A foot set down changes the load faster; within a half second nothing still scatters so. */
const STILL_KG = 0.2;
/** Temperature and creep move a zero by less between two visits; more was laid on, and is weighed. */
const MOST_SHIFT_KG = 0.1;
const LOOK_MS = 500;
/** A half second with a hole in it was not seen. */
const LONGEST_GAP_MS = 500;

export interface EmptyPlate {
  zeroKg: number;
  /** Whether the zero was taken from a still plate since the start. */
  isKnown: boolean;
  /** Means of the last still half seconds, the newest last; at most two. */
  looks: number[];
  fromMs: number;
  lastMs: number;
  sum: number;
  count: number;
  least: number;
  most: number;
  /** By how much the last visit moved the zero, kg; 0 until one is over and the plate was still again. */
  shiftKg: number;
  /** The zero that the last visit was weighed with, until the plate is still again. */
  usedKg: number | undefined;
}

export const startEmptyPlate = (): EmptyPlate => ({
  zeroKg: 0,
  isKnown: false,
  looks: [],
  fromMs: 0,
  lastMs: Number.NEGATIVE_INFINITY,
  sum: 0,
  count: 0,
  least: 0,
  most: 0,
  shiftKg: 0,
  usedKg: undefined,
});

/** Takes a load of the plate while nobody is on it, zero not taken off. */
export function emptyLook(plate: EmptyPlate, atMs: number, kg: number): void {
  const sinceMs = atMs - plate.lastMs;
  plate.lastMs = atMs;
  if (!(sinceMs >= 0 && sinceMs <= LONGEST_GAP_MS)) {
    plate.looks = [];
    begin(plate, atMs, kg);
    return;
  }
  plate.sum += kg;
  plate.count++;
  plate.least = Math.min(plate.least, kg);
  plate.most = Math.max(plate.most, kg);
  const isStill = plate.most - plate.least <= STILL_KG && Math.abs(kg) <= MOST_ZERO_KG;
  if (!isStill) {
    plate.looks = [];
    begin(plate, atMs, kg);
    return;
  }
  const step = Math.min(1, (ZERO_TRACKING_PER_SECOND * sinceMs) / 1000);
  setZero(plate, plate.zeroKg + (kg - plate.zeroKg) * step);
  if (atMs - plate.fromMs < LOOK_MS) return;
  plate.looks = [...plate.looks.slice(-1), plate.sum / plate.count];
  begin(plate, atMs, kg);
  if (isReady(plate)) settled(plate);
}

/** Whether the plate was seen empty and still, so that the next weight has its zero. */
export const isReady = ({ looks }: EmptyPlate): boolean => looks.length === 2;

/** Somebody steps on: from here the zero holds until they are off. */
export function occupied(plate: EmptyPlate): void {
  const [earlier, later] = plate.looks;
  if (earlier !== undefined && later !== undefined && Math.abs(earlier - plate.zeroKg) <= MOST_SHIFT_KG) setZero(plate, earlier);
  plate.usedKg = plate.zeroKg;
  plate.looks = [];
  plate.lastMs = Number.NEGATIVE_INFINITY;
}

/** Standard uncertainty of the zero, kg: the next visit may move it anywhere up to as far as the last did (rectangular, GUM 4.3.7). */
export const zeroUncertaintyKg = ({ shiftKg }: EmptyPlate): number => shiftKg / Math.sqrt(3);

function settled(plate: EmptyPlate): void {
  const nowKg = plate.looks[0]!;
  if (!plate.isKnown) setZero(plate, nowKg);
  plate.isKnown = true;
  if (plate.usedKg === undefined) return;
  const shiftKg = Math.abs(nowKg - plate.usedKg);
  // More is a thing left on the plate, or taken from it.
  if (shiftKg <= MOST_SHIFT_KG) plate.shiftKg = shiftKg;
  plate.usedKg = undefined;
}

function begin(plate: EmptyPlate, atMs: number, kg: number): void {
  Object.assign(plate, { fromMs: atMs, sum: kg, count: 1, least: kg, most: kg });
}

function setZero(plate: EmptyPlate, zeroKg: number): void {
  plate.zeroKg = Math.max(-MOST_ZERO_KG, Math.min(MOST_ZERO_KG, zeroKg));
}
