/** Studies that a person may join, as rows: what is computed of them, how much one person can change it, and what it costs. Pure. */
import type { Category } from '../../../firmware/protocol/quantities.ts';
import { zoneOffsetMin } from '../../ops/clock/zone.ts';

export interface Night {
  readonly endMs: number;
  readonly minutes: number;
}
/** One occasion of a study. `id` is all that goes along of when. */
export interface Round {
  readonly id: string;
  readonly atMs: number;
}
export interface Study {
  readonly words: string;
  readonly question: string;
  readonly category: Category;
  readonly unit: string;
  /** Values are cut off at this, up and down: what lies beyond says too much of one person. */
  readonly bound: number;
  /** Thousandths. */
  readonly epsilonMilli: number;
  /** Nights on each side below which nothing is computed. */
  readonly leastNights: number;
  /** Homes below which the receiver shows nothing. */
  readonly leastHomes: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
/** A change is looked back for this long: a hub that was off for a month still takes part. */
const LOOK_BACK_DAYS = 60;

export const studies = {
  'sleep-clock-change': {
    words: 'How sleep follows the change of the clocks',
    question: 'How many minutes longer or shorter people sleep in the week after the clocks change than in the week before.',
    category: 'activity',
    unit: 'min',
    bound: 90,
    epsilonMilli: 1000,
    leastNights: 5,
    leastHomes: 20,
  },
} as const satisfies Record<string, Study>;
export type StudyId = keyof typeof studies;
export const isStudy = (id: string): id is StudyId => Object.hasOwn(studies, id);
export const studyIds = Object.keys(studies) as StudyId[];

/** How much one person's value can change what goes: from one bound to the other. */
export const sensitivityOf = ({ bound }: Study): number => 2 * bound;

/** The last change of a zone's clock that is a week behind, or undefined: `2026-10-25 back`. */
export function clockChange(zone: string, nowMs: number): Round | undefined {
  const offset = (ms: number): number => zoneOffsetMin(zone, ms) ?? 0;
  for (let day = 7; day < LOOK_BACK_DAYS; day++) {
    const [before, after] = [nowMs - (day + 1) * DAY_MS, nowMs - day * DAY_MS];
    if (offset(before) === offset(after)) continue;
    let [low, high] = [before, after];
    while (high - low > MINUTE_MS) {
      const middle = (low + high) / 2;
      if (offset(middle) === offset(before)) low = middle;
      else high = middle;
    }
    const atMs = Math.round(high / MINUTE_MS) * MINUTE_MS;
    if (nowMs - atMs < WEEK_MS) continue;
    const date = new Date(atMs + offset(atMs) * MINUTE_MS).toISOString().slice(0, 10);
    return { id: `${date} ${offset(after) < offset(before) ? 'back' : 'forward'}`, atMs };
  }
  return undefined;
}

/** Minutes slept more after a change than before, whole and cut off at the bound; undefined where there are too few nights. */
export function sleepDifference(nights: readonly Night[], atMs: number, zone: string, { leastNights, bound }: Study): number | undefined {
  const mean = (fromMs: number, toMs: number): number | undefined => {
    const days = new Map<number, number>();
    for (const { endMs, minutes } of nights) {
      if (endMs < fromMs || endMs >= toMs || !Number.isFinite(minutes)) continue;
      const day = Math.floor((endMs + (zoneOffsetMin(zone, endMs) ?? 0) * MINUTE_MS) / DAY_MS);
      days.set(day, Math.max(minutes, days.get(day) ?? 0));
    }
    return days.size < leastNights ? undefined : [...days.values()].reduce((sum, one) => sum + one, 0) / days.size;
  };
  const before = mean(atMs - WEEK_MS, atMs);
  const after = mean(atMs, atMs + WEEK_MS);
  if (before === undefined || after === undefined) return undefined;
  return Math.max(-bound, Math.min(bound, Math.round(after - before)));
}

/** What goes: nothing of who or where, and no number that is the same another time. */
export interface Contribution {
  readonly form: 'hearth-statistic';
  readonly version: 1;
  readonly study: StudyId;
  readonly round: string;
  /** The value with its noise. */
  readonly value: number;
  readonly unit: string;
  readonly mechanism: 'discrete-laplace';
  readonly epsilon: string;
  readonly sensitivity: number;
  /** Random, for this contribution alone: the receiver counts it once. */
  readonly nonce: string;
}

export interface Result {
  readonly round: string;
  readonly homes: number;
  readonly mean: number;
  /** Of the mean, the noise included. */
  readonly standardError: number;
}

/** Results of each round in which enough took part; of the others nothing is told, not even that they were. */
export function resultsOf(contributions: Iterable<Contribution>, { leastHomes }: Study): Result[] {
  const rounds = new Map<string, Map<string, number>>();
  for (const { round, nonce, value } of contributions) {
    const known = rounds.get(round) ?? new Map<string, number>();
    rounds.set(round, known);
    if (!known.has(nonce)) known.set(nonce, value);
  }
  return [...rounds]
    .filter(([, values]) => values.size >= leastHomes)
    .map(([round, values]) => {
      const all = [...values.values()];
      const mean = all.reduce((sum, one) => sum + one, 0) / all.length;
      const variance = all.reduce((sum, one) => sum + (one - mean) ** 2, 0) / Math.max(1, all.length - 1);
      return { round, homes: all.length, mean, standardError: Math.sqrt(variance / all.length) };
    })
    .sort((a, b) => a.round.localeCompare(b.round));
}
