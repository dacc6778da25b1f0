/**
 * Broadcasts decoded per second on one core: the mix of a home's air, half of it other people's telephones, and each half alone.
 * As the radio delivers them (advertising data in bytes), and as objects that a Bluetooth library has parsed.
 */
import type { Advertisement } from '../../../hub/sources/ble/advertisement.ts';
import { concernsUs, decodeAdvertisement } from '../../../hub/sources/ble/advertisements/decode.ts';
import { parseAdvertisingData } from '../../../hub/sources/ble/advertising-data.ts';
import type { BenchRow } from '../row.ts';
import { coreRate } from './core.ts';

const GOAL_PER_SECOND = 1_000_000;

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g)!, (pair) => Number.parseInt(pair, 16));
const sensors: readonly (readonly [address: string, hex: string])[] = [
  ['A4:C1:38:8D:18:B2', '02010612161a18b2188d38c1a42b089011f70a43200f'],
  ['54:48:E6:8F:80:A5', '0201060e16d2fc4000090161024209033f13'],
  ['CB:B8:33:4C:88:4F', '0201061bff99040512fc5394c37c0004fffc040cac364200cdcbb8334c884f'],
  ['C4:7C:8D:6B:4F:F3', '020106141695fe7120980012f34f6b8d7cc40d041002c400'],
  ['58:2D:34:40:1C:6F', '0201061816cdfd08096f1c40342d580104be000d02070272260201570000'],
  ['E1:12:1D:61:BB:AA', '0d09475648353130325f43423942030388ec02010509ff0100010103cb0164'],
  ['50:FB:19:1B:B5:DC', '02010603021b1810161b180226b20705040f0201ac018642'],
  ['F8:EA:DC:3C:67:35', '0201060dffd506000867355367925c0b04'],
];
/** Of telephones, computers, televisions and watches. */
const foreign: readonly string[] = [
  '02011a020a0c0bff4c001006351aa1c8b3d4',
  '1eff0600010920024a56df1da31e55cf4213f595e36331eb8ce65ec5622589',
  '02011a0aff4c0010050718e29b18',
  '1bff75004204018060702ad58269bf722ad58269be01000000000000',
  '03036ffd17166ffdf02e10dd0acd966d1ff30f93f0e7f0268d2c807f',
  '020106020a0706ff4c0012020001',
  '02011a0303f3fe1716f3fe4a17234e5045561132a5b6c7d8e9fa0b1c2d3e',
  '0201060dff5701004a3d0c2b1a09f8e7d6',
];

const objectOf = (address: string, hex: string): Advertisement => ({ address, rssi: -60, ...parseAdvertisingData(bytesOf(hex)) });

const row = (name: string, perSecond: number, goal: number | null): BenchRow => ({
  name,
  value: perSecond,
  unit: 'broadcasts/s',
  against: goal === null ? 'no limit: beside the mix' : `limit ${goal}/s`,
  ratio: goal === null ? null : perSecond / goal,
  goal: goal === null ? '-' : 'ratio >= 1',
  holds: goal === null || perSecond >= goal,
});

export async function rows(): Promise<BenchRow[]> {
  const own = sensors.map(([address, hex]) => objectOf(address, hex));
  const strangers = foreign.map((hex) => objectOf('6D:40:27:85:98:05', hex));
  for (const one of own) if (decodeAdvertisement(one, {})?.kind !== 'values') throw new Error(`no sensor: ${JSON.stringify(one.name)}`);
  const mixed = own.flatMap((one, index) => [one, strangers[index]!]);
  const raw = sensors.flatMap(([address, hex], index) => [
    { address, data: bytesOf(hex) },
    { address: '6D:40:27:85:98:05', data: bytesOf(foreign[index]!) },
  ]);
  const mixedRate = coreRate((index) => decodeAdvertisement(mixed[index & 15]!, {}));
  const sealed = objectOf('A4:C1:38:02:83:F4', '0201061a1695fe58585b0550f4830238c1a495ef58763c26000097e2abb5');
  const key = bytesOf('e9ea895fac7cca6d30532432a516f3a8');
  if (decodeAdvertisement(sealed, { key })?.kind !== 'values') throw new Error('the key does not fit');
  return [
    row('adverts, half strangers', mixedRate, GOAL_PER_SECOND),
    row(
      'adverts of strangers only',
      coreRate((index) => decodeAdvertisement(strangers[index & 7]!, {})),
      null,
    ),
    row(
      'adverts of sensors only',
      coreRate((index) => decodeAdvertisement(own[index & 7]!, {})),
      null,
    ),
    row(
      'adverts in bytes, half strangers: asked, parsed, decoded',
      coreRate((index) => {
        const { address, data } = raw[index & 15]!;
        return concernsUs(data) ? decodeAdvertisement({ address, rssi: -60, ...parseAdvertisingData(data) }, {}) : undefined;
      }),
      null,
    ),
    row(
      'adverts encrypted (MiBeacon v5)',
      coreRate(() => decodeAdvertisement(sealed, { key })),
      null,
    ),
  ];
}
