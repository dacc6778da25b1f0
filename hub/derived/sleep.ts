/** Nights of somebody who wears a tracker, from its activity counts of each minute. Pure. */
import { nightsOf } from '../../firmware/signal/sleep/night.ts';
import { nonWearOf } from '../../firmware/signal/sleep/non-wear.ts';
import { coleKripke, runsOf, type SleepState, websterRescored } from '../../firmware/signal/sleep/score.ts';
import type { StoredMeasurement } from '../store/vault.ts';
import { type Derived, sourcesOf } from './derived.ts';

const MINUTE_MS = 60_000;
/** A minute of which nothing is known: as awake as can be, so that a gap is no sleep. */
const UNKNOWN = Number.MAX_SAFE_INTEGER;
/** A night is told once this many minutes after it are known: the rescoring looks back from there. */
const AFTER_MIN = 30;
/** A tracker that lay on a table for more of the night than this has not seen it. */
const MOST_NON_WEAR = 0.5;
/** As in imports: 0 awake; 4 asleep, how deeply is not known: counts of movement do not tell depth. */
const STAGES: Readonly<Record<SleepState, number>> = { awake: 0, asleep: 4 };
const SCORING = { algorithm: 'cole-kripke-webster-tudor-locke', version: '1' } as const;

export interface SleptNight {
  /** The minute that the night ends with. */
  readonly last: StoredMeasurement;
  readonly startMs: number;
  readonly derived: readonly Derived[];
}

/** Nights that are over, from the counts of one tracker in order of time. */
export function nightsFrom(minutes: readonly StoredMeasurement[]): SleptNight[] {
  const first = minutes[0];
  if (first === undefined) return [];
  const indexOf = (row: StoredMeasurement): number => Math.round((row.end - first.end) / MINUTE_MS);
  const rows = new Map(minutes.map((row) => [indexOf(row), row]));
  const counts = Array.from({ length: indexOf(minutes.at(-1)!) + 1 }, (_, at) => rows.get(at)?.value ?? UNKNOWN);
  const nonWear = nonWearOf(counts);
  const states = websterRescored(coleKripke(counts));
  return nightsOf(states).flatMap(({ onset, end, asleepMin, awakeMin, efficiency, isOver }) => {
    const unworn = nonWear.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, end) - Math.max(from, onset)), 0);
    const last = rows.get(end - 1);
    const begin = rows.get(onset);
    if (!isOver || counts.length - end < AFTER_MIN || unworn > MOST_NON_WEAR * (end - onset)) return [];
    if (last === undefined || begin === undefined) return [];
    // First and last name the span; every minute between them went in.
    const inputs = sourcesOf([begin, last]);
    const derived: Derived[] = [
      { quantity: 'sleep_duration', value: asleepMin * 60, ...SCORING, inputs },
      { quantity: 'sleep_awake', value: awakeMin * 60, ...SCORING, inputs },
      { quantity: 'sleep_efficiency', value: efficiency, ...SCORING, inputs },
    ];
    return [{ last, startMs: begin.start, derived }, ...stagesOf(states, onset, end, rows)];
  });
}

/** The course of a night: each time asleep or awake, by the minute that it ends with. A minute of which nothing is known ends none. */
function stagesOf(states: readonly SleepState[], onset: number, end: number, rows: ReadonlyMap<number, StoredMeasurement>): SleptNight[] {
  return runsOf(states.slice(onset, end)).flatMap(({ state, from, length }) => {
    const begin = rows.get(onset + from);
    const last = rows.get(onset + from + length - 1);
    if (begin === undefined || last === undefined) return [];
    const derived: Derived[] = [{ quantity: 'sleep_stage', value: STAGES[state], ...SCORING, inputs: sourcesOf([begin, last]) }];
    return [{ last, startMs: begin.start, derived }];
  });
}
