/** What a standard characteristic says as a record: the values a body or a room can have, with the device's own word on them. */
import { isPlausible } from '../../../../../firmware/protocol/quantities.ts';
import { decode } from '../characteristics/decode.ts';
import type { FieldValue } from '../characteristics/layout.ts';
import { measured } from '../characteristics/measures.ts';
import { characteristicOf } from '../characteristics/table.ts';
import type { Weighing } from '../scales/family.ts';

type Bits = Readonly<Record<string, boolean | number | string>>;

/** The bits of a field by name; none where it is not there. */
const bitsOf = (field: FieldValue | undefined): Bits =>
  typeof field === 'object' && field !== null && !Array.isArray(field) && !(field instanceof Uint8Array) ? (field as Bits) : {};

/** Pulse Oximeter Service 1.0.1, 3.1.1.4: what was made up, or what the device itself does not stand for. */
const NO_MEASUREMENT = ['forDemonstration', 'forTesting', 'measurementUnavailable', 'invalid'];
/** Of the sensor: nobody's finger is in it. */
const NO_SENSOR = ['sensorUnconnected', 'sensorDisplaced', 'equipmentMalfunction', 'sensorMalfunctioning'];

/**
 * A record of a notified or read value; undefined where the bytes hold none: cut, not measured, out of what can be. `live` for what the
 * device calls an early guess.
 */
export function recordOf(uuid: string, bytes: Uint8Array): Weighing | undefined {
  const characteristic = characteristicOf(uuid);
  const decoding = characteristic && decode(characteristic, bytes);
  if (decoding?.ok !== true) return undefined;
  const { fields } = decoding.decoded;
  const flags = bitsOf(fields.flags);
  const status = bitsOf(fields.measurementStatus);
  const sensor = bitsOf(fields.deviceAndSensorStatus);
  if (NO_MEASUREMENT.some((name) => status[name] === true) || NO_SENSOR.some((name) => sensor[name] === true)) return undefined;
  // A strap that is not worn goes on counting noise.
  if (flags.sensorContact === 'not detected') return undefined;
  const { values, deviceTime, userSlot } = measured(characteristic!, decoding.decoded);
  const there = values.filter(({ quantity, value }) => isPlausible(quantity, value));
  if (there.length === 0) return undefined;
  // A clock that the device itself calls unset says nothing, and would give two records one name.
  const hasTime = deviceTime !== undefined && flags.deviceClockNotSet !== true;
  return {
    values: there,
    progress: status.earlyEstimate === true ? 'live' : 'stored',
    ...(hasTime && { deviceTime }),
    ...(userSlot !== undefined && { userSlot }),
  };
}
