/**
 * Hoffen BBS-8107: frames that open with 0xFA on FFB2, which is also where it is told about the person.
 *
 * Layout, little-endian in tenths: weight 3; contact of the feet at 5 (0: yes) and then fat 6, water 8, muscle 10, bone 14 (one
 * byte), visceral 17. Source: openScale's and ble-scale-sync's descriptions of the protocol.
 */
import { asByte, u8, u16le, xor8 } from '../bytes.ts';
import { nothing, type ScaleFamily, weighing, write } from './family.ts';

const START = 0xfa;
const CONTACT = 0x00;

export const hoffen: ScaleFamily<null> = {
  id: 'hoffen',
  model: 'Hoffen BBS-8107',
  subscribe: ['ffb2'],
  whole: ['weight'],
  holdMs: 3000,
  memory: nothing,
  connected: ({ profile: { sex, heightCm, ageYears } }) => {
    const body = [START, 0x85, 0x03, sex === 'male' ? 0 : 1, asByte(ageYears), asByte(heightCm)];
    return { memory: null, requests: [write('ffb2', [...body, xor8(body)])] };
  },
  heard: (memory, _, bytes) => {
    if (bytes.length < 5 || u8(bytes, 0) !== START) return { memory };
    const composition =
      bytes.length >= 19 && u8(bytes, 5) === CONTACT
        ? {
            fat_ratio: u16le(bytes, 6) / 10,
            water_ratio: u16le(bytes, 8) / 10,
            muscle_ratio: u16le(bytes, 10) / 10,
            bone_mass: u8(bytes, 14) / 10,
            visceral_fat: u16le(bytes, 17) / 10,
          }
        : {};
    return { memory, ...weighing({ weight: u16le(bytes, 3) / 10, ...composition }, 'settled') };
  },
};
