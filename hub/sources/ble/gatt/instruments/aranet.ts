/**
 * Aranet4 over a connection: what it measured last, and its log of up to two weeks, quantity by quantity from where the hub has it. A link
 * that is lost in the middle of the log goes on there at the next connection.
 */

import { u16le } from '../bytes.ts';
import { type ScaleFamily, type ScaleRequest, write } from '../scales/family.ts';
import {
  aranetCurrent,
  askHistory,
  COMMAND,
  CURRENT_DETAILED,
  HISTORY_READ,
  historyAgoMs,
  historyRead,
  INTERVAL,
  type LoggedQuantity,
  TOTAL_READINGS,
} from '../vendor/aranet.ts';

/** The log is looked at this often while broadcasts tell the values, and each time the hub did not hear them for a while. */
const LOG_EVERY_MS = 6 * 3_600_000;
/** Where broadcasts tell nothing ("smart home integration" is off). */
const EVERY_MS = 300_000;
const IDLE_MS = 5000;
const DEFAULT_INTERVAL_S = 300;
/** Answers that say "not ready yet"; the device prepares a quantity in well under a second. */
const MOST_NOT_READY = 50;
const NOT_READY_MS = 100;

const order: readonly LoggedQuantity[] = ['co2', 'temperature', 'humidity', 'pressure'];

interface Memory {
  readonly log: { readonly total: number; readonly intervalS: number };
  /** Quantities to be read yet, the first of them now. */
  readonly left: readonly LoggedQuantity[];
  readonly notReady: number;
}
const empty: Memory = { log: { total: 0, intervalS: 0 }, left: [], notReady: 0 };

const read = (characteristic: string): ScaleRequest => ({ kind: 'read', characteristic });

/** The number of the first record that the hub does not have, from 1; undefined when it has all. */
function firstMissing({ log: { total, intervalS } }: Memory, untilMs: number | undefined, nowMs: number): number | undefined {
  if (total === 0 || intervalS === 0) return undefined;
  if (untilMs === undefined) return 1;
  const missing = Math.floor((nowMs - untilMs) / (intervalS * 1000));
  return missing <= 0 ? undefined : Math.max(1, total - missing + 1);
}

export const aranet4: ScaleFamily<Memory> = {
  id: 'aranet4',
  model: 'Aranet4',
  subscribe: [],
  whole: [],
  holdMs: IDLE_MS,
  idleMs: IDLE_MS,
  restMs: EVERY_MS,
  restWhenHeardMs: LOG_EVERY_MS,
  memory: () => empty,
  connected: ({ connection: { characteristics }, time }) => ({
    memory: empty,
    // A log without the hub's time could not be dated.
    requests: [
      ...(time === null ? [] : [TOTAL_READINGS, INTERVAL]).filter((uuid) => characteristics.has(uuid)).map(read),
      read(CURRENT_DETAILED),
    ],
  }),
  heard: (memory) => ({ memory }),
  answered: (memory, characteristic, bytes, context) => {
    const { log, left } = memory;
    const { time, profile, at, openedAt } = context;
    const nowMs = time === null ? undefined : time.utcMs + (at - openedAt);
    const ask = (quantities: readonly LoggedQuantity[], before: Memory): readonly [Memory, ScaleRequest[]] => {
      for (const [index, quantity] of quantities.entries()) {
        const start = nowMs === undefined ? undefined : firstMissing(before, profile.loggedUntil?.[quantity], nowMs);
        if (start === undefined) continue;
        return [
          { ...before, left: quantities.slice(index), notReady: 0 },
          [write(COMMAND, askHistory(quantity, start), true), read(HISTORY_READ)],
        ];
      }
      return [{ ...before, left: [] }, []];
    };
    switch (characteristic) {
      case TOTAL_READINGS:
        return { memory: { ...memory, log: { ...log, total: bytes === null ? 0 : u16le(bytes, 0) || 0 } } };
      case INTERVAL:
        return { memory: { ...memory, log: { ...log, intervalS: bytes === null ? 0 : u16le(bytes, 0) || 0 } } };
      case CURRENT_DETAILED: {
        const current = bytes === null ? undefined : aranetCurrent(bytes);
        const [next, requests] = ask(order, memory);
        if (current === undefined) return { memory: next, requests };
        const { values, agoS = 0, intervalS = DEFAULT_INTERVAL_S } = current;
        // A record as those of the log: one that was heard as a broadcast, or read a moment ago, is not a second one.
        const record: ScaleRequest = { kind: 'log', spacingMs: intervalS * 1000, records: [{ agoMs: agoS * 1000, values }] };
        return { memory: next, requests: [record, ...requests] };
      }
      case HISTORY_READ: {
        const piece = bytes === null ? undefined : historyRead(bytes);
        if (piece?.log === undefined || piece.quantity !== left[0]) {
          if (left.length === 0 || memory.notReady >= MOST_NOT_READY) return { memory };
          return {
            memory: { ...memory, notReady: memory.notReady + 1 },
            requests: [{ kind: 'wait', ms: NOT_READY_MS }, read(HISTORY_READ)],
          };
        }
        const { log: told, start, values, quantity } = piece;
        const records = values.flatMap((value, index) =>
          value === undefined ? [] : [{ agoMs: historyAgoMs(told, start + index), values: [{ quantity, value }] }],
        );
        const last = start + values.length - 1;
        const spacingMs = told.intervalS * 1000;
        const kept: ScaleRequest[] = [
          ...(records.length === 0 ? [] : [{ kind: 'log', spacingMs, records } as const]),
          ...(nowMs === undefined ? [] : [{ kind: 'remember', loggedUntil: { [quantity]: nowMs - historyAgoMs(told, last) } } as const]),
        ];
        if (last < told.total && values.length > 0) return { memory: { ...memory, notReady: 0 }, requests: [...kept, read(HISTORY_READ)] };
        const [next, requests] = ask(left.slice(1), memory);
        return { memory: next, requests: [...kept, ...requests] };
      }
      default:
        return { memory };
    }
  },
};
