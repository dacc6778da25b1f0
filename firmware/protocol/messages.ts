/** What a device and its hub say to each other in words: carried as JSON by the frames of their name, each checked as it comes. */
import { isStatedCalibration, type StatedCalibration } from './calibration.ts';

/** Who is on a channel. */
export interface Hello {
  readonly device: string;
  readonly kind: string;
  readonly name: string;
  readonly firmware: string;
  /** Ids of the quantities it measures. */
  readonly quantities: readonly string[];
}

export type Command =
  | { readonly name: 'identify' }
  | { readonly name: 'tare' }
  /** Wait until the load is at rest, then say what the converter reads: `calibration_counts`. */
  | { readonly name: 'sample' }
  /** Weigh by this from now on. */
  | { readonly name: 'calibrate'; readonly calibration: StatedCalibration }
  /** What the thermometer that the calibration names says, for the drift of its zero. */
  | { readonly name: 'temperature'; readonly celsius: number }
  /** The air at a CO2 sensor holds this much now: it is to agree. */
  | { readonly name: 'recalibrate'; readonly co2Ppm: number }
  /** An output that wakes: on, or off. */
  | { readonly name: 'alarm'; readonly isOn: boolean }
  /** The cover before a camera, and the light beside it. */
  | { readonly name: 'shutter'; readonly isOpen: boolean; readonly isLit: boolean }
  /** Send raw samples, until the line is new or this is taken back. */
  | { readonly name: 'capture'; readonly isOn: boolean };

/** State of a device's parts, for people: sent on change, kept by the hub as the last word of that device. */
export interface DeviceStatus {
  readonly state: 'starting' | 'running' | 'fault';
  /** What is wrong, where, and what to do; empty while running. */
  readonly message: string;
  /** Of a scale. */
  readonly plate?: PlateState;
  /** Of a camera's cover and light, as read back from them. */
  readonly shutter?: { readonly isOpen: boolean; readonly isLit: boolean };
}

/** `unsettled`: not yet seen empty and still; `ready`: step on; `occupied`: somebody or something is on it. */
export type PlateState = 'unsettled' | 'ready' | 'occupied';
const plateStates: readonly unknown[] = ['unsettled', 'ready', 'occupied', undefined] satisfies (PlateState | undefined)[];

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isText = (value: unknown): value is string => typeof value === 'string';

export function isHello(value: unknown): value is Hello {
  return (
    isRecord(value) &&
    [value.device, value.kind, value.name, value.firmware].every(isText) &&
    Array.isArray(value.quantities) &&
    value.quantities.every(isText)
  );
}

export function isCommand(value: unknown): value is Command {
  if (!isRecord(value)) return false;
  switch (value.name) {
    case 'identify':
    case 'tare':
    case 'sample':
      return true;
    case 'calibrate':
      return isStatedCalibration(value.calibration);
    case 'temperature':
      return typeof value.celsius === 'number' && Number.isFinite(value.celsius);
    case 'recalibrate':
      return typeof value.co2Ppm === 'number' && Number.isFinite(value.co2Ppm);
    case 'alarm':
    case 'capture':
      return typeof value.isOn === 'boolean';
    case 'shutter':
      return isPosition(value);
    default:
      return false;
  }
}

const isPosition = (value: unknown): boolean => isRecord(value) && typeof value.isOpen === 'boolean' && typeof value.isLit === 'boolean';

export const isStatus = (value: unknown): value is DeviceStatus =>
  isRecord(value) &&
  isText(value.message) &&
  (value.state === 'starting' || value.state === 'running' || value.state === 'fault') &&
  plateStates.includes(value.plate) &&
  (value.shutter === undefined || isPosition(value.shutter));
