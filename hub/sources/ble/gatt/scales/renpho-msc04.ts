/**
 * Renpho R-MSC04: frames 55 AA, command, length (big-endian), …, sum of all before; live weights on 2A10, the settled weight
 * and then the composition on 2A12.
 *
 * 0x20 state (acknowledged with B0), 0x21 live and 0x24 settled weight in the last two bytes (big-endian, 0.01 kg). 0x25 the
 * composition in fragments (AD, AE, AF; number; how many follow): weight 7 (32 bits, 0.01 kg), impedance of trunk, arms and
 * legs at 20 kHz from 12 and at 100 kHz from 22, fat 33, body mass index 35, skeletal muscle 37, all in tenths; visceral 39.
 * 0x26 the same of an earlier weigh-in. Told who stands there (B2) and the time (B3) it stays connected.
 * Source: ble-scale-sync's description of captures.
 */
import { be16, be32, sum8, u8, u16be, u32be } from '../bytes.ts';
import { START_MEASURING } from './es-cs20m.ts';
import { type Heard, type ScaleContext, type ScaleFamily, type ScaleRequest, type ScaleTime, weighing, write } from './family.ts';

const MIN_WEIGHT_KG = 0.5;
/** Header, command, length and sum around what a frame carries. */
const OVERHEAD = 6;
const FRAGMENT_HEAD = 3;
/** A composition is 42 bytes, one of the memory 46. */
const MAX_JOINED = 64;
const SAME_WEIGH_IN_KG = 0.5;
/** A slot that the scale keeps nobody in. */
const GUEST = 0x09;
const GUEST_TAIL = [0xa9, 0xff, 0x02];
const GUEST_HEIGHT_CM = 170;
const GUEST_WEIGHT_KG = 70;
/** The clock cannot say a zone west of Greenwich. */
const MAX_ZONE_MINUTES = 840;

interface Memory {
  readonly settled: number;
  readonly joined: { readonly bytes: readonly number[]; readonly marker: number; readonly number: number; readonly left: number } | null;
}
const empty: Memory = { settled: 0, joined: null };

export function frameOf(command: number, payload: readonly number[]): number[] {
  const body = [0x55, 0xaa, command, ...be16(payload.length), ...payload];
  return [...body, sum8(body)];
}

/** Length of the frame at the start of these bytes; undefined where none is whole and sound. */
function soundLength(bytes: Uint8Array): number | undefined {
  if (bytes.length < 5 || u8(bytes, 0) !== 0x55 || u8(bytes, 1) !== 0xaa) return undefined;
  const length = u16be(bytes, 3) + OVERHEAD;
  return bytes.length >= length && sum8(bytes, 0, length - 1) === u8(bytes, length - 1) ? length : undefined;
}

const guest = ({ profile: { heightCm, lastWeightKg = GUEST_WEIGHT_KG } }: ScaleContext): number[] => {
  const height = heightCm >= 50 && heightCm <= 250 ? heightCm : GUEST_HEIGHT_CM;
  return frameOf(0xb2, [0, GUEST, ...be16(Math.round(height * 10)), ...be16(Math.round(lastWeightKg * 100)), ...GUEST_TAIL]);
};
const clock = ({ utcMs, zoneMinutes }: ScaleTime): number[] =>
  frameOf(0xb3, [
    1,
    0x07,
    0x01,
    0x01,
    ...be32(Math.floor(utcMs / 1000)),
    ...be16(zoneMinutes >= 0 && zoneMinutes <= MAX_ZONE_MINUTES ? zoneMinutes : 0),
    0,
  ]);

function heardRecord(memory: Memory, frame: Uint8Array): Heard<Memory> {
  const isWhole = soundLength(frame) === frame.length && u8(frame, 2) === 0x25 && frame.length === 42;
  const isThisWeighIn = Math.abs(u32be(frame, 7) / 100 - memory.settled) <= SAME_WEIGH_IN_KG;
  if (!isWhole || !isThisWeighIn) return { memory };
  // The skeletal muscle, the segments and what the scale made of a guest's age and sex are left out.
  return { memory, ...weighing({ weight: memory.settled }, 'final') };
}

function heardFragment(memory: Memory, bytes: Uint8Array): Heard<Memory> {
  if (bytes.length <= FRAGMENT_HEAD) return { memory };
  const [marker, number, left] = [u8(bytes, 0), u8(bytes, 1), u8(bytes, 2)];
  const part = bytes.subarray(FRAGMENT_HEAD);
  const { joined } = memory;
  const follows = joined !== null && number === joined.number && left === joined.left - 1 && marker === joined.marker + 1;
  if (!follows && !(u8(part, 0) === 0x55 && u8(part, 1) === 0xaa)) return { memory: { ...memory, joined: null } };
  const all = [...(follows ? joined.bytes : []), ...part];
  if (all.length > MAX_JOINED) return { memory: { ...memory, joined: null } };
  if (left > 0) return { memory: { ...memory, joined: { bytes: all, marker, number, left } } };
  return heardRecord({ ...memory, joined: null }, Uint8Array.from(all));
}

export const renphoMsc04: ScaleFamily<Memory> = {
  id: 'renpho-msc04',
  model: 'Renpho R-MSC04',
  subscribe: ['2a10', '2a12'],
  whole: ['weight', 'fat_ratio'],
  holdMs: 30_000,
  memory: () => empty,
  connected: (context) => {
    if (!context.connection.characteristics.has('2a11')) {
      return {
        memory: empty,
        requests: [
          { kind: 'refused', reason: 'the scale does not show 2a11', remedy: 'connect again: its services were not read to the end' },
        ],
      };
    }
    const greeting: ScaleRequest[] = [write('2a11', START_MEASURING), write('2a11', guest(context), true)];
    return { memory: empty, requests: context.time === null ? greeting : [...greeting, write('2a11', clock(context.time), true)] };
  },
  timeKnown: (memory, { time }) => ({ memory, requests: time === null ? [] : [write('2a11', clock(time), true)] }),
  heard: (memory, _, bytes) => {
    if (u8(bytes, 0) !== 0x55 || u8(bytes, 1) !== 0xaa) return heardFragment(memory, bytes);
    const length = soundLength(bytes);
    if (length === undefined) return { memory };
    const command = u8(bytes, 2);
    if (command === 0x20 && length === 5 + OVERHEAD)
      return { memory, requests: [write('2a11', frameOf(0xb0, [u8(bytes, 5), 0x01]), true)] };
    if ((command !== 0x21 && command !== 0x24) || length < OVERHEAD + 2) return { memory };
    // Live weights after the settled one are the person stepping off.
    if (command === 0x21 && memory.settled > 0) return { memory };
    const weight = u16be(bytes, length - 3) / 100;
    if (weight < MIN_WEIGHT_KG) return { memory };
    return {
      memory: command === 0x24 ? { ...memory, settled: weight } : memory,
      ...weighing({ weight }, command === 0x24 ? 'settled' : 'live'),
    };
  },
};
