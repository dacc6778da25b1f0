/**
 * Xiaomi LYWSD02 and LYWSD03MMC over a connection: what they measure now, and the extremes of each hour that they stored. No key is
 * needed: only their broadcasts speak in cipher.
 */
import type { BleValue } from '../../advertisement.ts';
import { type LogEntry, type ScaleFamily, type ScaleRequest, timer } from '../scales/family.ts';
import { BATTERY, HISTORY, lywsdBattery, lywsdHour, lywsdReading, lywsdTime, READINGS, TIME } from '../vendor/lywsd.ts';

const EVERY_MS = 600_000;
/** The first notification comes within ten seconds. */
const IDLE_MS = 30_000;
const HOLD_MS = 5000;
const HOUR_MS = 3_600_000;
/** The stored hours come all at each subscription, so they are asked for seldom. */
const LOG_EVERY_MS = 6 * HOUR_MS;
const LOG = 'hours';
/** Hours that are handed on together: a flush to disk is not made for each. */
const TOGETHER = 24;
/** The log has ended when no hour came for so long. */
const LOG_ENDED_MS = 2500;
/** An hour read before is told again within seconds of the same time. */
const SAME_HOUR_MS = 6000;

interface Memory {
  /** The device's clock when it was read, and when that was, monotonic. */
  readonly clock: { readonly deviceS: number; readonly at: number } | null;
  readonly battery: readonly BleValue[];
  readonly hours: readonly LogEntry[];
  readonly hourAt: number | null;
}

const handedOn = (hours: readonly LogEntry[]): ScaleRequest[] =>
  hours.length === 0 ? [] : [{ kind: 'log', spacingMs: SAME_HOUR_MS, records: hours }];

export const lywsd: ScaleFamily<Memory> = {
  id: 'lywsd',
  model: 'Xiaomi LYWSD02, LYWSD03MMC',
  subscribe: [READINGS],
  whole: [],
  holdMs: HOLD_MS,
  idleMs: IDLE_MS,
  restMs: EVERY_MS,
  restWhenHeardMs: LOG_EVERY_MS,
  memory: () => ({ clock: null, battery: [], hours: [], hourAt: null }),
  connected: ({ connection: { characteristics }, time, profile: { loggedUntil } }, held) => {
    const isDue = time !== null && time.utcMs - (loggedUntil?.[LOG] ?? 0) >= LOG_EVERY_MS;
    const log: ScaleRequest[] =
      isDue && characteristics.has(TIME) && characteristics.has(HISTORY)
        ? [
            { kind: 'read', characteristic: TIME },
            { kind: 'subscribe', characteristic: HISTORY },
          ]
        : [];
    const battery: ScaleRequest[] = characteristics.has(BATTERY) ? [{ kind: 'read', characteristic: BATTERY }] : [];
    return { memory: held, requests: [...battery, ...log] };
  },
  heard: (memory, characteristic, bytes, { at, time }) => {
    if (characteristic === READINGS) {
      const values = lywsdReading(bytes);
      if (values.length === 0) return { memory };
      return { memory: { ...memory, battery: [] }, weighing: { values: [...values, ...memory.battery], progress: 'stored' } };
    }
    const hour = characteristic === HISTORY ? lywsdHour(bytes) : undefined;
    if (hour === undefined || memory.clock === null || time === null) return { memory };
    const { deviceS, at: readAt } = memory.clock;
    const agoMs = (deviceS - hour.deviceS) * 1000 + (at - readAt);
    // Both ends of the hour: what was between them, the device does not tell.
    const records: LogEntry[] = [hour.most, hour.least].flatMap((values, index) =>
      values.length === 0 ? [] : [{ agoMs: agoMs + (1 - index) * 1000, spanMs: HOUR_MS, values }],
    );
    const hours = [...memory.hours, ...records];
    if (hours.length < TOGETHER) return { memory: { ...memory, hours, hourAt: at }, requests: [timer(LOG_ENDED_MS)] };
    return { memory: { ...memory, hours: [], hourAt: at }, requests: [...handedOn(hours), timer(LOG_ENDED_MS)] };
  },
  timer: (memory, { at, time }) => {
    if (memory.hourAt === null || time === null || at - memory.hourAt < LOG_ENDED_MS) return { memory };
    const requests: ScaleRequest[] = [...handedOn(memory.hours), { kind: 'remember', loggedUntil: { [LOG]: time.utcMs } }];
    return { memory: { ...memory, hours: [], hourAt: null }, requests };
  },
  answered: (memory, characteristic, bytes, { at }) => {
    if (bytes === null) return { memory };
    if (characteristic === BATTERY) {
      const value = lywsdBattery(bytes);
      return { memory: { ...memory, battery: value === undefined ? [] : [{ quantity: 'battery', value }] } };
    }
    const told = characteristic === TIME ? lywsdTime(bytes) : undefined;
    return told === undefined ? { memory } : { memory: { ...memory, clock: { deviceS: told.unixS, at } } };
  },
};
