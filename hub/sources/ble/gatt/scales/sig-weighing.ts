/**
 * Weigh-ins of scales that speak the Bluetooth standard: Weight Measurement (0x2A9D) and Body Composition Measurement (0x2A9C)
 * of one weigh-in arrive one after the other and are joined here.
 *
 * Scales fill fields that they did not measure with 0 or 0xFFFF; a composition without fat is a placeholder and is not taken.
 * Source: Weight Scale Service 1.0, Body Composition Service 1.0; captures of a BF788 described by ble-scale-sync.
 */
import type { BleValue } from '../../advertisement.ts';
import { type Decoded, decodeWhatIsThere } from '../characteristics/decode.ts';
import { measured } from '../characteristics/measures.ts';
import { standard } from '../characteristics/table.ts';
import { MAX_WEIGHT_KG, type Weighing } from './family.ts';

export const WEIGHT_MEASUREMENT = '2a9d';
export const BODY_COMPOSITION_MEASUREMENT = '2a9c';

/** What one weigh-in has so far. */
export interface SigMemory {
  readonly weight?: number;
  readonly composition: readonly BleValue[];
  readonly deviceTime?: string;
  readonly userSlot?: number;
}
export const noWeighing: SigMemory = { composition: [] };

const UNAVAILABLE = 0xffff;

/** Values above zero and short of what 0xFFFF would be. */
function meant(characteristic: string, decoded: Decoded): BleValue[] {
  const { fields } = decoded;
  const { values } = measured(standard(characteristic), decoded);
  const sentinel = (field: unknown, step: number): boolean => typeof field === 'number' && Math.round(field / step) === UNAVAILABLE;
  return values.filter(({ quantity, value }) => {
    if (!(value > 0)) return false;
    if (quantity === 'weight') return value <= MAX_WEIGHT_KG;
    if (quantity === 'muscle_ratio') return !sentinel(fields.musclePercentage, 0.1);
    if (quantity === 'water_mass') return !sentinel(fields.bodyWaterMass, 0.005);
    if (quantity === 'impedance') return !sentinel(fields.impedance, 0.1);
    return true;
  });
}

const weightOf = (values: readonly BleValue[]): number | undefined => values.find(({ quantity }) => quantity === 'weight')?.value;

export interface SigReading {
  readonly memory: SigMemory;
  readonly weighing?: Weighing;
}

/** A 0x2A9D opens a weigh-in. `awaitsComposition` is false for a scale that has no 0x2A9C. */
export function heardWeight(memory: SigMemory, bytes: Uint8Array, awaitsComposition: boolean): SigReading {
  const characteristic = standard(WEIGHT_MEASUREMENT);
  const decoded = decodeWhatIsThere(characteristic, bytes);
  const values = meant(WEIGHT_MEASUREMENT, decoded);
  const weight = weightOf(values);
  if (weight === undefined) return { memory };
  const { deviceTime, userSlot } = measured(characteristic, decoded);
  const extra = { ...(deviceTime !== undefined && { deviceTime }), ...(userSlot !== undefined && { userSlot }) };
  // A composition that came before its weight waits in the memory.
  const isWaiting = memory.weight === undefined && memory.composition.length > 0;
  if (isWaiting && (deviceTime === undefined || memory.deviceTime === undefined || deviceTime === memory.deviceTime)) {
    return {
      memory: { ...memory, weight, ...extra },
      weighing: { values: [...values, ...memory.composition], progress: 'final', ...extra },
    };
  }
  return {
    memory: { weight, composition: [], ...extra },
    weighing: { values, progress: awaitsComposition ? 'settled' : 'final', ...extra },
  };
}

/** A 0x2A9C closes the weigh-in that is open, unless it carries another time; it may bring the weight itself. */
export function heardComposition(memory: SigMemory, bytes: Uint8Array): SigReading {
  const characteristic = standard(BODY_COMPOSITION_MEASUREMENT);
  const decoded = decodeWhatIsThere(characteristic, bytes);
  const fat = decoded.fields.bodyFatPercentage;
  if (typeof fat !== 'number' || fat === 0) return { memory: { ...memory, composition: [] } };
  const own = measured(characteristic, decoded);
  const isSame = own.deviceTime === undefined || memory.deviceTime === undefined || own.deviceTime === memory.deviceTime;
  const open = isSame ? memory : noWeighing;
  const values = meant(BODY_COMPOSITION_MEASUREMENT, decoded);
  const weight = weightOf(values) ?? open.weight;
  const deviceTime = own.deviceTime ?? open.deviceTime;
  const userSlot = own.userSlot ?? open.userSlot;
  const extra = { ...(deviceTime !== undefined && { deviceTime }), ...(userSlot !== undefined && { userSlot }) };
  const composition = values.filter(({ quantity }) => quantity !== 'weight');
  const bone = boneOf(weight, fat, decoded.fields.softLeanMass, decoded.units.softLeanMass);
  if (bone !== undefined) composition.push({ quantity: 'bone_mass', value: bone });
  if (weight === undefined) return { memory: { composition, ...extra } };
  return {
    memory: { weight, composition, ...extra },
    weighing: { values: [{ quantity: 'weight', value: weight }, ...composition], progress: 'final', ...extra },
  };
}

/** Fat-free mass is soft lean mass and bone: a scale that gives the first two gives the third. */
function boneOf(weight: number | undefined, fat: number, softLean: unknown, unit: string | undefined): number | undefined {
  if (weight === undefined || typeof softLean !== 'number' || softLean <= 0) return undefined;
  const kg = unit === '[lb_av]' ? softLean * 0.45359237 : softLean;
  const bone = weight * (1 - fat / 100) - kg;
  return bone > 0 ? bone : undefined;
}
