import { at, le16, le32 } from './fields.ts';
import { hangUpSoon, type RadioTwin } from './twin.ts';

/** A body scale for two people that tells each one's weigh-ins only to who has their code (User Data 1.0, 4.4; Weight Scale 1.0). */
export function createConsentScale(nowMs: () => number): RadioTwin {
  const CONSENT = 2;
  const [SUCCESS, NOT_AUTHORISED] = [1, 5];
  const people = new Map([
    [1, { code: 1111, kg: 81.2, agoMs: 3_600_000 }],
    [2, { code: 2222, kg: 58.4, agoMs: 1_800_000 }],
  ]);
  const weighIn = (user: number, kg: number, agoMs: number): Uint8Array => {
    const time = new Date(nowMs() - agoMs);
    const civil = at(time);
    return Uint8Array.of(0x06, ...le16(Math.round(kg / 0.005)), ...civil, user);
  };
  return {
    name: 'Scale for two',
    lists: ['181d'],
    services: [
      {
        uuid: '181d',
        characteristics: [
          { uuid: '2a9e', read: () => Uint8Array.from(le32(0x3b)) },
          { uuid: '2a9d', indicates: true },
        ],
      },
      {
        uuid: '181c',
        characteristics: [
          {
            uuid: '2a9f',
            indicates: true,
            write(bytes, tell) {
              const [operation = 0, user = 0] = bytes;
              const person = people.get(user);
              const isTheirs = operation === CONSENT && person?.code === (bytes[2]! | (bytes[3]! << 8));
              tell('2a9f', Uint8Array.of(0x20, operation, isTheirs ? SUCCESS : NOT_AUTHORISED));
              // Who has no code is left waiting, as scales do whose display says so.
              if (!isTheirs) return;
              tell('2a9d', weighIn(user, person.kg, person.agoMs));
              hangUpSoon(tell);
            },
          },
        ],
      },
    ],
  };
}
