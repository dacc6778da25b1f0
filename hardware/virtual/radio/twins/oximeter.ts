import { at, le16 } from './fields.ts';
import { hangUpSoon, type RadioTwin } from './twin.ts';

/** A finger clip with two stored records, told when its record access control point is asked, and a finger in it. */
export function createOximeter(): RadioTwin {
  const spot = (spo2: number, pulse: number, day: number): Uint8Array =>
    Uint8Array.of(0x01, ...le16(spo2), ...le16(pulse), ...at(new Date(Date.UTC(2026, 2, day, 22, 15))));
  return {
    name: 'Clip',
    lists: ['1822'],
    services: [
      {
        uuid: '1822',
        characteristics: [
          { uuid: '2a5e', indicates: true },
          { uuid: '2a5f', subscribed: (tell) => tell('2a5f', Uint8Array.of(0, ...le16(97), ...le16(58))) },
          {
            uuid: '2a52',
            indicates: true,
            write(bytes, tell) {
              if (bytes[0] !== 1) return tell('2a52', Uint8Array.of(6, 0, bytes[0] ?? 0, 2));
              tell('2a5e', spot(95, 62, 1));
              tell('2a5e', spot(96, 64, 2));
              tell('2a52', Uint8Array.of(6, 0, 1, 1));
              hangUpSoon(tell);
            },
          },
        ],
      },
    ],
  };
}
