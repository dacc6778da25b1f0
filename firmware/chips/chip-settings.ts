/** Settings of chips in a rig file: one shape for each name, whichever chip takes it. */
import type { Static } from 'typebox';
import { Type } from '../schema/type.ts';

const choice = <const Values extends readonly number[]>(...values: Values) =>
  Type.Unsafe<Values[number]>(Type.Union(values.map((value) => Type.Literal(value))));

export const settingShapes = {
  /** I2C address, where a pin of the chip chooses between several. */
  address: Type.Integer({ minimum: 0x08, maximum: 0x77 }),
  /** SCD4x: `periodic` each 5 s, `low-power` each 30 s, `single-shot` when asked. */
  mode: Type.Union([Type.Literal('periodic'), Type.Literal('low-power'), Type.Literal('single-shot')]),
  /** SCD4x: height above the sea in m, where no barometer is beside it. */
  altitudeM: Type.Number({ minimum: 0, maximum: 3000 }),
  /** SCD4x: how much warmer than the room it is where it is mounted, K. */
  temperatureOffsetC: Type.Number({ minimum: 0, maximum: 20 }),
  /** CO2 sensors: whether the lowest value of some days is taken for fresh air. */
  selfCalibration: Type.Boolean(),
  /** Seconds after power-up in which values are not the room's; 0 where the sensor is never switched off. */
  warmUpS: Type.Number({ minimum: 0, maximum: 600 }),
  /** NAU7802. */
  gain: choice(1, 2, 4, 8, 16, 32, 64, 128),
  convertHz: choice(10, 20, 40, 80, 320),
  ldoV: choice(2.4, 2.7, 3, 3.3, 3.6, 3.9, 4.2, 4.5),
  channel: choice(1, 2),
  /** HX711: unit of numbers that the sketch prints without one. */
  unit: Type.Union([Type.Literal('kg'), Type.Literal('g'), Type.Literal('lb'), Type.Literal('oz')]),
  /** Accelerometers. */
  sampleHz: choice(25, 50, 100),
  rangeG: choice(2, 4, 8, 16),
} as const;

export type SettingName = keyof typeof settingShapes;
export type ChipSettings = { readonly [Name in SettingName]?: Static<(typeof settingShapes)[Name]> };
