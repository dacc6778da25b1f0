import t from 'tap';
import type { BleValue } from '../../../../../../hub/sources/ble/advertisement.ts';
import { decodeAdvertisement } from '../../../../../../hub/sources/ble/advertisements/decode.ts';
import { bytesOf, sum8, u16be, xor8 } from '../../../../../../hub/sources/ble/gatt/bytes.ts';
import { fromTenths, taylorWeight } from '../../../../../../hub/sources/ble/gatt/scales/ac02.ts';
import { keepEvent, keepS3 } from '../../../../../../hub/sources/ble/gatt/scales/keep-s3.ts';
import { HBF_32, omronAnswer, omronRecord, startTransfer } from '../../../../../../hub/sources/ble/gatt/scales/omron-wlc.ts';
import { robiS9 } from '../../../../../../hub/sources/ble/gatt/scales/robi-s9.ts';
import { isVitafitFrame, vitafitImpedance } from '../../../../../../hub/sources/ble/gatt/scales/vitafit-vt701.ts';
import { readVectorJson, skipWithoutVectors } from '../../../../../vectors.ts';
import { near, reasonsOf, tally } from '../cases.ts';
import { heardBy } from './hearing.ts';

interface Captured {
  readonly scale: string;
  readonly about: string;
  readonly input: Readonly<Record<string, string>>;
  readonly expect: Readonly<Record<string, number | string | null>> | string | null;
}
type Said = Readonly<Record<string, number | string | null>> | null;

const KG_PER_POUND = 0.45359237;

/** Our words for what the frames say; null where they say nothing. */
const named: Readonly<Record<string, BleValue['quantity']>> = {
  weight_kg: 'weight',
  impedance_ohm: 'impedance',
  impedance_high_ohm: 'impedance',
  impedance_low_ohm: 'impedance_high',
  impedance_high: 'impedance',
  impedance_low: 'impedance_high',
  heart_rate: 'heart_rate',
  body_fat_pct: 'fat_ratio',
  visceral_fat: 'visceral_fat',
  body_age: 'metabolic_age',
};
const saidOf = (values: readonly BleValue[] | undefined, extra: Said = {}): Said =>
  values === undefined || values.length === 0
    ? null
    : {
        ...extra,
        ...Object.fromEntries(Object.entries(named).map(([name, id]) => [name, values.find((one) => one.quantity === id)?.value ?? null])),
      };

const readers: Readonly<Record<string, (input: Captured['input'], bytes: Uint8Array) => Said>> = {
  'Xiaomi Body Composition Scale S400': ({ mac, bindkey }, bytes) => {
    const frame = bytes[0] === 0x95 && bytes[1] === 0xfe ? bytes.subarray(2) : bytes;
    const said = decodeAdvertisement(
      {
        address: mac ?? null,
        name: null,
        rssi: null,
        manufacturerData: new Map(),
        serviceData: new Map([['fe95', frame]]),
        serviceUuids: [],
      },
      { key: bytesOf(bindkey ?? '') },
    );
    return said?.kind === 'values' ? saidOf(said.values) : null;
  },
  'Taylor BIA': (_, bytes) => ({ weight_kg: taylorWeight(bytes, 0), display_lb: taylorWeight(bytes, 0) / KG_PER_POUND }),
  'FitTrack Dara': ({ unit }, bytes): Said =>
    bytes.length === 2
      ? { deci: u16be(bytes, 0), weight_kg: fromTenths(u16be(bytes, 0), (unit ?? 'kg') as Parameters<typeof fromTenths>[1]) }
      : { checksum8: bytes.at(-1) === sum8(bytes, 2, 7) ? sum8(bytes, 2, 7) : null },
  'Robi S9': (_, bytes) => saidOf(heardBy(robiS9, 'ffb3', bytes)?.values),
  'Vitafit VT701': (_, bytes) => ({ impedance_ohm: isVitafitFrame(bytes) ? vitafitImpedance(bytes) : null }),
  'Keep S3': (_, bytes) => saidOf(heardBy(keepS3, 'ff01', bytes)?.values, { stage: keepEvent(bytes)?.stage ?? null }),
  'Omron HBF-227T': (_, bytes) => saidOf(omronRecord(bytes, HBF_32)?.values),
  'Omron WLP frame': (_, bytes) => ({
    kind: Buffer.compare(bytes, Uint8Array.from(startTransfer())) === 0 ? 'start transmission' : (omronAnswer(bytes)?.kind ?? null),
    xor_all: xor8(bytes),
  }),
};

const bytesIn = ({ input }: Captured): Uint8Array =>
  bytesOf(
    input.weight_bytes_hex ??
      input.frame_hex ??
      input.record_hex ??
      input.value_bytes_hex ??
      input.service_data_fe95_hex ??
      input.with_uuid_prefix_hex ??
      '',
  );

/** What differs, or nothing. */
function difference(ours: Said, expect: Captured['expect']): string | undefined {
  const wanted = typeof expect === 'string' ? null : expect;
  if (wanted === null || ours === null) return wanted === ours ? undefined : `says ${JSON.stringify(ours)}`;
  for (const [name, value] of Object.entries(wanted)) {
    if (name.startsWith('tolerance')) continue;
    const tolerance = name === 'display_lb' ? wanted.tolerance_lb : wanted.tolerance;
    const one = ours[name];
    const isSame =
      value === '>0'
        ? Number(one) > 0
        : typeof value === 'number' && typeof one === 'number'
          ? near(one, value, typeof tolerance === 'number' ? tolerance : 0.0051)
          : one === value;
    if (!isSame) return `${name} is ${one} and not ${value}`;
  }
  return undefined;
}

t.test('each captured frame says what its scale showed', { skip: skipWithoutVectors }, async (t) => {
  const counted = tally();
  for (const captured of readVectorJson<{ readonly cases: readonly Captured[] }>('2-gatt/scale-frames.openscale.json').cases) {
    const id = `${captured.scale} ${captured.about}`.trim();
    const read = readers[captured.scale];
    if (read === undefined) {
      counted.listed.push({ id, reason: 'a scale that is not read' });
      continue;
    }
    const say = difference(read(captured.input, bytesIn(captured)), captured.expect);
    if (say === undefined) counted.passed++;
    else counted.failed.push(`${id}: ${say}`);
  }
  t.comment(reasonsOf('captured frames', counted));
  t.same(counted.failed, []);
  t.ok(counted.passed > 15);
});
