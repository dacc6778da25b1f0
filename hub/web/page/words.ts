/** Values, units and times in a household's words. Pure: the time is passed in. */
import type { Device, Quantity } from './shapes.ts';

/** UCUM codes that people write otherwise; a unit not listed is written as it is. */
const unitWords: Readonly<Record<string, string>> = {
  Cel: '°C',
  '[ppm]': 'ppm',
  '[ppb]': 'ppb',
  'ug/m3': 'µg/m³',
  'g/m3': 'g/m³',
  'Bq/m3': 'Bq/m³',
  'uS/cm': 'µS/cm',
  'uSv/h': 'µSv/h',
  um: 'µm',
  '/cm3': 'per cm³',
  m3: 'm³',
  'm3/h': 'm³/h',
  'kW.h': 'kWh',
  deg: '°',
  'deg/s': '°/s',
  'kg/m2': 'kg/m²',
  'mm[Hg]': 'mmHg',
  'dB[mW]': 'dBm',
  Ohm: 'Ω',
  a: 'years',
  '[g]': 'g',
  'kcal/d': 'kcal a day',
  '/min': 'a minute',
  '{step}': 'steps',
  '{step}/min': 'steps a minute',
  '{count}': 'counts',
  '{sample}': 'samples',
  '{stage}': '',
  '1': '',
};

export const unitWord = (ucum: string): string => unitWords[ucum] ?? ucum;

/** `CO2` and `um` as they are written on paper. */
export const labelWord = (label: string): string => label.replace('CO2', 'CO₂').replace(/\bum\b/, 'µm');

/** A number with as many digits as mean something. */
export const valueText = (value: number, decimals: number): string =>
  value.toLocaleString(undefined, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

/** Value and unit in one piece of text, for labels and screen readers. */
export function valueWithUnit(value: number, quantity: Quantity): string {
  const unit = unitWord(quantity.unit);
  return `${valueText(value, quantity.decimals)}${unit === '' ? '' : unit === '%' ? ' %' : ` ${unit}`}`;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export const clockTime = (ms: number): string => new Date(ms).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });

const isSameDay = (a: number, b: number): boolean => new Date(a).toDateString() === new Date(b).toDateString();

/** A point of time, as near as a person needs it: `14:03`, `yesterday, 14:03`, `3 May, 14:03`, `3 May 2025`. */
export function moment(ms: number, nowMs: number): string {
  if (isSameDay(ms, nowMs)) return clockTime(ms);
  if (isSameDay(ms, nowMs - DAY_MS)) return `yesterday, ${clockTime(ms)}`;
  const sameYear = new Date(ms).getFullYear() === new Date(nowMs).getFullYear();
  const day = new Date(ms).toLocaleDateString(undefined, { day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }) });
  return sameYear ? `${day}, ${clockTime(ms)}` : day;
}

/** How long ago: `just now`, `5 min ago`, then the moment itself. */
export function ago(ms: number, nowMs: number): string {
  const age = nowMs - ms;
  if (age < MINUTE_MS) return 'just now';
  if (age < HOUR_MS) return `${Math.floor(age / MINUTE_MS)} min ago`;
  return moment(ms, nowMs);
}

/** What a device says about itself is an alarm only while something is wrong with it. */
export const toneOf = ({ connected, state }: Pick<Device, 'connected' | 'state'>): 'alarm' | 'note' =>
  !connected || state === 'fault' ? 'alarm' : 'note';

export function startOfDay(ms: number): number {
  const day = new Date(ms);
  day.setHours(0, 0, 0, 0);
  return day.getTime();
}
