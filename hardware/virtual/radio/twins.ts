/**
 * Devices as their makers built them, seen from the air: what they advertise, and what their characteristics answer. Served by the real
 * bleno, see peripherals.ts. Sources of the layouts: the services of the Bluetooth SIG, and the descriptions that hub/sources/ble/gatt names.
 */
import { field } from './hci.ts';

export interface TwinCharacteristic {
  readonly uuid: string;
  readonly read?: () => Uint8Array;
  /** `tell` notifies another (or the same) characteristic of the twin. */
  readonly write?: (bytes: Uint8Array, tell: Tell) => void;
  /** Somebody listens. */
  readonly subscribed?: (tell: Tell) => void;
  readonly indicates?: boolean;
  /** Only over an encrypted link. */
  readonly secure?: boolean;
}
export interface Tell {
  (uuid: string, bytes: Uint8Array): void;
  /** Ends the link, as a device does that has said all. */
  hangUp(): void;
}
/** Long enough for an indication to be confirmed. */
const SAID_ALL_MS = 1000;
const once = (tell: Tell, uuid: string, bytes: Uint8Array): void => {
  tell(uuid, bytes);
  hangUpSoon(tell);
};
const hangUpSoon = (tell: Tell): void => void setTimeout(tell.hangUp, SAID_ALL_MS);

export interface RadioTwin {
  readonly name: string;
  /** 16-bit services, as they are listed. */
  readonly lists: readonly string[];
  readonly manufacturer?: Uint8Array;
  readonly services: readonly { readonly uuid: string; readonly characteristics: readonly TwinCharacteristic[] }[];
}

const le16 = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff];
const le32 = (value: number): number[] => [...le16(value & 0xffff), ...le16(value >>> 16)];
/** IEEE 11073 SFLOAT of a tenth (exponent -1). */
const tenths = (value: number): number[] => le16((0xf << 12) | (Math.round(value * 10) & 0xfff));
const text = (words: string): (() => Uint8Array) => {
  const bytes = new TextEncoder().encode(words);
  return () => bytes;
};
/** Date Time of the SIG (Current Time Service). */
const at = (time: Date): number[] => [
  ...le16(time.getUTCFullYear()),
  time.getUTCMonth() + 1,
  time.getUTCDate(),
  time.getUTCHours(),
  time.getUTCMinutes(),
  time.getUTCSeconds(),
];
const own = (base: string) => (start: string) => `${start}${base}`.replaceAll('-', '');
const wave = own('ade711e489d3123b93f75cba');
const aranetOwn = own('95da4f4b9ac8aa55d312af0c');
const xiaomi = own('7a0a4b0c8a1a6ff2997da3a6');

const deviceInformation = (maker: string, model: string, serial: string) => ({
  uuid: '180a',
  characteristics: [
    { uuid: '2a29', read: text(maker) },
    { uuid: '2a24', read: text(model) },
    { uuid: '2a25', read: text(serial) },
  ],
});
const battery = (percent: number) => ({ uuid: '180f', characteristics: [{ uuid: '2a19', read: () => Uint8Array.of(percent) }] });

/** A cuff for two people that was never set: its clock began at 2000 with its batteries, and it is told the time at last. */
export function createBloodPressure(nowMs: () => number): RadioTwin & { readonly isSet: () => boolean } {
  const BEGAN = Date.UTC(2000, 0, 1, 0, 0, 0);
  let aheadMs = BEGAN - nowMs() + 86_400_000;
  let isSet = false;
  const civil = (atMs: number): number[] => {
    const time = new Date(atMs + aheadMs);
    return at(time);
  };
  // Measured two hours and one hour ago, by its own clock of then.
  const record = (user: number, systolic: number, diastolic: number, pulse: number, agoMs: number): Uint8Array =>
    Uint8Array.of(
      0x0e,
      ...tenths(systolic),
      ...tenths(diastolic),
      ...tenths((systolic + 2 * diastolic) / 3),
      ...civil(nowMs() - agoMs),
      ...tenths(pulse),
      user,
    );
  const stored = [record(1, 121, 79, 61, 7_200_000), record(2, 133, 84, 70, 3_600_000)];
  return {
    name: 'Cuff',
    lists: ['1810'],
    isSet: () => isSet,
    services: [
      {
        uuid: '1810',
        characteristics: [
          { uuid: '2a35', indicates: true, subscribed: (tell) => stored.forEach((bytes) => void tell('2a35', bytes)) },
          { uuid: '2a49', read: () => Uint8Array.of(0, 0) },
        ],
      },
      {
        uuid: '1805',
        characteristics: [
          {
            uuid: '2a2b',
            read: () => Uint8Array.of(...civil(nowMs()), 0, 0, 0),
            write: (bytes) => {
              const [year, month, day, hour, minute, second] = [bytes[0]! | (bytes[1]! << 8), ...bytes.subarray(2, 7)] as [
                number,
                number,
                number,
                number,
                number,
                number,
              ];
              aheadMs = Date.UTC(year, month - 1, day, hour, minute, second) - nowMs();
              isSet = true;
            },
          },
        ],
      },
      deviceInformation('Virtual', 'Cuff 2', 'C-0001'),
      battery(64),
    ],
  };
}

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

