/**
 * Mi Smart Scale 1 and 2 (service data 0x181D, 10 bytes) and Mi Body Composition Scale 1 and 2 (0x181B, 13 bytes).
 * Source: what owners found (openScale wiki, ESPHome issue tracker); the time is the SIG's date-time layout.
 *
 * Weight unit 0.005 kg, 0.01 lb or 0.01 jin (catty, half a kilogram). The last weight is repeated, with the flag "removed", long
 * after the person stepped off: told as unsettled, so that nothing is counted twice. Without a check, so lengths, the date and the
 * quantity's bounds must fit.
 */
import type { AdvertisementFamily, BleEvent, BleValue, DecodedAdvertisement } from '../advertisement.ts';
import { u16le } from './fields.ts';
import { event, heard, refused, state, value } from './outcome.ts';

const KG_PER_POUND = 0.45359237;
const KG_PER_JIN = 0.5;
/** The scales bear 150 kg; less than half a kilogram is a scale coming to rest. */
const HEAVIEST_KG = 250;
const LIGHTEST_KG = 0.5;
/** What the scale writes where it measured no impedance. */
const IMPEDANCE_NONE = 0xfffd;

const two = (amount: number): string => String(amount).padStart(2, '0');

/** `2022-02-14T16:41:58` by the scale's own clock, empty where that was never set, or undefined where that is no date. */
function dateAt(bytes: Uint8Array, at: number): string | undefined {
  if (bytes.length >= at + 7 && bytes.subarray(at, at + 7).every((byte) => byte === 0)) return '';
  const [year, month, day, hour, minute, second] = [
    u16le(bytes, at),
    bytes[at + 2]!,
    bytes[at + 3]!,
    bytes[at + 4]!,
    bytes[at + 5]!,
    bytes[at + 6]!,
  ];
  if (year < 1970 || year > 2199 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59)
    return undefined;
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`;
}

const weightOf = (raw: number, pounds: boolean, jin: boolean): number =>
  Number((pounds ? (raw / 100) * KG_PER_POUND : jin ? (raw / 100) * KG_PER_JIN : raw / 200).toFixed(4));

function weighed(
  model: string,
  weightKg: number,
  flags: { readonly object: boolean; readonly removed: boolean; readonly stable: boolean },
  deviceTime: string,
  more: readonly BleValue[],
): DecodedAdvertisement {
  const events: BleEvent[] = [state('removed', flags.removed)];
  if (flags.object) events.push(event('weighing', 'object'));
  if (weightKg > HEAVIEST_KG) return refused(model, 'malformed');
  // A thing laid on the scale is not a person's weight
  const values = [value(flags.object ? 'object_mass' : 'weight', weightKg), ...more];
  return heard(model, values, {
    events,
    deviceTime: deviceTime === '' ? undefined : deviceTime,
    settled: flags.stable && !flags.removed && weightKg > LIGHTEST_KG,
  });
}

function smartScale(data: Uint8Array): DecodedAdvertisement | undefined {
  const control = data[0]!;
  const deviceTime = dateAt(data, 3);
  if (data.length !== 10 || deviceTime === undefined || (control & 0x0c) !== 0) return undefined;
  const flags = { object: (control & 0x40) !== 0, removed: (control & 0x80) !== 0, stable: (control & 0x20) !== 0 };
  return weighed('Mi Smart Scale', weightOf(u16le(data, 1), (control & 1) !== 0, (control & 0x10) !== 0), flags, deviceTime, []);
}

function bodyScale(data: Uint8Array): DecodedAdvertisement | undefined {
  const [unit, control] = [data[0]!, data[1]!];
  const deviceTime = dateAt(data, 2);
  if (data.length !== 13 || deviceTime === undefined || unit > 0x0f) return undefined;
  const flags = { object: (unit & 0x04) !== 0, removed: (control & 0x80) !== 0, stable: (control & 0x20) !== 0 };
  const impedance = u16le(data, 9);
  const more = (control & 0x02) !== 0 && impedance > 0 && impedance < IMPEDANCE_NONE ? [value('impedance', impedance)] : [];
  const weightKg = weightOf(u16le(data, 11), (unit & 1) !== 0, (control & 0x40) !== 0);
  return weighed('Mi Body Composition Scale', weightKg, flags, deviceTime, more);
}

export const miScale: AdvertisementFamily = {
  name: 'Mi Smart Scale, Mi Body Composition Scale',
  serviceData: ['181d', '181b'],
  // A scale that comes to rest tells less than any body weighs
  verbatim: true,
  decode({ serviceData }) {
    const body = serviceData.get('181b');
    const smart = serviceData.get('181d');
    return body !== undefined ? bodyScale(body) : smart !== undefined ? smartScale(smart) : undefined;
  },
};
