/** What our devices say over the air is what the hub's own decoders of the standard read. */
import t from 'tap';
import {
  currentTime,
  heartRateMeasurement,
  paceFeature,
  paceMeasurement,
  roomCharacteristics,
  WEIGHT_STEP_KG,
  wallMsOf,
  wallTimeOf,
  weightMeasurement,
  weightScaleFeature,
} from '../../../firmware/bluetooth/encode.ts';
import { type QuantityId, quantities } from '../../../firmware/protocol/quantities.ts';
import { decode } from '../../../hub/sources/ble/gatt/characteristics/decode.ts';
import { measured } from '../../../hub/sources/ble/gatt/characteristics/measures.ts';
import { standard } from '../../../hub/sources/ble/gatt/characteristics/table.ts';
import fc from '../../property.ts';

/** Fields and values of a characteristic's bytes, every byte accounted for. */
function read(uuid: string, bytes: Uint8Array) {
  const characteristic = standard(uuid);
  const decoding = decode(characteristic, bytes);
  if (!decoding.ok) throw new Error(decoding.reason);
  return { ...measured(characteristic, decoding.decoded), fields: decoding.decoded.fields };
}
const wall = fc.integer({ min: Date.UTC(2016, 0, 1), max: Date.UTC(2199, 0, 1) });

t.test('a weight is read back within half a step of 5 g, with its time to the second', async () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 327, noNaN: true }), fc.option(wall, { nil: undefined }), (kg, wallMs) => {
      const { values, deviceTime } = read('2a9d', weightMeasurement(kg, wallMs === undefined ? undefined : wallTimeOf(wallMs)));
      const time = wallMs === undefined ? undefined : new Date(wallMs).toISOString().slice(0, 19);
      return Math.abs(values[0]!.value - kg) <= WEIGHT_STEP_KG / 2 + 1e-9 && deviceTime === time;
    }),
  );
});
t.test('no weight, however heavy, is said as a weighing that failed', async (t) => {
  t.equal(read('2a9d', weightMeasurement(400, undefined)).values[0]!.value, 327.67);
});
t.test('a heart rate is read back to the beat, in one byte and in two', async () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 400, noNaN: true }),
      (bpm) => read('2a37', heartRateMeasurement(bpm)).values[0]!.value === Math.round(bpm),
    ),
  );
});
t.test('a pace is read back within its steps, with the way that was gone', async () => {
  const pace = fc.record({
    speedMps: fc.double({ min: 0, max: 20, noNaN: true }),
    stepsPerMinute: fc.double({ min: 0, max: 255, noNaN: true }),
    distanceM: fc.double({ min: 0, max: 400_000_000, noNaN: true }),
  });
  fc.assert(
    fc.property(pace, ({ speedMps, stepsPerMinute, distanceM }) => {
      const { fields } = read('2a53', paceMeasurement({ speedMps, stepsPerMinute, distanceM }));
      return (
        Math.abs((fields.instantaneousSpeed as number) - speedMps) <= 1 / 512 + 1e-9 &&
        fields.instantaneousCadence === Math.round(stepsPerMinute) &&
        Math.abs((fields.totalDistance as number) - distanceM) <= 0.05 + 1e-6
      );
    }),
  );
});
t.test('every value of a room is read back as its own quantity, to the last digit that a person is shown', async (t) => {
  // Of what a characteristic cannot say, the nearest that it can.
  const range: Partial<Record<QuantityId, readonly [number, number]>> = { pressure: [300, 1200], temperature: [-60, 120] };
  for (const [quantity, { uuid, bytes }] of Object.entries(roomCharacteristics) as [
    QuantityId,
    NonNullable<(typeof roomCharacteristics)[QuantityId]>,
  ][]) {
    const { min, max, decimals } = quantities[quantity];
    const [least, most] = range[quantity] ?? [min, max];
    const within = 10 ** -decimals / 2 + 1e-6;
    fc.assert(
      fc.property(fc.double({ min: least, max: most, noNaN: true }), (value) => {
        const [first] = read(uuid, Uint8Array.from(bytes(value))).values;
        return first?.quantity === quantity && Math.abs(first.value - value) <= within;
      }),
    );
    t.pass(quantity);
  }
});
t.test('the time is read back, and a time that is written is understood, but for bytes that are none', async (t) => {
  fc.assert(
    fc.property(wall, (wallMs) => {
      const { fields } = read('2a2b', currentTime(wallMs));
      const { year, month, day, hour, minute, second } = fields.dateTime as Record<string, number>;
      const at = Date.UTC(year!, month! - 1, day, hour, minute, second);
      return at === Math.floor(wallMs / 1000) * 1000 && Math.abs(wallMsOf(currentTime(wallMs))! - wallMs) <= 4;
    }),
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => wallMsOf(bytes) === undefined || Number.isFinite(wallMsOf(bytes))));
  t.equal(wallMsOf(Uint8Array.of(0xea, 0x07, 2, 30, 1, 1, 1, 0, 0, 0)), undefined, '30 February');
  t.equal(wallMsOf(Uint8Array.of(0xea, 0x07, 2)), undefined);
});
t.test('features say what is served', async (t) => {
  t.match(read('2a9e', weightScaleFeature()).fields.features, {
    timestampSupported: true,
    multipleUsersSupported: false,
    bmiSupported: false,
    weightMeasurementResolution: '0.005 kg or 0.01 lb',
  });
  t.match(read('2a54', paceFeature()).fields.features, { totalDistanceSupported: true, walkingOrRunningStatusSupported: true });
});
