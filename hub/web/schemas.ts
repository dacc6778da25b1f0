/** Shapes of the API's bodies: they check what comes, name what goes, and make the OpenAPI document. */

import { Type } from '../../firmware/schema/type.ts';

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
