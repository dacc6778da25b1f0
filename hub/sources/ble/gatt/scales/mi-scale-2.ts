/**
 * Xiaomi Mi Scale 1 and 2 and Mi Body Composition Scale 1 and 2 over GATT: the same 13 (or 10) bytes that they broadcast, live
 * and for each stored weigh-in, on a vendor characteristic.
 *
 * Thirteen bytes: flags 0 (bit 0 lb) and 1 (bit 1 impedance, 5 stable, 6 jin, 7 stepped off), Date Time 2, impedance 9, weight
 * 11 (1/200 kg, or 0.01 lb or jin). Ten: flags 0 (bit 0 lb, 4 jin, 5 stable, 7 stepped off), weight 1, Date Time 3.
 * History: 01 96 8A BD 62 lets the scale tell it, 01 FF FF and two bytes of our own ask how much, 02 starts it, 03 ends it,
 * 04 and our two bytes confirm it. Source: openScale's and ble-scale-sync's descriptions of the protocol.
 */
import { u8, u16le } from '../bytes.ts';
import { civilTimeAt, isoOf } from '../civil-time.ts';
import { CURRENT_TIME, encodeCurrentTime } from '../control/current-time.ts';
import { type Heard, type ScaleFamily, type Weighing, weighing, write } from './family.ts';

export const MI_HISTORY = '00002a2f-0000-3512-2118-0009af100700';
const ALLOW = [0x01, 0x96, 0x8a, 0xbd, 0x62];
const KG_PER_LB = 0.45359237;
const KG_PER_JIN = 0.5;
const END = 0x03;

const kg = (raw: number, isPounds: boolean, isJin: boolean): number =>
  isPounds ? (raw / 100) * KG_PER_LB : isJin ? (raw / 100) * KG_PER_JIN : raw / 200;

/** A frame of either length, as broadcast or notified; undefined while the weight moves or is gone. */
export function miFrame(bytes: Uint8Array, progress: Weighing['progress']): Weighing | undefined {
  if (bytes.length !== 13 && bytes.length !== 10) return undefined;
  const isLong = bytes.length === 13;
  const flags = isLong ? u8(bytes, 1) : u8(bytes, 0);
  if ((flags & 0x20) === 0 || (flags & 0x80) !== 0) return undefined;
  const weight = isLong
    ? kg(u16le(bytes, 11), (u8(bytes, 0) & 0x01) !== 0, (flags & 0x40) !== 0)
    : kg(u16le(bytes, 1), (flags & 0x01) !== 0, (flags & 0x10) !== 0);
  const impedance = isLong && (flags & 0x02) !== 0 ? u16le(bytes, 9) : 0;
  const time = civilTimeAt(bytes, isLong ? 2 : 3);
  const deviceTime = time && isoOf(time);
  return weighing({ weight, impedance }, progress, deviceTime === undefined ? {} : { deviceTime }).weighing;
}

interface Memory {
  /** Our own two bytes, by which the scale knows what it has told us. */
  readonly token: readonly [number, number];
  readonly isHistory: boolean;
}

export const miScale2: ScaleFamily<Memory> = {
  id: 'mi-scale-2',
  model: 'Xiaomi Mi Scale, Mi Body Composition Scale',
  subscribe: [MI_HISTORY],
  whole: ['weight', 'impedance'],
  holdMs: 10_000,
  formula: 'mi-scale',
  memory: () => ({ token: [0, 0], isHistory: false }),
  connected: ({ time, connection: { characteristics, random } }) => {
    const token = [random[0] ?? 0, random[1] ?? 0] as const;
    return {
      memory: { token, isHistory: false },
      requests: [
        ...(time === null || !characteristics.has(CURRENT_TIME) ? [] : [write(CURRENT_TIME, encodeCurrentTime(time.civil), true)]),
        write(MI_HISTORY, ALLOW, true),
        write(MI_HISTORY, [0x01, 0xff, 0xff, ...token], true),
      ],
    };
  },
  heard: (memory, _, bytes): Heard<Memory> => {
    // The scale says how many weigh-ins it holds, then tells them one after another, two in one notification, then ends.
    if (bytes.length === 1 && u8(bytes, 0) === END) {
      return {
        memory: { ...memory, isHistory: false },
        requests: [write(MI_HISTORY, [END], true), write(MI_HISTORY, [0x04, 0xff, 0xff, ...memory.token], true)],
      };
    }
    if (bytes.length >= 3 && bytes.length < 10 && u8(bytes, 0) === 0x01) {
      return u16le(bytes, 1) > 0 ? { memory: { ...memory, isHistory: true }, requests: [write(MI_HISTORY, [0x02], true)] } : { memory };
    }
    const progress = memory.isHistory ? 'stored' : 'settled';
    const isPair = bytes.length === 20 || bytes.length === 26;
    const frames = isPair ? [bytes.subarray(0, bytes.length / 2), bytes.subarray(bytes.length / 2)] : [bytes];
    const [one, ...also] = frames.flatMap((frame) => miFrame(frame, progress) ?? []);
    return { memory, ...(one !== undefined && { weighing: one }), also };
  },
};
