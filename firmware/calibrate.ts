/** `hearth device calibrate`: calibrates a load cell on this machine itself, without a hub, while its program does not run. */
import { createInterface } from 'node:readline/promises';
import { type LoadCellRow, loadCellChips } from './chips/registry.ts';
import { systemClock } from './clock.ts';
import { openChip } from './devices/open-chip.ts';
import { calibrationFile } from './devices/programs.ts';
import { openBoard } from './open-board.ts';
import { isStatedCalibration } from './protocol/calibration.ts';
import type { Clock } from './protocol/time.ts';
import type { BedDevice, RigBoard, ScaleDevice } from './rig.ts';
import { boardsOf, RunError } from './run.ts';
import {
  type Calibration,
  type CalibrationPoint,
  calibrate,
  calibrationOf,
  expandedUncertaintyKg,
  statedOf,
} from './signal/calibration.ts';
import { createStillMean } from './signal/still-mean.ts';
import { keptRecord } from './state.ts';

const POLL_MS = 12;
const SHOWN_KG = [10, 70] as const;

export interface CalibrateOptions {
  readonly rig: string;
  readonly device: string;
  readonly state: string;
  readonly toleranceKg: number;
  readonly virtual?: string | undefined;
}

/** Asks a person a question; undefined when they end the talk. */
export type Ask = (question: string) => Promise<string | undefined>;

/** The walk: the plate empty, then mass after mass, then the fit, which the device's program uses from its next start on. Throws RunError. */
export async function calibrateDevice(
  options: CalibrateOptions,
  ask: Ask,
  say: (text: string) => void,
  clock: Clock = systemClock,
): Promise<Calibration> {
  const [board, device] = deviceOf(options);
  const row: LoadCellRow = loadCellChips[device.loadCell.chip];
  if (device.calibration === undefined)
    throw new RunError(`${device.id} gives kilograms itself: calibrate it by its own menu, as its manual says`);
  const kept = keptRecord(calibrationFile(options.state, device.id), isStatedCalibration);
  const before = calibrationOf(kept.load() ?? { version: 1, points: [], ...device.calibration });
  const opened = await openBoard(board, clock);
  try {
    const { chip, close } = await openChip(row, device.loadCell, opened, { clock, air: () => undefined, pressureHpa: () => undefined });
    try {
      const points: CalibrationPoint[] = [];
      for (;;) {
        const massKg = points.length === 0 ? 0 : await nextMass(ask);
        if (massKg === undefined) break;
        const go = await ask(
          massKg === 0 ? 'Clear the plate, then press Enter. ' : `Lay ${massKg} kg in the middle, let go, then press Enter. `,
        );
        if (go === undefined) break;
        const counts = await atRest(chip, clock);
        if (counts === undefined) say('The load does not come to rest: try again.');
        else {
          points.push({ counts, massKg, massUncertaintyKg: options.toleranceKg / Math.sqrt(3) });
          say(`${massKg} kg: ${counts.toFixed(0)} counts`);
        }
      }
      const fit = calibrate(points, new Date(clock.utc()).toISOString(), before);
      if (fit.kind === 'refused') throw new RunError(fit.message);
      kept.save(statedOf(fit.calibration));
      say(described(fit.calibration));
      return fit.calibration;
    } finally {
      await close();
    }
  } finally {
    await opened.close();
  }
}

function deviceOf({ rig, device: id, virtual }: CalibrateOptions): [RigBoard, ScaleDevice | BedDevice] {
  const boards = boardsOf({ rig, boards: [], virtual });
  for (const board of boards)
    for (const device of board.devices)
      if (device.id === id) {
        if (device.kind === 'scale' || device.kind === 'bed') return [board, device];
        throw new RunError(`${id} is a ${device.kind}: only a scale and a bed mat have a load cell`);
      }
  const known = boards.flatMap(({ devices }) => devices.filter(({ kind }) => kind === 'scale' || kind === 'bed').map((one) => one.id));
  throw new RunError(
    `${rig} has no device '${id}' with a load cell: ${known.length === 0 ? 'there is none' : `one of ${known.join(', ')}`}`,
  );
}

async function nextMass(ask: Ask): Promise<number | undefined> {
  const answer = await ask('Mass that you lay on next, in kg (nothing: that was the last one): ');
  if (answer === undefined || answer.trim() === '') return undefined;
  const massKg = Number(answer);
  if (!(massKg >= 0)) throw new RunError(`'${answer}' is no mass: write a number of kilograms`);
  return massKg;
}

/** Undefined when the load does not come to rest. */
async function atRest(chip: Awaited<ReturnType<LoadCellRow['open']>>, clock: Clock): Promise<number | undefined> {
  const still = createStillMean();
  for (;;) {
    const reading = await chip.read();
    if (reading.kind === 'counts') {
      if (reading.isSaturated)
        throw new RunError('the converter is at the end of its scale: check the wires of the load cell (E+, E-, A+, A-)');
      const event = still.push(clock.monotonic(), reading.counts);
      if (event !== undefined) return event.kind === 'still' ? event.counts : undefined;
    }
    await clock.sleep(POLL_MS);
  }
}

function described(calibration: Calibration): string {
  const grams = (kg: number): string => `${Math.round(kg * 1000) || 0} g`;
  const rows = calibration.points.map(({ massKg }, at) => `  ${massKg} kg is off the line by ${grams(calibration.residualsKg[at]!)}`);
  const sure =
    calibration.residualSdKg === undefined
      ? ['  uncertainty: three masses or more would tell']
      : SHOWN_KG.map((kg) => `  at ${kg} kg: ± ${grams(expandedUncertaintyKg(0, calibration, kg))} (k = 2)`);
  return [
    `Calibration ${calibration.version}, ${calibration.date}: ${calibration.zeroCounts.toFixed(0)} counts empty, ${calibration.countsPerKg.toFixed(1)} for each kg`,
    ...rows,
    ...sure,
  ].join('\n');
}

/** Questions on the terminal, answers a line each. */
export function askOnTerminal(): { ask: Ask; close: () => void } {
  const input = createInterface({ input: process.stdin, output: process.stderr });
  const lines = input[Symbol.asyncIterator]();
  return {
    async ask(question) {
      process.stderr.write(question);
      const { value, done } = await lines.next();
      return done === true ? undefined : value;
    },
    close: () => input.close(),
  };
}
