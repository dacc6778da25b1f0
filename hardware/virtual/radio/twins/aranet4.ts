import { le16, own } from './fields.ts';
import type { RadioTwin } from './twin.ts';

const aranetOwn = own('95da4f4b9ac8aa55d312af0c');

/** An Aranet4 whose broadcasts tell nothing, with a log of `total` records a minute apart; the last is half a minute old when it is made. */
export function createAranet4(total: number, nowMs: () => number): RadioTwin {
  const PIECE = 40;
  const of: Record<number, (number: number) => number> = {
    1: (number) => 400 + number,
    2: () => 48,
    3: () => 10_130,
    4: (number) => 500 + number,
  };
  let asked = { kind: 0, next: 1 };
  const lastMs = nowMs() - 30_000;
  const ago = (): number[] => le16(Math.round((nowMs() - lastMs) / 1000));
  return {
    name: 'Aranet4 0A1B2',
    lists: ['fce0'],
    manufacturer: Uint8Array.of(0x02, 0x07, 0x01, 0, 0, 0, 0, 0),
    services: [
      {
        uuid: 'fce0',
        characteristics: [
          {
            uuid: aranetOwn('f0cd3001'),
            read: () => Uint8Array.of(...le16(500 + total), ...le16(420), ...le16(10_130), 48, 77, 1, ...le16(60), ...ago()),
          },
          { uuid: aranetOwn('f0cd2001'), read: () => Uint8Array.from(le16(total)) },
          { uuid: aranetOwn('f0cd2002'), read: () => Uint8Array.from(le16(60)) },
          {
            uuid: aranetOwn('f0cd1402'),
            write: (bytes) => {
              asked = { kind: bytes[1]!, next: bytes[2]! | (bytes[3]! << 8) };
            },
          },
          {
            uuid: aranetOwn('f0cd2005'),
            read() {
              const { kind, next } = asked;
              const count = Math.max(0, Math.min(PIECE, total - next + 1));
              asked = { kind, next: next + count };
              const values = Array.from({ length: count }, (_, index) => of[kind]!(next + index));
              const body = kind === 2 ? values : values.flatMap(le16);
              return Uint8Array.of(kind, ...le16(60), ...le16(total), ...ago(), ...le16(next), count, ...body);
            },
          },
        ],
      },
    ],
  };
}
