/**
 * How load cells were calibrated: every version of every device, in the home's log, and the calibration that is under way. The device holds
 * the one in use and says which it is; a version that was made beside the hub (by a device's own walk-through, or in a rig file) is taken
 * into the log when the device names it.
 */
import type { StatedCalibration } from '../../firmware/protocol/calibration.ts';
import { MOST_STATED_POINTS } from '../../firmware/protocol/calibration.ts';
import type { Command } from '../../firmware/protocol/messages.ts';
import { quantities } from '../../firmware/protocol/quantities.ts';
import { type Calibration, type CalibrationPoint, calibrate, calibrationOf, statedOf } from '../../firmware/signal/calibration.ts';
import { HOME } from '../people/subjects.ts';
import type { Store } from '../store/store.ts';
import { calibrationNote, notedCalibrations } from './calibration-notes.ts';

export class CalibrationError extends Error {
  override readonly name = 'CalibrationError';
  /** `away`: the device does not listen; `refused`: what was laid on fixes no line; `none`: nothing is under way, or no such version. */
  readonly kind: 'away' | 'refused' | 'none';

  constructor(kind: CalibrationError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** A calibration under way. */
export interface Session {
  readonly points: readonly CalibrationPoint[];
  /** The mass that is being measured now. */
  readonly awaited: { readonly massKg: number; readonly sinceMs: number } | undefined;
  /** What the points make so far; undefined while they fix no line, `trouble` says why. */
  readonly preview: Calibration | undefined;
  readonly trouble: string;
}

export interface Calibrations {
  /** Oldest first. */
  versions(device: string): Calibration[];
  /** By which the device weighs, as it said last. */
  inUse(device: string): Calibration | undefined;
  session(device: string): Session | undefined;
  /** Has the mass on the plate measured once it is at rest. `toleranceKg`: of the mass's class. Throws CalibrationError. */
  measure(device: string, massKg: number, toleranceKg: number): void;
  cancel(device: string): void;
  /** Fits the line, keeps it as the next version and gives it to the device. Rejects with CalibrationError or StoreError. */
  finish(device: string, by: string): Promise<Calibration>;
  /** Makes a line the next version, of today, and gives it to the device. Rejects with CalibrationError or StoreError. */
  make(device: string, line: Pick<Calibration, 'zeroCounts' | 'countsPerKg' | 'points' | 'drift'>, by: string): Promise<Calibration>;
  /** Gives an earlier version back to the device, as a new version of today. */
  restore(device: string, version: number, by: string): Promise<Calibration>;
  /** Readings were kept: those that a session waits for are taken, and temperatures given to the devices that follow them. */
  heard(device: string, readings: readonly { readonly code: number; readonly value: number }[]): void;
  /** A device said by what it weighs. */
  stated(device: string, calibration: StatedCalibration): void;
}

export interface CalibrationsOptions {
  readonly store: Store;
  readonly command: (device: string, command: Command) => boolean;
  /** UTC milliseconds. */
  readonly now: () => number;
  readonly failed: (message: string) => void;
}

/** A tolerance is a bound within which the mass lies anywhere: a rectangular distribution (GUM 4.3.7). */
const uncertaintyOf = (toleranceKg: number): number => toleranceKg / Math.sqrt(3);
/** A device measures or gives up within 45 s. */
const PATIENCE_MS = 60_000;
const { code: AT_REST } = quantities.calibration_counts;
const { code: TEMPERATURE } = quantities.temperature;
/** Rooms and cells change in minutes. */
const TEMPERATURE_EVERY_MS = 60_000;

export function openCalibrations({ store, command, now, failed }: CalibrationsOptions): Calibrations {
  const sessions = new Map<
    string,
    { points: CalibrationPoint[]; awaited: { massKg: number; uncertaintyKg: number; sinceMs: number } | undefined }
  >();
  const used = new Map<string, StatedCalibration>();
  /** Of each thermometer that a calibration follows. */
  const temperatures = new Map<string, { readonly celsius: number; readonly toldMs: number }>();

  const statedVersions = (device: string): StatedCalibration[] =>
    store.subjects().includes(HOME) ? notedCalibrations(store.vault(HOME), device) : [];
  const record = (device: string, calibration: StatedCalibration, by: string): Promise<unknown> =>
    store.vault(HOME).record(calibrationNote(device, calibration), by);
  const newest = (device: string): Calibration | undefined => {
    const known = [...statedVersions(device), ...(used.has(device) ? [used.get(device)!] : [])];
    const last = known.reduce<StatedCalibration | undefined>(
      (most, one) => (most === undefined || one.version > most.version ? one : most),
      undefined,
    );
    return last === undefined ? undefined : calibrationOf(last);
  };
  const give = async (device: string, calibration: StatedCalibration, by: string): Promise<Calibration> => {
    if (!command(device, { name: 'calibrate', calibration }))
      throw new CalibrationError('away', 'the device is not connected, so nothing was changed');
    await record(device, calibration, by);
    used.set(device, calibration);
    return calibrationOf(calibration);
  };
  const tellTemperature = (thermometer: string, celsius: number): void => {
    const followers = [...used].filter(([, { drift }]) => drift?.thermometer === thermometer);
    const last = temperatures.get(thermometer);
    if (followers.length === 0 || (last !== undefined && now() - last.toldMs < TEMPERATURE_EVERY_MS)) return;
    temperatures.set(thermometer, { celsius, toldMs: now() });
    for (const [device] of followers) command(device, { name: 'temperature', celsius });
  };
  const make: Calibrations['make'] = (device, line, by) =>
    give(
      device,
      { ...statedOf({ ...line, version: 0, date: '', residualsKg: [] }), version: (newest(device)?.version ?? 0) + 1, date: today() },
      by,
    );
  const today = (): string => new Date(now()).toISOString();

  return {
    versions: (device) => statedVersions(device).map(calibrationOf),
    inUse(device) {
      const stated = used.get(device);
      return stated === undefined ? undefined : calibrationOf(stated);
    },
    session(device) {
      const session = sessions.get(device);
      if (session === undefined) return undefined;
      if (session.awaited !== undefined && now() - session.awaited.sinceMs > PATIENCE_MS) session.awaited = undefined;
      const { points, awaited } = session;
      const fit = calibrate(points, today(), newest(device));
      return {
        points,
        awaited,
        preview: fit.kind === 'calibrated' ? fit.calibration : undefined,
        trouble: fit.kind === 'refused' ? fit.message : '',
      };
    },
    measure(device, massKg, toleranceKg) {
      const session = sessions.get(device) ?? { points: [], awaited: undefined };
      if (session.points.length >= MOST_STATED_POINTS)
        throw new CalibrationError('refused', `${MOST_STATED_POINTS} masses are as many as a calibration keeps: finish it`);
      if (!command(device, { name: 'sample' })) throw new CalibrationError('away', 'the device is not connected: check its cable');
      session.awaited = { massKg, uncertaintyKg: uncertaintyOf(toleranceKg), sinceMs: now() };
      sessions.set(device, session);
    },
    cancel: (device) => void sessions.delete(device),
    async finish(device, by) {
      const session = sessions.get(device);
      if (session === undefined || session.points.length === 0)
        throw new CalibrationError('none', 'no mass was measured yet: lay one on first');
      const fit = calibrate(session.points, today(), newest(device));
      if (fit.kind === 'refused') throw new CalibrationError('refused', fit.message);
      const calibration = await give(device, statedOf(fit.calibration), by);
      sessions.delete(device);
      return calibration;
    },
    async restore(device, version, by) {
      const found = statedVersions(device).find((one) => one.version === version);
      if (found === undefined) throw new CalibrationError('none', `${device} has no calibration ${version}`);
      return make(device, calibrationOf(found), by);
    },
    make,
    heard(device, readings) {
      const temperature = readings.findLast(({ code }) => code === TEMPERATURE);
      if (temperature !== undefined) tellTemperature(device, temperature.value);
      const session = sessions.get(device);
      const awaited = session?.awaited;
      const atRest = readings.findLast(({ code }) => code === AT_REST);
      if (session === undefined || awaited === undefined || atRest === undefined) return;
      const { massKg, uncertaintyKg } = awaited;
      // The same mass once more is meant in place of the first.
      session.points = [
        ...session.points.filter((point) => point.massKg !== massKg),
        { counts: atRest.value, massKg, massUncertaintyKg: uncertaintyKg },
      ];
      session.awaited = undefined;
    },
    stated(device, calibration) {
      used.set(device, calibration);
      const thermometer = calibration.drift?.thermometer;
      const known = thermometer === undefined ? undefined : temperatures.get(thermometer);
      if (known !== undefined) command(device, { name: 'temperature', celsius: known.celsius });
      const isKnown = statedVersions(device).some((one) => isSame(one, calibration));
      if (isKnown) return;
      record(device, calibration, `device:${device}`).catch((error: unknown) =>
        failed(`the calibration of ${device} could not be noted: ${error instanceof Error ? error.message : error}`),
      );
    },
  };
}

const isSame = (a: StatedCalibration, b: StatedCalibration): boolean =>
  a.version === b.version && a.zeroCounts === b.zeroCounts && a.countsPerKg === b.countsPerKg && a.drift?.kgPerC === b.drift?.kgPerC;
