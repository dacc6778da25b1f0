/** Rows of other programs as measurements: in the unit of the quantity, with an identity that is the same each time they are imported. */
import { type QuantityId, quantities } from '../../../firmware/protocol/quantities.ts';
import type { NewMeasurement } from '../../store/vault.ts';

/** Factors and offsets to UCUM units of the quantity table. NIST SP 811, appendix B, for the pound, the stone, the mile, the foot, the inch. */
const toOwn: Readonly<Record<string, readonly [unit: string, factor: number, offset?: number]>> = {
  kg: ['kg', 1],
  g: ['kg', 0.001],
  lb: ['kg', 0.45359237],
  st: ['kg', 6.35029318],
  m: ['m', 1],
  cm: ['m', 0.01],
  km: ['m', 1000],
  mi: ['m', 1609.344],
  ft: ['m', 0.3048],
  in: ['m', 0.0254],
  '%': ['%', 1],
  count: ['{step}', 1],
  steps: ['{step}', 1],
  'count/min': ['/min', 1],
  bpm: ['/min', 1],
  kcal: ['kcal', 1],
  Cal: ['kcal', 1],
  kJ: ['kcal', 1 / 4.184],
  degC: ['Cel', 1],
  degF: ['Cel', 5 / 9, -32],
  mmHg: ['mm[Hg]', 1],
  kPa: ['mm[Hg]', 7.500616827],
  s: ['s', 1],
  ms: ['ms', 1],
};

/** A value in the unit of a quantity; undefined when the unit is none of it. */
export function inOwnUnit(quantity: QuantityId, value: number, unit: string): number | undefined {
  const own = quantities[quantity].unit;
  if (own === 'kg/m2' || own === '{stage}') return value;
  const [to, factor, offset = 0] = toOwn[unit] ?? ['', 1];
  return to === own ? (value + offset) * factor : undefined;
}

const DAY_MS = 86_400_000;
const SLOTS = 32;

/**
 * Others give no numbers of their own: quantity and day stand for the boot, the time of day for the sequence, so that the same file
 * imported twice is kept once.
 */
export function foreignRow(
  device: string,
  quantity: QuantityId,
  value: number,
  startMs: number,
  endMs: number,
  zoneMin: number | null,
): NewMeasurement {
  const { code } = quantities[quantity];
  const day = Math.floor(startMs / DAY_MS);
  const slot = Math.abs(Math.round(endMs / 1000)) % SLOTS;
  return {
    device,
    boot: code * 65_536 + (day & 0xffff),
    sequence: (startMs - day * DAY_MS) * SLOTS + slot + 1,
    code,
    value,
    endUtcMs: endMs,
    spanMs: endMs - startMs,
    timeQuality: 'device',
    zoneMin,
  };
}

/** A device's name from free text: letters, digits and hyphens. */
export const deviceName = (prefix: string, name: string): string => {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40);
  return plain === '' ? prefix : `${prefix}:${plain}`;
};

/** Before the first body scale with a radio, and later than tomorrow, nothing was measured. */
export const isSensibleTime = (ms: number, nowMs: number): boolean =>
  Number.isFinite(ms) && ms > Date.UTC(1970, 0, 2) && ms < nowMs + DAY_MS;
