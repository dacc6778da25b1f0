import t from 'tap';
import { isPlausible } from '../../../../../firmware/protocol/quantities.ts';
import { bytesOf, hexOf } from '../../../../../hub/sources/ble/gatt/bytes.ts';
import { decode, decodeWhatIsThere } from '../../../../../hub/sources/ble/gatt/characteristics/decode.ts';
import { encode } from '../../../../../hub/sources/ble/gatt/characteristics/encode.ts';
import { measured } from '../../../../../hub/sources/ble/gatt/characteristics/measures.ts';
import {
  characteristicOf,
  characteristics,
  decodeCharacteristic,
  standard,
} from '../../../../../hub/sources/ble/gatt/characteristics/table.ts';
import { type CivilTime, civilTimeOf, isoOf, weekdayOf } from '../../../../../hub/sources/ble/gatt/civil-time.ts';
import fc from '../../../../property.ts';
import { readVectorJson, skipWithoutVectors } from '../../../../vectors.ts';
import { near, reasonsOf, tally } from './cases.ts';

const valuesOf = (uuid: string, hex: string) => {
  const characteristic = standard(uuid);
  const decoding = decode(characteristic, bytesOf(hex));
  if (!decoding.ok) throw new Error(decoding.reason);
  return measured(characteristic, decoding.decoded);
};

t.test('pounds, inches, kilopascal and Fahrenheit become the units of the quantity table', async (t) => {
  t.ok(near(valuesOf('2a9d', '01543d').values[0]!.value, 71.214, 0.001), '157 lb');
  t.ok(near(valuesOf('2a35', '01bdf00b009ff0').values[0]!.value, 141.76, 0.01), '18.9 kPa');
  t.ok(near(valuesOf('2a1c', '01da0300ff').values[0]!.value, 37, 1e-9), '98.6 degF');
  t.ok(near(valuesOf('2a6d', '02760f00').values[0]!.value, 1013.25), '101325 Pa in hPa');
  t.ok(near(valuesOf('2bd6', '7bb0').values[0]!.value, 1.23e6), '123e-5 kg/m3 in ug/m3');
});

t.test('the clock of the device and its number of the person stand beside the values', async (t) => {
  t.same(valuesOf('2a9d', '0e783eea07050c12353601ee002607'), {
    values: [
      { quantity: 'weight', value: 79.96 },
      { quantity: 'bmi', value: 23.8 },
      { quantity: 'height', value: 1.83 },
    ],
    deviceTime: '2026-05-12T18:53:54',
    userSlot: 1,
  });
});

t.test('what a device does not know gives no value', async (t) => {
  t.same(valuesOf('2a9d', '00ffff').values, [], 'a weighing that failed');
  t.same(valuesOf('2a6e', '0080').values, [], 'no temperature');
  t.same(valuesOf('2a5f', '00ff07ff07').values, [], 'no pulse found');
  t.equal(valuesOf('2a9d', '04b036ff').userSlot, undefined, 'a person whom the scale does not know');
});

t.test('a value that is cut says which field is missing and where', async (t) => {
  const decoding = decodeCharacteristic('2A35', bytesOf('1e8a00580078'));
  t.match(decoding, { ok: false, reason: "Blood Pressure Measurement: 'meanArterialPressure' takes 2 bytes from byte 5, and there are 1" });
  t.same(Object.keys(decodeWhatIsThere(standard('2a35'), bytesOf('1e8a00580078')).fields), ['flags', 'systolic', 'diastolic']);
});

t.test('no bytes crash a decoder, and no value is another than finite', async (t) => {
  const impossible: string[] = [];
  fc.assert(
    fc.property(fc.constantFrom(...characteristics), fc.uint8Array({ maxLength: 40 }), (characteristic, bytes) => {
      decode(characteristic, bytes);
      for (const { value, quantity } of measured(characteristic, decodeWhatIsThere(characteristic, bytes)).values) {
        if (!Number.isFinite(value)) impossible.push(`${characteristic.name} ${hexOf(bytes)}: ${quantity} ${value}`);
        isPlausible(quantity, value);
      }
    }),
    { numRuns: 3000 },
  );
  t.same(impossible, []);
});

t.test('what is decoded and encoded again decodes to the same', async (t) => {
  let tried = 0;
  fc.assert(
    fc.property(fc.constantFrom(...characteristics), fc.uint8Array({ minLength: 1, maxLength: 30 }), (characteristic, bytes) => {
      const first = decode(characteristic, bytes);
      if (!first.ok) return;
      tried++;
      const again = decode(characteristic, encode(characteristic, first.decoded.fields));
      if (!again.ok) t.fail(`${characteristic.name} ${hexOf(bytes)}: ${again.reason}`);
      else t.match(again.decoded.fields, first.decoded.fields, `${characteristic.name} ${hexOf(bytes)}`);
    }),
    { numRuns: 600 },
  );
  t.ok(tried > 200, `${tried} of 600 could be tried`);
});

t.test('the time that the hub sends is the time of its zone, with the day of the week', async (t) => {
  const time: CivilTime = civilTimeOf(Date.UTC(2026, 10, 23, 22, 30, 15), 120);
  t.equal(isoOf(time), '2026-11-24T00:30:15');
  const bytes = encode(standard('2a2b'), { dateTime: time, dayOfWeek: weekdayOf(time), fractions256: 0, adjustReason: 0 });
  t.equal(hexOf(bytes), 'ea070b18001e0f020000');
});

t.test('a value that does not fit is refused with what would', async (t) => {
  t.throws(() => encode(standard('2a9d'), { weight: 400 }), { message: "'weight' of Weight Measurement is 400: it holds 0 to 327.675" });
  t.throws(() => encode(standard('2a8c'), { value: 'other' }), { message: /male, female, unspecified/ });
});

