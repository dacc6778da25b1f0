/**
 * Soehnle Shape and Style: a vendor service for stored weigh-ins beside the standard time and user data services.
 *
 * A record (0x09, 15 bytes, big-endian): person 1, year 2, month, day, hour, minute, second; weight 9 (0.1 kg), impedance at
 * 5 kHz 11 and at 50 kHz 13 (ohm). Source: openScale's and ble-scale-sync's descriptions of the protocol.
 */
import { asByte, le16, u8, u16be } from '../bytes.ts';
import { civilTime, isoOf } from '../civil-time.ts';
import { CURRENT_TIME, encodeCurrentTime } from '../control/current-time.ts';
import { decodeUserAnswer, encodeUserRequest, USER_CONTROL_POINT } from '../control/user-control.ts';
import { nothing, type ScaleFamily, type ScaleRequest, weighing, write } from './family.ts';

const NOTIFY = '352e3001-28e9-40b8-a361-6db4cca4147c';
const COMMAND = '352e3002-28e9-40b8-a361-6db4cca4147c';
const RECORD = 0x09;
const PERSONS = [1, 2, 3, 4, 5, 6, 7];

export const soehnle: ScaleFamily<null> = {
  id: 'soehnle',
  model: 'Soehnle Shape, Style',
  subscribe: [USER_CONTROL_POINT, NOTIFY],
  whole: ['weight', 'impedance'],
  holdMs: 4000,
  formula: 'soehnle',
  memory: nothing,
  connected: ({ time, connection: { characteristics }, profile: { userSlot, consentCode = 0, ageYears, sex, heightCm } }) => {
    const user: ScaleRequest[] = characteristics.has(USER_CONTROL_POINT)
      ? [
          write(
            USER_CONTROL_POINT,
            encodeUserRequest(
              userSlot === undefined ? { kind: 'register', consentCode } : { kind: 'consent', userIndex: userSlot, consentCode },
            ),
            true,
          ),
          write('2a80', [asByte(ageYears)], true),
          write('2a8c', [sex === 'male' ? 0 : 1], true),
          write('2a8e', le16(Math.round(heightCm)), true),
        ]
      : [];
    const clock = time === null || !characteristics.has(CURRENT_TIME) ? [] : [write(CURRENT_TIME, encodeCurrentTime(time.civil), true)];
    return { memory: null, requests: [...clock, ...user, ...PERSONS.map((person) => write(COMMAND, [RECORD, person], true))] };
  },
  heard: (memory, characteristic, bytes) => {
    if (characteristic === USER_CONTROL_POINT) {
      const answer = decodeUserAnswer(bytes);
      return answer?.kind === 'registered' ? { memory, requests: [{ kind: 'remember', userSlot: answer.userIndex }] } : { memory };
    }
    if (bytes.length < 15 || u8(bytes, 0) !== RECORD) return { memory };
    const [month, day, hour, minute, second] = [4, 5, 6, 7, 8].map((at) => u8(bytes, at)) as [number, number, number, number, number];
    const time = civilTime(u16be(bytes, 2), month, day, hour, minute, second);
    const deviceTime = time && isoOf(time);
    const values = { weight: u16be(bytes, 9) / 10, impedance: u16be(bytes, 13), impedance_low: u16be(bytes, 11) };
    return { memory, ...weighing(values, 'stored', { userSlot: u8(bytes, 1), ...(deviceTime !== undefined && { deviceTime }) }) };
  },
};
