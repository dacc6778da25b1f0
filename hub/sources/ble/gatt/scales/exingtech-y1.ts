/**
 * Exingtech Y1 ("vscale"): one notification with everything; 0xFF in the fat's high byte says that the composition failed.
 *
 * Layout, big-endian in tenths: weight 4, fat 6, water 8, bone 10, muscle 12; visceral fat at 14 in whole steps.
 * Source: openScale's and ble-scale-sync's descriptions of the protocol.
 */
import { asByte, u8, u16be } from '../bytes.ts';
import { nothing, type ScaleFamily, weighing, write } from './family.ts';

export const EXINGTECH_SERVICE = 'f433bd80-75b8-11e2-97d9-0002a5d5c51b';
const NOTIFY = '1a2ea400-75b9-11e2-be05-0002a5d5c51b';
const COMMAND = '29f11080-75b9-11e2-8bf6-0002a5d5c51b';
const FAILED = 0xff;

export const exingtechY1: ScaleFamily<null> = {
  id: 'exingtech-y1',
  model: 'Exingtech Y1',
  subscribe: [NOTIFY],
  whole: ['weight', 'fat_ratio'],
  holdMs: 5000,
  memory: nothing,
  connected: ({ profile: { sex, heightCm, ageYears } }) => ({
    memory: null,
    requests: [write(COMMAND, [0x10, 0x01, sex === 'male' ? 0 : 1, asByte(ageYears), asByte(heightCm)])],
  }),
  heard: (memory, _, bytes) => {
    if (bytes.length < 15) return { memory };
    const composition =
      u8(bytes, 6) === FAILED
        ? {}
        : {
            fat_ratio: u16be(bytes, 6) / 10,
            water_ratio: u16be(bytes, 8) / 10,
            bone_mass: u16be(bytes, 10) / 10,
            muscle_ratio: u16be(bytes, 12) / 10,
            visceral_fat: u8(bytes, 14),
          };
    return { memory, ...weighing({ weight: u16be(bytes, 4) / 10, ...composition }, 'settled') };
  },
};
