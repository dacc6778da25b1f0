/**
 * Renpho ES-26BB-B: frames 55 AA, kind, …, sum of all before, on 2A10.
 *
 * 0x14 live: 0x01 or 0x11 in byte 5 when final, weight 6 (32 bits big-endian, 0.01 kg), impedance 10. 0x15 of the memory:
 * weight 5, impedance 9, seconds ago 11; it is told again at each connection until it is acknowledged.
 * Source: openScale's and ble-scale-sync's descriptions of the protocol.
 */
import { sum8, u8, u16be, u32be } from '../bytes.ts';
import { START_MEASURING } from './es-cs20m.ts';
import { nothing, type ScaleFamily, weighing, write } from './family.ts';

const HEARD = [0x55, 0xaa, 0x95, 0x00, 0x01, 0x01, 0x96];

export const renphoEs26bb: ScaleFamily<null> = {
  id: 'renpho-es26bb',
  model: 'Renpho ES-26BB',
  subscribe: ['2a10'],
  whole: ['weight', 'impedance'],
  holdMs: 5000,
  formula: 'standard-impedance',
  memory: nothing,
  connected: () => ({ memory: null, requests: [write('2a11', START_MEASURING)] }),
  heard: (memory, _, bytes) => {
    if (bytes.length < 11 || sum8(bytes, 0, bytes.length - 1) !== u8(bytes, bytes.length - 1)) return { memory };
    const kind = u8(bytes, 2);
    if (kind === 0x14 && bytes.length >= 12) {
      const isFinal = u8(bytes, 5) === 0x01 || u8(bytes, 5) === 0x11;
      return isFinal ? { memory, ...weighing({ weight: u32be(bytes, 6) / 100, impedance: u16be(bytes, 10) }, 'settled') } : { memory };
    }
    if (kind !== 0x15) return { memory };
    const requests = [write('2a11', HEARD, true)];
    if (bytes.length < 15) return { memory, requests };
    const values = { weight: u32be(bytes, 5) / 100, impedance: u16be(bytes, 9) };
    return { memory, requests, ...weighing(values, 'stored', { agoMs: u32be(bytes, 11) * 1000 }) };
  },
};
