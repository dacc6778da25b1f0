/**
 * Which broadcasts of a device are new measurements, and which the same one heard again. A thermometer repeats itself several times a
 * second for ever; a scale repeats one weigh-in for seconds, and some repeat yesterday's at each touch.
 */
import { quantities } from '../../../firmware/protocol/quantities.ts';
import type { BleValue, DecodedAdvertisement } from './advertisement.ts';

type Decoded = Extract<DecodedAdvertisement, { kind: 'values' }>;

/** A row a minute draws any curve of a room; each broadcast would be a thousand times the disk for nothing. */
const KEEP_EVERY_MS = 60_000;
/** The same weight without a number or a time of its own, heard after this silence, is a new weigh-in. */
const NEW_AFTER_MS = 120_000;

export interface RepeatState {
  /** What the last kept event said. */
  readonly event: string;
  readonly heardAtMs: number;
  /** When each sampled quantity was kept last. */
  readonly keptAtMs: ReadonlyMap<string, number>;
}

export const noRepeats: RepeatState = { event: '', heardAtMs: Number.NEGATIVE_INFINITY, keptAtMs: new Map() };

const keyOf = ({ quantity, channel }: BleValue): string => `${quantity}/${channel ?? 0}`;
/** A person's values are events; a room's and a device's are samples of something that goes on. */
const isSample = ({ quantity }: BleValue): boolean => ['environment', 'technical'].includes(quantities[quantity].category);

/** The values of a broadcast that are to be kept, heard at a monotonic time. Pure. */
export function newValues(state: RepeatState, decoded: Decoded, atMs: number): readonly [RepeatState, BleValue[]] {
  const samples = decoded.values.filter(
    (value) => isSample(value) && atMs - (state.keptAtMs.get(keyOf(value)) ?? -Infinity) >= KEEP_EVERY_MS,
  );
  const events = decoded.settled === false ? [] : decoded.values.filter((value) => !isSample(value));
  const says = JSON.stringify([decoded.packet ?? null, decoded.deviceTime ?? null, events]);
  const hasOwnMark = decoded.packet !== undefined || decoded.deviceTime !== undefined;
  const isNew = events.length > 0 && (says !== state.event || (!hasOwnMark && atMs - state.heardAtMs >= NEW_AFTER_MS));
  const kept = isNew ? [...events, ...samples] : samples;
  const keptAtMs =
    samples.length === 0 ? state.keptAtMs : new Map([...state.keptAtMs, ...samples.map((value) => [keyOf(value), atMs] as const)]);
  return [{ event: events.length > 0 ? says : state.event, heardAtMs: events.length > 0 ? atMs : state.heardAtMs, keptAtMs }, kept];
}
