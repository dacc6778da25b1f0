/** Recorded loads: people on force plates, and load cells left alone. */
import type { IdleReading } from '../../../firmware/signal/drift.ts';
import { readVector, readVectorJson } from '../../vectors.ts';

const GRAVITY = 9.80665;

export interface StandingTrial {
  readonly person: string;
  readonly rateHz: number;
  readonly kg: readonly number[];
}

interface ForceFile {
  readonly subject: string;
  readonly trials: readonly { readonly rate_hz: number; readonly limb1_N: readonly number[]; readonly limb2_N: readonly number[] }[];
}

/** The trials of each person, both plates together. */
export function standingPersons(): StandingTrial[][] {
  const { cases } = readVectorJson<{ cases: { file: string }[] }>('5-serial-sensors/standing-force/manifest.json');
  return cases.map(({ file }) => {
    const { subject, trials } = readVectorJson<ForceFile>(`5-serial-sensors/standing-force/${file}`);
    return trials.map(({ rate_hz, limb1_N, limb2_N }) => ({
      person: subject,
      rateHz: rate_hz,
      kg: limb1_N.map((newton, at) => (newton + limb2_N[at]!) / GRAVITY),
    }));
  });
}

/** Two load cells of a bee hive at rest, with the thermometer beside each. */
export function hiveCells(): { readonly name: string; readonly readings: IdleReading[] }[] {
  const lines = readVector('5-serial-sensors/loadcell-hive/raw.csv.gz').trim().split('\n');
  const head = lines[0]!.split(',');
  return [
    { name: 'first cell', kg: 'weight1_kg', temperature: 'temp_inside_c' },
    { name: 'second cell', kg: 'weight2_kg', temperature: 'temp_outside_c' },
  ].map(({ name, kg, temperature }) => ({
    name,
    readings: lines
      .slice(1)
      .map((line) => line.split(','))
      .map((cells) => ({
        atMs: Date.parse(`${cells[0]!.replaceAll('/', '-').replace(' ', 'T')}Z`),
        kg: Number.parseFloat(cells[head.indexOf(kg)]!),
        temperatureC: Number.parseFloat(cells[head.indexOf(temperature)]!),
      }))
      // A torn line or a sensor that answered nothing.
      .filter((one) => Object.values(one).every(Number.isFinite) && one.temperatureC > 5 && one.temperatureC < 40),
  }));
}
