/**
 * Yunmai (Signal, Mini, SE): a final frame on FFE4 after the protocol version was asked for.
 *
 * Layout, big-endian: protocol version 1, 0x02 in byte 3 when measured (0x01 while moving), Unix seconds 5, the person's number
 * 9, weight 13 (0.01 kg); Mini and SE: impedance 15 (ohm) and, from version 0x1E, fat 17 (0.01 %).
 * Source: openScale's and ble-scale-sync's descriptions of the protocol.
 */
import { u8, u16be, u32be } from '../bytes.ts';
import { nothing, type ScaleFamily, weighing, write } from './family.ts';

const ASK_VERSION = [0x0d, 0x05, 0x13, 0x00, 0x16];
const MEASURED = 0x02;
const KNOWS_FAT = 0x1e;
/** A clock that was never set starts in 1970. */
const FIRST_TRUE_SECOND = Date.UTC(2012, 0, 1) / 1000;

/** Mini (`ISM`) and SE (`ISSE`) measure the impedance; what the others put there is not known. */
const measuresImpedance = (name: string | null): boolean => /ism|isse/i.test(name ?? '');

export const yunmai: ScaleFamily<null> = {
  id: 'yunmai',
  model: 'Yunmai',
  subscribe: ['ffe4'],
  whole: ['weight', 'impedance'],
  holdMs: 4000,
  formula: 'yunmai',
  memory: nothing,
  connected: () => ({ memory: null, requests: [write('ffe9', ASK_VERSION)] }),
  heard: (memory, _, bytes, { connection: { name } }) => {
    if (bytes.length < 15 || u8(bytes, 3) !== MEASURED) return { memory };
    const isMini = measuresImpedance(name);
    const impedance = isMini && bytes.length >= 17 ? u16be(bytes, 15) : 0;
    const fat_ratio = isMini && bytes.length >= 19 && u8(bytes, 1) >= KNOWS_FAT ? u16be(bytes, 17) / 100 : 0;
    const seconds = u32be(bytes, 5);
    const extra = seconds >= FIRST_TRUE_SECOND ? { deviceTime: new Date(seconds * 1000).toISOString() } : {};
    return { memory, ...weighing({ weight: u16be(bytes, 13) / 100, impedance, fat_ratio }, isMini ? 'settled' : 'final', extra) };
  },
};
