/** Calibrations of load cells in the home's log, which keeps numbers by name. */
import { MOST_STATED_POINTS, type StatedCalibration, type StatedDrift, type StatedPoint } from '../../firmware/protocol/calibration.ts';
import type { NewEntry } from '../store/log-entry.ts';
import type { Vault } from '../store/vault.ts';

/** How the log names what these are of. */
const CHIP = 'load cell';
/** Before the id of the thermometer. */
const FOLLOWS = 'follows ';

/** Every calibration of a device that was noted, oldest first. */
export const notedCalibrations = (home: Vault, device: string): StatedCalibration[] =>
  home
    .ofKind('calibration')
    .flatMap((entry) =>
      entry.kind === 'calibration' && entry.device === device && entry.chip === CHIP ? [statedIn(entry.parameters)] : [],
    );

export function calibrationNote(device: string, { version, date, zeroCounts, countsPerKg, points, drift }: StatedCalibration): NewEntry {
  const dateMs = Date.parse(date);
  const of = points.flatMap(([counts, massKg, uncertaintyKg], index) => [
    [`point${index}Counts`, counts],
    [`point${index}Kg`, massKg],
    [`point${index}UncertaintyKg`, uncertaintyKg],
  ]);
  return {
    kind: 'calibration',
    device,
    chip: CHIP,
    parameters: {
      version,
      zeroCounts,
      countsPerKg,
      ...(Number.isFinite(dateMs) && { dateMs }),
      points: points.length,
      ...(drift && { referenceC: drift.referenceC, kgPerC: drift.kgPerC, lagMs: drift.lagMs, [FOLLOWS + drift.thermometer]: 1 }),
      ...Object.fromEntries(of),
    },
  };
}

function statedIn(parameters: Readonly<Record<string, number>>): StatedCalibration {
  const { version = 0, zeroCounts = 0, countsPerKg = 1, dateMs, points = 0 } = parameters;
  const drift = driftIn(parameters);
  return {
    version,
    zeroCounts,
    countsPerKg,
    date: dateMs === undefined ? '' : new Date(dateMs).toISOString(),
    points: Array.from(
      { length: Math.min(points, MOST_STATED_POINTS) },
      (_, index): StatedPoint => [
        parameters[`point${index}Counts`] ?? 0,
        parameters[`point${index}Kg`] ?? 0,
        parameters[`point${index}UncertaintyKg`] ?? 0,
      ],
    ),
    ...(drift && { drift }),
  };
}

function driftIn(parameters: Readonly<Record<string, number>>): StatedDrift | undefined {
  const { referenceC, kgPerC, lagMs } = parameters;
  const follows = Object.keys(parameters).find((name) => name.startsWith(FOLLOWS));
  if (referenceC === undefined || kgPerC === undefined || lagMs === undefined || follows === undefined) return undefined;
  return { referenceC, kgPerC, lagMs, thermometer: follows.slice(FOLLOWS.length) };
}
