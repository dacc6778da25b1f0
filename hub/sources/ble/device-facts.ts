/**
 * What every connected device is asked beside its family's own questions: who made it, its serial number, its battery, its clock. Pure.
 * Sources: Device Information 1.1, Battery 1.1, Current Time 1.1 services.
 */
import type { BleValue } from './advertisement.ts';
import { decodeCharacteristic } from './gatt/characteristics/table.ts';
import { type CivilTime, isoOf } from './gatt/civil-time.ts';
import { CURRENT_TIME } from './gatt/control/current-time.ts';

/** Read before anything else is done: what is told afterwards is dated by it. */
export const CLOCKS = [CURRENT_TIME, '2a08'] as const;
export const BATTERY = '2a19';
const FACTS = { '2a29': 'maker', '2a24': 'model', '2a25': 'serial', '2a26': 'firmware' } as const;
/** Read once the family's questions are under way. */
export const ABOUT = [...Object.keys(FACTS), BATTERY];

/** As the device calls itself; what it does not say is not there. */
export interface DeviceFacts {
  readonly maker?: string;
  readonly model?: string;
  readonly serial?: string;
  readonly firmware?: string;
}

export type Fact =
  | { readonly kind: 'about'; readonly facts: DeviceFacts }
  | { readonly kind: 'values'; readonly values: readonly BleValue[] }
  /** Its wall clock, as it wrote it. */
  | { readonly kind: 'clock'; readonly civil: string };

/** Makers fill unused texts with blanks, zeros or a word for nothing. */
const EMPTY = new Set(['', '0', 'n/a', 'none', 'null', 'unknown', 'serial number', 'model number']);
const LONGEST_TEXT = 60;

/** What an answer to one of those questions says; undefined for no answer, or none that means something. */
export function factOf(characteristic: string, bytes: Uint8Array | null): Fact | undefined {
  const decoding = bytes === null ? undefined : decodeCharacteristic(characteristic, bytes);
  if (decoding?.ok !== true) return undefined;
  const { fields } = decoding.decoded;
  if (characteristic in FACTS) {
    const text = typeof fields.value === 'string' ? fields.value.replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '').trim() : '';
    if (EMPTY.has(text.toLowerCase())) return undefined;
    return { kind: 'about', facts: { [FACTS[characteristic as keyof typeof FACTS]]: text.slice(0, LONGEST_TEXT) } };
  }
  if (characteristic === BATTERY)
    return typeof fields.value === 'number' && fields.value <= 100
      ? { kind: 'values', values: [{ quantity: 'battery', value: fields.value }] }
      : undefined;
  const civil = isoOf((fields.dateTime ?? fields.value) as CivilTime);
  return civil === undefined ? undefined : { kind: 'clock', civil };
}
