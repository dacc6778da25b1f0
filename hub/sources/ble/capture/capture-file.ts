/**
 * What one Bluetooth device said, in a file that is a test as it is. Its broadcasts are whole HCI packets in the `cases` that recordings of other
 * projects have; what came over a connection is beside them; `says` is what Hearth made of it all, which a test compares with what it makes of it then.
 */
import type { Static } from 'typebox';
import { Type } from '../../../../firmware/schema/type.ts';

const Hex = Type.String({ pattern: '^([0-9a-f]{2})*$', maxLength: 1200 });
const Value = Type.Object({ quantity: Type.String(), value: Type.Number(), channel: Type.Optional(Type.Integer()) });

const Case = Type.Object({
  id: Type.String(),
  hci_event_hex: Type.Array(Hex),
  parser_options: Type.Object({}),
  expect: Type.Object({}),
  /** After the start of the capture, and how often the same bytes came. */
  atMs: Type.Number(),
  times: Type.Integer(),
});
const Told = Type.Object({
  atMs: Type.Number(),
  how: Type.Union([Type.Literal('read'), Type.Literal('notified')]),
  characteristic: Type.String(),
  /** null: it refused to be read. */
  data: Type.Union([Hex, Type.Null()]),
});
const Gatt = Type.Object({
  characteristics: Type.Array(Type.Object({ uuid: Type.String(), properties: Type.Array(Type.String()) })),
  told: Type.Array(Told),
  /** Why it was not connected to, or how the link ended; empty when it held. */
  trouble: Type.String(),
});
const Said = Type.Object({
  /** Of which case, or `gatt`. */
  of: Type.String(),
  kind: Type.String(),
  model: Type.String(),
  values: Type.Array(Value),
});
export const CaptureFile = Type.Object({
  format: Type.Literal('hearth-ble-capture/1'),
  address: Type.String(),
  name: Type.Union([Type.String(), Type.Null()]),
  captured: Type.String(),
  cases: Type.Array(Case),
  gatt: Type.Union([Gatt, Type.Null()]),
  says: Type.Array(Said),
});
export type CaptureFile = Static<typeof CaptureFile>;
export type Capture = Omit<CaptureFile, 'says'>;
export type CapturedGatt = Static<typeof Gatt>;
export type Told = Static<typeof Told>;
export type Said = Static<typeof Said>;
