/**
 * Asleep or awake, minute by minute, from activity counts of a minute each.
 *
 * Cole & Kripke: Sleep 15 (1992) 461-469, the weights for one-minute counts; counts are divided by 100 and capped at 300 as ActiLife
 * does for ActiGraph counts. Sadeh: Sleep 17 (1994) 201-207, with ActiLife's threshold of -4. Rescoring: Webster et al., Sleep 5 (1982)
 * 389-399. Against polysomnography they agree on 86 to 91 % of the minutes of healthy sleepers; lying still awake counts as sleep.
 */

export type SleepState = 'asleep' | 'awake';

/** ActiLife's scale for ActiGraph counts; other makers' counts are of other sizes. */
const COLE_KRIPKE_DIVISOR = 100;
const MOST_COUNTS = 300;
/** Four minutes before, this one, two after. */
const WEIGHTS = [106, 54, 58, 76, 230, 74, 67] as const;
const BEFORE = 4;

/** Scores each minute; minutes beyond the ends count as still. */
export function coleKripke(counts: readonly number[], divisor = COLE_KRIPKE_DIVISOR): SleepState[] {
  const scaled = counts.map((count) => Math.min(count / divisor, MOST_COUNTS));
  return counts.map((_, at) => {
    const sum = WEIGHTS.reduce((total, weight, k) => total + weight * (scaled[at + k - BEFORE] ?? 0), 0);
    return sum * 0.001 < 1 ? 'asleep' : 'awake';
  });
}

const SADEH_HALF = 5;
const SADEH_THRESHOLD = -4;

/** Scores each minute; minutes beyond the ends count as still. */
export function sadeh(counts: readonly number[]): SleepState[] {
  const capped = counts.map((count) => Math.min(count, MOST_COUNTS));
  const at = (index: number): number => capped[index] ?? 0;
  return capped.map((count, minute) => {
    const around = Array.from({ length: 2 * SADEH_HALF + 1 }, (_, k) => at(minute - SADEH_HALF + k));
    const mean = around.reduce((sum, one) => sum + one, 0) / around.length;
    const nats = around.filter((one) => one >= 50 && one < 100).length;
    const deviation = standardDeviation(around.slice(0, SADEH_HALF + 1));
    const index = 7.601 - 0.065 * mean - 1.08 * nats - 0.056 * deviation - 0.703 * Math.log(count + 1);
    return index > SADEH_THRESHOLD ? 'asleep' : 'awake';
  });
}

function standardDeviation(values: readonly number[]): number {
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  return Math.sqrt(values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (values.length - 1));
}

/** After so many minutes awake, so many minutes of sleep are not yet sleep. */
const AFTER_WAKE = [
  { awake: 15, asleep: 4 },
  { awake: 10, asleep: 3 },
  { awake: 4, asleep: 1 },
] as const;
/** At most so many minutes of sleep between so many awake on both sides are none. */
const BETWEEN_WAKE = [
  { awake: 10, asleep: 6 },
  { awake: 20, asleep: 10 },
] as const;

/** Webster's five rules: the first minutes of sleep after long waking, and short sleep within it, are scored awake. */
export function websterRescored(states: readonly SleepState[]): SleepState[] {
  const rescored = [...states];
  const awaken = (from: number, to: number): void => {
    rescored.fill('awake', from, Math.min(to, rescored.length));
  };
  const runs = runsOf(states);
  for (const [k, run] of runs.entries()) {
    const before = runs[k - 1];
    if (run.state === 'awake' || before === undefined) continue;
    const rule = AFTER_WAKE.find(({ awake }) => before.length >= awake);
    if (rule !== undefined) awaken(run.from, Math.min(run.from + rule.asleep, run.from + run.length));
  }
  for (const { awake, asleep } of BETWEEN_WAKE) {
    const now = runsOf(rescored);
    for (const [k, run] of now.entries()) {
      const isBetween = (now[k - 1]?.length ?? 0) >= awake && (now[k + 1]?.length ?? 0) >= awake;
      if (run.state === 'asleep' && run.length <= asleep && isBetween) awaken(run.from, run.from + run.length);
    }
  }
  return rescored;
}

export interface Run {
  readonly state: SleepState;
  readonly from: number;
  readonly length: number;
}

/** Equal minutes in a row. */
export function runsOf(states: readonly SleepState[]): Run[] {
  const runs: { state: SleepState; from: number; length: number }[] = [];
  for (const [at, state] of states.entries()) {
    const last = runs.at(-1);
    if (last?.state === state) last.length++;
    else runs.push({ state, from: at, length: 1 });
  }
  return runs;
}

/** Counts of shorter epochs added up to minutes. An unfinished last minute is left out. */
export function minutesOf(counts: readonly number[], epochS: number): number[] {
  if (60 % epochS !== 0) throw new RangeError(`epochs of ${epochS} s do not add up to minutes: use a divisor of 60`);
  const each = 60 / epochS;
  return Array.from({ length: Math.floor(counts.length / each) }, (_, minute) =>
    counts.slice(minute * each, (minute + 1) * each).reduce((sum, one) => sum + one, 0),
  );
}
