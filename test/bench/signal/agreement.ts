/**
 * Agreement with published references: sleep scored minute by minute beside ActiLife, air indices and gas index beside the tables and
 * Sensirion's reference, heart and breathing of a bed mat beside the simulated truth.
 */
import { readdirSync } from 'node:fs';
import { type EuropeanPollutant, europeanAqi } from '../../../firmware/signal/air/european-aqi.ts';
import { type GasIndexKind, processGasIndex, startGasIndex } from '../../../firmware/signal/air/gas-index.ts';
import { nowCast } from '../../../firmware/signal/air/nowcast.ts';
import { type UkPollutant, ukDaqi } from '../../../firmware/signal/air/uk-daqi.ts';
import { type UsPollutant, usAqi } from '../../../firmware/signal/air/us-aqi.ts';
import { createBed } from '../../../firmware/signal/bed.ts';
import { coleKripke, type SleepState, sadeh } from '../../../firmware/signal/sleep/score.ts';
import { sleeperLoad } from '../../firmware/signal/heart.ts';
import { readVector, readVectorJson, skipWithoutVectors, vectorPath } from '../../vectors.ts';
import type { BenchRow } from '../row.ts';

const AIR = '6-air-quality-indices';
const SLEEP = '4-motion/sleep-actilife';

const equal = (name: string, same: number, of: number, against: string): BenchRow => {
  const value = (100 * same) / of;
  return { name, value, unit: '% equal', against: `${against}, ${of} cases`, ratio: value / 100, goal: 'ratio = 1', holds: same === of };
};

export async function rows(): Promise<BenchRow[]> {
  return [...(skipWithoutVectors === false ? [...sleepRows(), ...airRows()] : []), ...bedRows()];
}

function sleepRows(): BenchRow[] {
  const column = (file: string, name: string): string[] => {
    const [head = '', ...lines] = readVector(`${SLEEP}/${file}`).trim().split('\n');
    const at = head.split(',').indexOf(name);
    return lines.map((line) => line.split(',')[at]!);
  };
  const counts = column('epochs-60s.csv', 'axis1').map(Number);
  const agreement = (name: string, states: readonly SleepState[], expected: readonly string[]): BenchRow =>
    equal(
      `sleep, ${name}`,
      states.filter((state, at) => (state === 'asleep' ? 'S' : 'W') === expected[at]).length,
      expected.length,
      'ActiLife 6',
    );
  return [
    agreement('Sadeh', sadeh(counts), column('expected-sadeh-colekripke.csv', 'sadeh')),
    agreement('Cole-Kripke', coleKripke(counts), column('expected-sadeh-colekripke.csv', 'cole-kripke')),
  ];
}

function airRows(): BenchRow[] {
  const { cases } = readVectorJson<{ cases: { pollutant: string; conc: number; aqi: number }[] }>(`${AIR}/us-epa-aqi-2024.json`);
  const same = cases.filter(({ pollutant, conc, aqi }) => {
    const got = usAqi(pollutant.toLowerCase().replace('.', '_') as UsPollutant, conc);
    return got.kind === 'index' && got.index === aqi;
  }).length;
  const gas = readdirSync(vectorPath(AIR))
    .filter((file) => file.startsWith('sensirion'))
    .map((file) =>
      readVectorJson<{ algorithm?: GasIndexKind; sampling_interval_s: number; sraw: number[]; index?: number[] }>(`${AIR}/${file}`),
    )
    .filter(({ index }) => index !== undefined)
    .map(({ algorithm = 'voc', sampling_interval_s, sraw, index }) => {
      let state = startGasIndex(algorithm, sampling_interval_s);
      let same = 0;
      for (const [at, ticks] of sraw.entries()) {
        const next = processGasIndex(state, ticks);
        state = next.state;
        if (next.index === index![at]) same++;
      }
      return equal(`air, ${algorithm.toUpperCase()} index`, same, sraw.length, "Sensirion's reference");
    });
  return [equal('air, US AQI of 2024', same, cases.length, '40 CFR 58 appendix G'), ...otherIndices(), ...gas];
}

const pollutantOf = (name: string): string => name.toLowerCase().replace('.', '_');

function otherIndices(): BenchRow[] {
  const hours = readVectorJson<{ cases: { hours: (number | null)[]; expect: number | null }[] }>(`${AIR}/us-epa-nowcast.json`).cases;
  const europe = readVectorJson<{ cases: { pollutant: string; ugm3: number; level: number }[] }>(
    `${AIR}/eu-eaqi-2017-2024-bands.json`,
  ).cases;
  const uk = readVectorJson<{ uk_daqi: { pollutant: string; ugm3: number; band: number }[] }>(
    `${AIR}/uk-daqi-who-conversions.json`,
  ).uk_daqi;
  const nowCasts = hours.filter(({ hours, expect }) => {
    const got = nowCast(hours);
    return expect === null ? got === undefined : got !== undefined && Math.abs(got - expect) < 1e-5;
  });
  const levels = europe.filter(
    ({ pollutant, ugm3, level }) => europeanAqi(pollutantOf(pollutant) as EuropeanPollutant, ugm3, '2017')?.level === level,
  );
  const bands = uk.filter(({ pollutant, ugm3, band }) => ukDaqi(pollutantOf(pollutant) as UkPollutant, ugm3)?.index === band);
  return [
    equal('air, NowCast', nowCasts.length, hours.length, 'US EPA'),
    equal('air, European AQI', levels.length, europe.length, 'EEA'),
    equal('air, UK DAQI', bands.length, uk.length, 'DEFRA'),
  ];
}

/** Sleepers of several rates, at three strengths of the heart's wave. */
function bedRows(): BenchRow[] {
  const sleepers = [
    [46, 9],
    [58, 14],
    [66, 11],
    [74, 16],
    [90, 20],
  ] as const;
  return [0.1, 0.05, 0.02].flatMap((jKg) => {
    const errors: number[] = [];
    const breathErrors: number[] = [];
    let readings = 0;
    for (const [beatsPerMinute, breathsPerMinute] of sleepers) {
      const load = sleeperLoad({ beatsPerMinute, breathsPerMinute, jKg, breathKg: 0.15, noiseKg: 0.02, seed: beatsPerMinute }, 300, 80);
      const bed = createBed({ emptyRms: 0.005 });
      for (let at = 0; at < load.length; at++) {
        for (const { heartRate, respirationRate } of bed.push((at * 1000) / 80, load[at]!)) {
          readings++;
          if (heartRate !== undefined) errors.push(Math.abs(heartRate - beatsPerMinute));
          if (respirationRate !== undefined) breathErrors.push(Math.abs(respirationRate - breathsPerMinute));
        }
      }
    }
    const mean = (list: readonly number[]): number => list.reduce((sum, one) => sum + one, 0) / Math.max(1, list.length);
    const row = (name: string, value: number, unit: string, limit: number, against: string): BenchRow => ({
      name: `bed, J wave of ${1000 * jKg} g on 20 g of noise, ${name}`,
      value,
      unit,
      against,
      ratio: value / limit,
      goal: 'ratio <= 1',
      holds: value <= limit,
    });
    return [
      row(`heart, told in ${((100 * errors.length) / readings).toFixed(0)} %`, mean(errors), '/min off', 3, 'limit 3 /min'),
      row(`breathing, told in ${((100 * breathErrors.length) / readings).toFixed(0)} %`, mean(breathErrors), '/min off', 1, 'limit 1 /min'),
    ];
  });
}
