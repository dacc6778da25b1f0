/**
 * How well people on force plates are weighed from any second, by person; and what taking drift off leaves of a load cell at rest.
 * Held against the resolution that body scales show, 0.1 kg.
 */
import { fitDrift, robustSigma, withoutDrift } from '../../../firmware/signal/drift.ts';
import { createWeigher } from '../../../firmware/signal/weigh.ts';
import { hiveCells, type StandingTrial, standingPersons } from '../../firmware/signal/loads.ts';
import { skipWithoutVectors } from '../../vectors.ts';
import type { BenchRow } from '../row.ts';

const MOST_S = 3;
const LIMIT_KG = 0.1;

interface Reading {
  readonly kg: number;
  readonly uncertaintyKg: number;
}

/** A reading from each second of a trial; undefined where none came within three seconds. */
function readings({ kg, rateHz }: StandingTrial): (Reading | undefined)[] {
  const seconds = Math.floor(kg.length / rateHz - MOST_S);
  return Array.from({ length: seconds + 1 }, (_, from) => {
    const weigher = createWeigher();
    for (let at = from * rateHz; at < (from + MOST_S) * rateHz; at++) {
      const event = weigher.push({ atMs: (at * 1000) / rateHz, kg: kg[at]! });
      if (event?.kind === 'weighed') return event;
    }
    return undefined;
  });
}

const meanOf = (kg: readonly number[]): number => kg.reduce((sum, one) => sum + one, 0) / kg.length;
const row = (name: string, value: number, unit: string, against: string, ratio: number | null, goal: string, holds: boolean): BenchRow => ({
  name: `weigh, ${name}`,
  value,
  unit,
  against,
  ratio,
  goal,
  holds,
});
const within = (name: string, value: number, limit: number, unit = 'kg'): BenchRow =>
  row(name, value, unit, `limit ${limit} ${unit}`, value / limit, 'ratio <= 1', value <= limit);

export async function rows(): Promise<BenchRow[]> {
  if (skipWithoutVectors !== false) return [];
  const out: BenchRow[] = [];
  const all = { readings: 0, late: 0, covered: 0, pairs: 0, close: 0, squares: 0 };
  for (const trials of standingPersons()) {
    const taken = trials.map((trial) => ({ truth: meanOf(trial.kg), from: readings(trial) }));
    let worst = 0;
    let apart = 0;
    for (const { truth, from } of taken) {
      for (const reading of from) {
        all.readings++;
        if (reading === undefined) all.late++;
        else {
          worst = Math.max(worst, Math.abs(reading.kg - truth));
          all.squares += (reading.kg - truth) ** 2;
          if (Math.abs(reading.kg - truth) <= 2 * reading.uncertaintyKg) all.covered++;
        }
      }
    }
    for (const [i, one] of taken.entries()) {
      for (const other of taken.slice(i + 1)) {
        for (const [second, reading] of one.from.entries()) {
          const difference = Math.abs((reading?.kg ?? Number.NaN) - (other.from[second]?.kg ?? Number.NaN));
          if (Number.isNaN(difference)) continue;
          all.pairs++;
          if (difference <= LIMIT_KG) all.close++;
          apart = Math.max(apart, difference);
        }
      }
    }
    out.push(within(`${trials[0]!.person}, worst from its trial's mean`, worst, LIMIT_KG));
    out.push(within(`${trials[0]!.person}, trials furthest apart`, apart, 0.15));
  }
  const part = (count: number, of: number): number => (100 * count) / of;
  out.push(within('all readings, rms from the mean', Math.sqrt(all.squares / all.readings), LIMIT_KG / 2));
  out.push(within('readings later than 3 s', part(all.late, all.readings), 1, '%'));
  const close = part(all.close, all.pairs);
  out.push(row('trials from the same second, within 0.1 kg', close, '%', 'goal 99 %', close / 99, 'ratio >= 1', close >= 99));
  const covered = part(all.covered, all.readings);
  out.push(row('readings within their own k = 2', covered, '%', 'GUM 95 %', covered / 95, 'ratio >= 0.97', covered >= 92));
  return [...out, ...drift()];
}

/** Fitted on the first half of the days, shown on the second. */
function drift(): BenchRow[] {
  return hiveCells().flatMap(({ name, readings: idle }) => {
    const half = idle.length >> 1;
    const before = 1000 * robustSigma(idle.slice(half).map(({ kg }) => kg));
    const after = 1000 * robustSigma(withoutDrift(idle, fitDrift(idle.slice(0, half))!).slice(half));
    return [
      row(
        `${name} at rest, drift taken off`,
        after,
        'g sigma',
        `${before.toFixed(1)} g as it was`,
        after / before,
        'ratio < 1',
        after < before,
      ),
    ];
  });
}