t.test('a characteristic is found in any writing of its UUID', async (t) => {
  for (const uuid of ['2A9D', '00002a9d-0000-1000-8000-00805f9b34fb', '00002A9D00001000800000805F9B34FB'])
    t.equal(characteristicOf(uuid)?.name, 'Weight Measurement');
  t.equal(characteristicOf('ffe1'), undefined);
  t.equal(new Set(characteristics.map(({ uuid }) => uuid)).size, characteristics.length, 'one row each');
});

interface HealthFile {
  readonly cases: readonly {
    readonly uuid: string;
    readonly payload_hex: string;
    readonly expect: Readonly<Record<string, unknown>>;
    readonly about: string;
  }[];
}

/** Names of the recordings, each as a function of our fields. */
const fieldsOf = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const status = fields.measurementStatus as Readonly<Record<string, unknown>> | undefined;
  const flags = fields.flags as Readonly<Record<string, unknown>> | undefined;
  const time = (fields.timestamp ?? fields.dateTime) as CivilTime | undefined;
  const contact: Readonly<Record<string, boolean>> = { detected: true, 'not detected': false };
  const metres = fields.totalDistance as number | undefined;
  return {
    hr: fields.heartRate8 ?? fields.heartRate16,
    contact_detected: contact[String(flags?.sensorContact)] ?? null,
    energy_kj: fields.energyExpended ?? null,
    rr_raw: (fields.rrIntervals as number[] | undefined)?.map((ms) => Math.round((ms * 1024) / 1000)) ?? null,
    systolic: fields.systolic,
    diastolic: fields.diastolic,
    map: fields.meanArterialPressure,
    pulse: fields.pulseRate ?? null,
    user_id: fields.userId ?? null,
    status:
      status === undefined
        ? null
        : {
            body_movement: status.bodyMovement,
            cuff_too_loose: status.cuffTooLoose,
            irregular_pulse: status.irregularPulse,
            improper_position: status.improperPosition,
            pulse_rate_in_range: status.pulseRate === 'in range',
            pulse_rate_exceeds_upper_limit: status.pulseRate === 'above upper limit',
            pulse_rate_below_lower_limit: status.pulseRate === 'below lower limit',
          },
    timestamp: time === undefined ? null : (isoOf(time) ?? time),
    temperature: fields.temperature,
    type: fields.temperatureType ?? null,
    running: flags?.running,
    speed_m_s: fields.instantaneousSpeed,
    cadence: fields.instantaneousCadence,
    stride_length_cm:
      fields.instantaneousStrideLength === undefined ? null : Math.round((fields.instantaneousStrideLength as number) * 100),
    total_distance_dm: metres === undefined ? null : Math.round(metres * 10),
    total_distance_m: metres ?? null,
    body_sensor_location: fields.value,
    manufacturer_identifier: fields.manufacturerIdentifier,
    oui: fields.organizationallyUniqueIdentifier,
    text: fields.value,
    ...time,
    day_of_week: ['unknown', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'].indexOf(
      String(fields.dayOfWeek),
    ),
    fractions256: fields.fractions256,
    adjust_reason: ['manualTimeUpdate', 'externalReferenceTimeUpdate', 'changeOfTimeZone', 'changeOfDst'].reduce(
      (sum, name, bit) => sum + ((fields.adjustReason as Readonly<Record<string, boolean>> | undefined)?.[name] === true ? 2 ** bit : 0),
      0,
    ),
  };
};

t.test('each recorded value of a health profile decodes as recorded', { skip: skipWithoutVectors }, async (t) => {
  const counted = tally();
  for (const { uuid, payload_hex, expect } of readVectorJson<HealthFile>('2-gatt/gatt-health.mixed.json').cases) {
    const id = `${uuid} ${payload_hex}`;
    if (uuid.includes('service data')) {
      counted.listed.push({ id, reason: 'an advertisement, decoded with the advertisements' });
      continue;
    }
    const decoding = decodeCharacteristic(uuid, bytesOf(payload_hex));
    if (decoding === undefined) counted.listed.push({ id, reason: 'no row for this characteristic' });
    else if (expect.error !== undefined) decoding.ok ? counted.failed.push(`${id}: accepted`) : counted.passed++;
    else if (!decoding.ok) counted.failed.push(`${id}: ${decoding.reason}`);
    else {
      const ours = fieldsOf(decoding.decoded.fields);
      const { unit } = expect;
      const units = Object.values(decoding.decoded.units).map((name) => ({ 'mm[Hg]': 'mmHg', Cel: 'C', '[degF]': 'F' })[name] ?? name);
      const bad = Object.entries(expect).filter(([name, value]) => {
        if (name === 'unit') return !units.includes(String(unit));
        const mine = ours[name];
        if (typeof value === 'number' && typeof mine === 'number') return !near(mine, value);
        if (typeof value === 'object' && value !== null && !Array.isArray(value))
          return !Object.entries(value).every(([key, one]) => (mine as Record<string, unknown> | null)?.[key] === one);
        return JSON.stringify(mine) !== JSON.stringify(value);
      });
      if (bad.length === 0) counted.passed++;
      else
        counted.failed.push(
          `${id}: ${bad.map(([name, value]) => `${name} ours ${JSON.stringify(ours[name])}, theirs ${JSON.stringify(value)}`).join('; ')}`,
        );
    }
  }
  t.comment(reasonsOf('health profiles', counted));
  t.same(counted.failed, []);
  t.ok(counted.passed >= 10);
});
