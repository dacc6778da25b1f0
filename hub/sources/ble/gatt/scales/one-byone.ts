/**
 * 1byone and Eufy C1, P1, A1 ("Health Scale"): frames that open with 0xCF on FFF4.
 *
 * Layout: impedance 1 (little-endian, 0.1 ohm; 1 in byte 9 says that it failed), weight 3 (little-endian, 0.01 kg). The scale
 * repeats a weight that still drifts: it is good when it came twice. Source: openScale's and ble-scale-sync's descriptions.
 */
import { low, u8, u16le, xor8 } from '../bytes.ts';
import type { CivilTime } from '../civil-time.ts';
import { type ScaleFamily, type ScaleRequest, weighing, write } from './family.ts';

const START = 0xcf;
const IMPEDANCE_FAILED = 1;
const UNITS = { kg: 0, lb: 1, st: 2 } as const;

const clock = ({ year, month, day, hour, minute, second }: CivilTime): ScaleRequest =>
  write('fff1', [0xf1, low((year ?? 0) >> 8), low(year ?? 0), month ?? 1, day ?? 1, hour, minute, second]);

/** The weight heard last, in hundredths of a kg. */
interface Memory {
  readonly last: number;
}

export const oneByone: ScaleFamily<Memory> = {
  id: 'one-byone',
  model: '1byone, Eufy C1, P1, A1',
  subscribe: ['fff4'],
  whole: ['weight'],
  holdMs: 3000,
  formula: 'one-byone',
  memory: () => ({ last: 0 }),
  connected: ({ time, profile: { displayUnit = 'kg' } }) => {
    const unit = [0xfd, 0x37, UNITS[displayUnit], 0x01, 0, 0, 0, 0, 0, 0, 0];
    return { memory: { last: 0 }, requests: [write('fff1', [...unit, xor8(unit)]), ...(time === null ? [] : [clock(time.civil)])] };
  },
  timeKnown: (memory, { time }) => ({ memory, requests: time === null ? [] : [clock(time.civil)] }),
  heard: (memory, _, bytes) => {
    if (bytes.length < 5 || u8(bytes, 0) !== START) return { memory };
    const raw = u16le(bytes, 3);
    const impedance = bytes.length >= 10 && u8(bytes, 9) !== IMPEDANCE_FAILED ? u16le(bytes, 1) / 10 : 0;
    return { memory: { last: raw }, ...weighing({ weight: raw / 100, impedance }, raw === memory.last ? 'settled' : 'live') };
  },
};
