/**
 * Senssun Fat: four kinds of frame on FFF1, sometimes behind bytes of 0xFF; big-endian in tenths.
 *
 * 0xA5 weight at 1 (0xAA in byte 5: stable); 0xB0 fat 1, water 3; 0xC0 muscle 1, bone 3; 0xD0 the end.
 * Source: openScale's and ble-scale-sync's descriptions of the protocol.
 */
import { u8, u16be, xor8 } from '../bytes.ts';
import { type ScaleFamily, weighing, write } from './family.ts';

const PADDING = 0xff;
const STABLE = 0xaa;
const GREETING = [0xa5, 0x10, 0x11, 0x1e, 0xa0, 0x00, 0x00];
const KINDS = [0xa5, 0xb0, 0xc0, 0xd0];

interface Memory {
  readonly values: {
    readonly weight?: number;
    readonly fat_ratio?: number;
    readonly water_ratio?: number;
    readonly muscle_ratio?: number;
    readonly bone_mass?: number;
  };
  readonly isStable: boolean;
  readonly seen: readonly number[];
}
const empty: Memory = { values: {}, isStable: false, seen: [] };

export const senssun: ScaleFamily<Memory> = {
  id: 'senssun',
  model: 'Senssun Fat',
  subscribe: ['fff1'],
  // Whole by the kinds of frame that came, not by the values.
  whole: ['weight', 'fat_ratio', 'muscle_ratio', 'basal_metabolism'],
  holdMs: 8000,
  memory: () => empty,
  connected: () => ({ memory: empty, requests: [write('fff2', [...GREETING, xor8(GREETING, 1), 0x00])] }),
  heard: (memory, _, bytes) => {
    const from = bytes.findIndex((byte) => byte !== PADDING);
    const frame = from < 0 ? new Uint8Array() : bytes.subarray(from);
    const kind = u8(frame, 0);
    if (frame.length < 3 || !KINDS.includes(kind)) return { memory };
    const tenths = (at: number): number => u16be(frame, at) / 10;
    let { values, isStable } = memory;
    if (kind === 0xa5 && frame.length >= 6) {
      values = { ...values, weight: tenths(1) };
      isStable = u8(frame, 5) === STABLE;
    } else if (kind === 0xb0 && frame.length >= 5) values = { ...values, fat_ratio: tenths(1), water_ratio: tenths(3) };
    else if (kind === 0xc0 && frame.length >= 5) values = { ...values, muscle_ratio: tenths(1), bone_mass: tenths(3) };
    else if (kind !== 0xd0) return { memory };
    const seen = [...new Set([...memory.seen, kind])];
    const progress = seen.length === KINDS.length ? 'final' : isStable ? 'settled' : 'live';
    return { memory: { values, isStable, seen }, ...weighing(values, progress) };
  },
};
