/**
 * A rig file: which boards there are, what chips hang on them, and how they are calibrated. Facts of a bench, in YAML.
 */
import { type Static, Type } from 'typebox';
import { parseSettings } from './settings.ts';

const exact = { additionalProperties: false } as const;
const Id = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}$' });
const common = { id: Id, name: Type.String({ minLength: 1, maxLength: 60 }) };

/** Two points of a straight line: what the load cell counts at nothing, and for each kilogram. */
const Calibration = Type.Object(
  { zeroCounts: Type.Number(), countsPerKg: Type.Number({ exclusiveMinimum: 0 }), date: Type.String() },
  exact,
);
const Scale = Type.Object(
  { kind: Type.Literal('scale'), ...common, loadCell: Type.Object({ chip: Type.Literal('nau7802') }, exact), calibration: Calibration },
  exact,
);
const Tracker = Type.Object(
  { kind: Type.Literal('tracker'), ...common, accelerometer: Type.Object({ chip: Type.Literal('adxl345') }, exact) },
  exact,
);
const Home = Type.Object({ kind: Type.Literal('home'), ...common, air: Type.Object({ chip: Type.Literal('scd41') }, exact) }, exact);
const Device = Type.Union([Scale, Tracker, Home]);
const Board = Type.Object(
  {
    name: Id,
    /** `virtual`, or a port by its stable name under /dev/serial/by-id. */
    port: Type.String({ minLength: 1 }),
    protocol: Type.Literal('firmata'),
    devices: Type.Array(Device, { minItems: 1, maxItems: 16 }),
  },
  exact,
);
const RigFile = Type.Object({ name: Type.String({ minLength: 1 }), boards: Type.Array(Board, { minItems: 1, maxItems: 16 }) }, exact);

export type Rig = Static<typeof RigFile>;
export type RigBoard = Static<typeof Board>;
export type RigDevice = Static<typeof Device>;
export type ScaleDevice = Static<typeof Scale>;
export type TrackerDevice = Static<typeof Tracker>;
export type HomeDevice = Static<typeof Home>;

/** Throws SettingsError naming file, line, key and what would be right. */
export function parseRig(text: string, file: string): Rig {
  return parseSettings(text, file, RigFile);
}
