/** Shapes of the API's bodies: they check what comes, name what goes, and make the OpenAPI document. */

import { quantities } from '../../firmware/protocol/quantities.ts';
import { Type } from '../../firmware/schema/type.ts';
import type { StoredMeasurement } from '../store/vault.ts';

export const ErrorBody = Type.Object({
  error: Type.Object({ code: Type.String(), message: Type.String(), remedy: Type.String() }),
});
export const Session = Type.Object({
  claimed: Type.Boolean(),
  signedIn: Type.Boolean(),
  id: Type.Optional(Type.String({ description: 'your account, and with it the subject of your vault' })),
  name: Type.Optional(Type.String()),
  standing: Type.Optional(Type.String({ description: 'owner, member, guest, waiting (for a guardian) or machine' })),
});
export const Measurement = Type.Object({
  id: Type.String({ description: 'device/boot/sequence: the same wherever the measurement is' }),
  seq: Type.Integer({ description: "position in its vault's log" }),
  subject: Type.String(),
  device: Type.String(),
  quantity: Type.String(),
  label: Type.String(),
  value: Type.Union([Type.Number(), Type.Null()]),
  unit: Type.String({ description: 'UCUM' }),
  category: Type.String(),
  start: Type.String({ format: 'date-time' }),
  end: Type.String({ format: 'date-time' }),
  timeQuality: Type.String({ description: 'synced, estimated or device' }),
  flag: Type.String({ description: 'ok or implausible' }),
  timeDoubt: Type.String({ description: 'none, or why the time that the device gave was not taken: future or ancient' }),
  zoneMin: Type.Union([Type.Integer(), Type.Null()], { description: "minutes by which the home's clock was ahead of UTC" }),
  deviceEnd: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], { description: "the end by the device's own clock" }),
});
export const Point = Type.Object({
  startMs: Type.Number(),
  endMs: Type.Number(),
  count: Type.Integer(),
  mean: Type.Number(),
  min: Type.Number(),
  max: Type.Number(),
  sum: Type.Number(),
});
export const Gap = Type.Object({
  device: Type.String({ description: "'*' for all of them: the hub itself was off" }),
  fromMs: Type.Number(),
  toMs: Type.Number(),
  cause: Type.String({ description: 'power, radio, away, dropped or unknown' }),
  words: Type.String({ description: 'the cause as a household says it' }),
});
export const Device = Type.Object({
  id: Type.String(),
  kind: Type.String(),
  name: Type.String(),
  connected: Type.Boolean(),
  state: Type.String({ description: 'starting, running, fault or away' }),
  message: Type.String(),
  plate: Type.Optional(Type.String({ description: 'of a scale: ready (step on), occupied, or unsettled (not yet seen empty and still)' })),
  lastSeen: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
  firmware: Type.String(),
  quantities: Type.Array(Type.String()),
});

export interface MeasurementJson {
  readonly id: string;
  readonly seq: number;
  readonly subject: string;
  readonly device: string;
  readonly quantity: string;
  readonly label: string;
  readonly value: number | null;
  readonly unit: string;
  readonly category: string;
  readonly start: string;
  readonly end: string;
  readonly timeQuality: string;
  readonly flag: string;
  readonly timeDoubt: string;
  readonly zoneMin: number | null;
  readonly deviceEnd: string | null;
}

/** A measurement as the API and every export say it. A value that is no number is null. */
export function measurementJson(measurement: StoredMeasurement): MeasurementJson {
  const { device, boot, sequence, quantity, value, start, end, seq, subject, timeQuality, flag, timeDoubt, zoneMin, deviceEnd } =
    measurement;
  const { label, unit, category } = quantities[quantity];
  return {
    id: `${device}/${boot}/${sequence}`,
    seq,
    subject,
    device,
    quantity,
    label,
    value: Number.isFinite(value) ? value : null,
    unit,
    category,
    start: new Date(start).toISOString(),
    end: new Date(end).toISOString(),
    timeQuality,
    flag,
    timeDoubt,
    zoneMin,
    deviceEnd: deviceEnd === null ? null : isoOf(deviceEnd),
  };
}

/** ISO 8601 of a time that a device claims, which may be no date at all. */
const isoOf = (ms: number): string | null => (Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : null);
