/**
 * How an empty plate drifts with the room's temperature and with creep: fitted to what the load cell read between weigh-ins, beside the
 * temperatures that the home's thermometers gave then, and what calibration takes it off. Pure but for reading the vault.
 */
import type { StatedDrift } from '../../firmware/protocol/calibration.ts';
import { type Calibration, kgOf } from '../../firmware/signal/calibration.ts';
import { creptKg, type DriftModel, fitDrift, type IdleReading, robustSigma, withoutDrift } from '../../firmware/signal/drift.ts';
import type { StoredMeasurement, Vault } from '../store/vault.ts';

/** A temperature further away in time is not that of the cell. */
const NEAR_MS = 20 * 60_000;
/** Further from the middle something lies on the plate. */
const MOST_IDLE_KG = 2;
/** A fit of these takes a tenth of a second; two weeks have twenty thousand, which say no more of hours and days. */
const MOST_READINGS = 2000;
/** A temperature that moved through no whole day fits anything. */
const LEAST_SPAN_MS = 86_400_000;
/** A correction that leaves more of the scatter than this part is not worth a version, */
const WORTH_PART = 0.8;
/** unless the zero itself went away by more than a weight is told in. */
const WORTH_ZERO_KG = 0.05;
/** What the hub may correct by itself: a zero that moved as far as drift moves one between two visits (firmware/signal/empty-plate.ts), */
const MOST_OWN_ZERO_KG = 0.1;
/** and cells several times worse than class C3, of which four for 200 kg move by 3 g a degree (OIML R60: 0.7 vmin for 5 degrees). */
const MOST_OWN_KG_PER_C = 0.02;

/** A calibration's line with the drift taken off, to be made the next version. */
export interface Correction extends Pick<Calibration, 'zeroCounts' | 'countsPerKg' | 'points'> {
  readonly drift: StatedDrift;
}

export interface FittedDrift {
  readonly kind: 'fitted';
  readonly model: DriftModel;
  readonly readings: number;
  /** Whose temperature explains it best. */
  readonly thermometer: string;
  /** Scatter of the readings as the calibration in use values them. */
  readonly sigmaNowKg: number;
  readonly correction: Correction;
  /** By how much the correction moves the zero at the reference temperature, kg. */
  readonly zeroShiftKg: number;
  readonly isWorthIt: boolean;
  /** Small enough to be made without a person's word. */
  readonly isSmall: boolean;
}
export type DriftReport = FittedDrift | { readonly kind: 'unknown'; readonly because: string };

/** Of the readings of a span of time, valued by the calibration in use. */
export function idleDrift(home: Vault, device: string, inUse: Calibration, fromMs: number, toMs: number): DriftReport {
  const byThermometer = Map.groupBy(
    [...home.range({ quantity: 'temperature', fromMs: fromMs - NEAR_MS, toMs })]
      .filter(({ flag }) => flag === 'ok')
      .sort((a, b) => a.end - b.end),
    (one) => one.device,
  );
  if (byThermometer.size === 0) return { kind: 'unknown', because: 'no thermometer was heard meanwhile: add one to the home' };
  const counts = thinned(
    [...home.range({ quantity: 'load_cell_counts', device, fromMs, toMs })]
      .filter(({ start, end }) => start === end)
      .sort((a, b) => a.end - b.end),
  );
  let most = 0;
  let best: { thermometer: string; model: DriftModel; readings: IdleReading[] } | undefined;
  for (const [thermometer, temperatures] of byThermometer) {
    const readings = idleReadings(counts, temperatures, inUse);
    most = Math.max(most, readings.length);
    const model = fitDrift(readings);
    if (model !== undefined && (best === undefined || model.sigmaAfterKg < best.model.sigmaAfterKg))
      best = { thermometer, model, readings };
  }
  if (best === undefined)
    return { kind: 'unknown', because: `too few readings of the empty plate so far (${most}): look again in some hours` };
  return { kind: 'fitted', ...best, readings: best.readings.length, ...correctionOf(best, inUse) };
}

function idleReadings(counts: readonly StoredMeasurement[], temperatures: readonly StoredMeasurement[], inUse: Calibration): IdleReading[] {
  const middleKg = kgOf(inUse, counts.map(({ value }) => value).sort((a, b) => a - b)[counts.length >> 1] ?? 0);
  let next = 0;
  return counts.flatMap(({ end, value }): IdleReading[] => {
    const kg = kgOf(inUse, value);
    while (next + 1 < temperatures.length && Math.abs(temperatures[next + 1]!.end - end) <= Math.abs(temperatures[next]!.end - end)) next++;
    const nearest = temperatures[next]!;
    if (Math.abs(kg - middleKg) > MOST_IDLE_KG || Math.abs(nearest.end - end) > NEAR_MS) return [];
    return [{ atMs: end, kg, temperatureC: nearest.value }];
  });
}

/** The zero as it has crept by the last reading; masses that were laid on read as much more or less by now as the empty plate does. */
function correctionOf(
  { thermometer, model, readings }: { readonly thermometer: string; readonly model: DriftModel; readonly readings: readonly IdleReading[] },
  inUse: Calibration,
): Pick<FittedDrift, 'correction' | 'sigmaNowKg' | 'zeroShiftKg' | 'isWorthIt' | 'isSmall'> {
  const { referenceC, kgPerC, lagMs, sigmaAfterKg } = model;
  const zeroShiftKg = creptKg(model, readings.at(-1)!.atMs);
  const moved = zeroShiftKg * inUse.countsPerKg;
  const sigmaNowKg = robustSigma(
    inUse.drift?.thermometer !== thermometer
      ? readings.map(({ kg }) => kg)
      : withoutDrift(readings, { ...model, ...inUse.drift, creepKg: 0 }),
  );
  return {
    sigmaNowKg,
    zeroShiftKg,
    correction: {
      zeroCounts: inUse.zeroCounts + moved,
      countsPerKg: inUse.countsPerKg,
      points: inUse.points.map((point) => ({ ...point, counts: point.counts + moved })),
      drift: { referenceC, kgPerC, lagMs, thermometer },
    },
    isWorthIt:
      readings.at(-1)!.atMs - readings[0]!.atMs >= LEAST_SPAN_MS &&
      (sigmaAfterKg <= WORTH_PART * sigmaNowKg || Math.abs(zeroShiftKg) >= WORTH_ZERO_KG),
    isSmall: Math.abs(zeroShiftKg) <= MOST_OWN_ZERO_KG && Math.abs(kgPerC) <= MOST_OWN_KG_PER_C,
  };
}

const thinned = <One>(list: readonly One[]): readonly One[] => {
  const each = Math.ceil(list.length / MOST_READINGS);
  return list.filter((_, at) => at % each === 0);
};