export const createThermometer = (nowMs: () => number): RadioTwin => ({
  name: 'Ear',
  lists: ['1809'],
  services: [
    {
      uuid: '1809',
      characteristics: [
        {
          uuid: '2a1c',
          indicates: true,
          subscribed(tell) {
            const time = new Date(nowMs() - 5000);
            // 36.9 degrees as a FLOAT: mantissa 369, exponent -1.
            const date = at(time);
            tell('2a1c', Uint8Array.of(0x06, 0x71, 0x01, 0x00, 0xff, ...date, 3));
            hangUpSoon(tell);
          },
        },
      ],
    },
  ],
});

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

export const createStrap = (): RadioTwin => ({
  name: 'Strap',
  lists: ['180d'],
  services: [
    {
      uuid: '180d',
      characteristics: [
        { uuid: '2a37', subscribed: (tell) => once(tell, '2a37', Uint8Array.of(0x16, 64, ...le16(960))) },
        { uuid: '2a38', read: () => Uint8Array.of(1) },
      ],
    },
    battery(91),
  ],
});

/** A strap that tells its heart rate to whom it is paired with, and to nobody else. */
export const createPrivateStrap = (): RadioTwin => ({
  name: 'Private strap',
  lists: ['180d'],
  services: [
    {
      uuid: '180d',
      characteristics: [{ uuid: '2a37', secure: true, subscribed: (tell) => once(tell, '2a37', Uint8Array.of(0x06, 71)) }],
    },
  ],
});

export const createFootPod = (): RadioTwin => ({
  name: 'Pod',
  lists: ['1814'],
  services: [
    {
      uuid: '1814',
      characteristics: [
        { uuid: '2a53', subscribed: (tell) => once(tell, '2a53', Uint8Array.of(0x04, ...le16(Math.round(2.75 * 256)), 83)) },
      ],
    },
  ],
});

export const createRoomSensor = (): RadioTwin => ({
  name: 'Study',
  lists: ['181a'],
  services: [
    {
      uuid: '181a',
      characteristics: [
        { uuid: '2a6e', read: () => Uint8Array.from(le16(2134)) },
        { uuid: '2a6f', read: () => Uint8Array.from(le16(4710)) },
        { uuid: '2a6d', read: () => Uint8Array.from(le32(1_002_500)) },
      ],
    },
  ],
});

/** Serial 2930012345: a Wave Plus. */
export const createWavePlus = (): RadioTwin => ({
  name: 'Airthings Wave+',
  lists: [],
  manufacturer: Uint8Array.of(0x34, 0x03, ...le32(2_930_012_345), 0x00, 0x00),
  services: [
    {
      uuid: wave('b42e1c08'),
      characteristics: [
        {
          uuid: wave('b42e2a68'),
          read: () =>
            Uint8Array.of(1, 93, 20, 0, ...le16(42), ...le16(55), ...le16(2190), ...le16(50_125), ...le16(812), ...le16(140), 0, 0, 0, 0),
        },
        {
          uuid: wave('b42e2d06'),
          write: (_, tell) =>
            tell(
              wave('b42e2d06'),
              Uint8Array.of(0x6d, 0, ...new Array<number>(24).fill(0), ...le16(2870), ...new Array<number>(6).fill(0)),
            ),
        },
      ],
    },
  ],
});

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

export const createLywsd = (): RadioTwin => ({
  name: 'LYWSD03MMC',
  lists: [],
  services: [
    {
      uuid: xiaomi('ebe0ccb0'),
      characteristics: [
        { uuid: xiaomi('ebe0ccb7'), read: () => Uint8Array.from(le32(100_000)) },
        {
          uuid: xiaomi('ebe0ccbc'),
          subscribed(tell) {
            // Two hours, the last one ended 600 s ago: highest temperature and humidity, then lowest.
            tell(xiaomi('ebe0ccbc'), Uint8Array.of(...le32(1), ...le32(95_800), ...le16(221), 51, ...le16(209), 44));
            tell(xiaomi('ebe0ccbc'), Uint8Array.of(...le32(2), ...le32(99_400), ...le16(225), 50, ...le16(218), 46));
          },
        },
        {
          uuid: xiaomi('ebe0ccc1'),
          subscribed: (tell) => setTimeout(() => tell(xiaomi('ebe0ccc1'), Uint8Array.of(...le16(2219), 47, ...le16(2951))), 300),
        },
      ],
    },
  ],
});

/** What a twin advertises, and what it adds when it is asked. */
export function advertOf({ name, lists, manufacturer }: RadioTwin): { readonly advert: Uint8Array; readonly scanResponse: Uint8Array } {
  const uuids = lists.flatMap((uuid) => le16(Number.parseInt(uuid, 16)));
  const parts = [
    field(0x01, Uint8Array.of(0x06)),
    ...(uuids.length === 0 ? [] : [field(0x03, Uint8Array.from(uuids))]),
    ...(manufacturer === undefined ? [] : [field(0xff, manufacturer)]),
  ];
  return { advert: Uint8Array.from(parts.flatMap((part) => [...part])), scanResponse: field(0x09, new TextEncoder().encode(name)) };
}
