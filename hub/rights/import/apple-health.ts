/**
 * The XML that Apple's Health app exports: `Record` elements with type, unit, value and times with an offset. Read as a stream; entities
 * of its own are refused, so that nothing grows while it is read. What the hub has no quantity for is counted and left out.
 */
import type { QuantityId } from '../../../firmware/protocol/quantities.ts';
import type { NewMeasurement } from '../../store/vault.ts';
import { ArchiveError } from '../archive/archive-error.ts';
import { deviceName, foreignRow, inOwnUnit, isSensibleTime } from './foreign.ts';

const QUANTITY = 'HKQuantityTypeIdentifier';
/** By the name after the prefix; a fraction is a share of one where the hub says per cent. */
const kinds: Readonly<Record<string, { readonly quantity: QuantityId; readonly isFraction?: true }>> = {
  StepCount: { quantity: 'steps' },
  DistanceWalkingRunning: { quantity: 'distance' },
  ActiveEnergyBurned: { quantity: 'active_energy' },
  HeartRate: { quantity: 'heart_rate' },
  RespiratoryRate: { quantity: 'respiration_rate' },
  OxygenSaturation: { quantity: 'spo2', isFraction: true },
  BodyMass: { quantity: 'weight' },
  Height: { quantity: 'height' },
  BodyMassIndex: { quantity: 'bmi' },
  BodyFatPercentage: { quantity: 'fat_ratio', isFraction: true },
  LeanBodyMass: { quantity: 'fat_free_mass' },
  BloodPressureSystolic: { quantity: 'systolic' },
  BloodPressureDiastolic: { quantity: 'diastolic' },
  BodyTemperature: { quantity: 'body_temperature' },
};
/** Names of the values of HKCategoryTypeIdentifierSleepAnalysis, by the stages of the hub: awake, light, deep, REM, asleep in whatever stage. */
const stages: Readonly<Record<string, number>> = {
  HKCategoryValueSleepAnalysisAwake: 0,
  HKCategoryValueSleepAnalysisAsleepCore: 1,
  HKCategoryValueSleepAnalysisAsleepDeep: 2,
  HKCategoryValueSleepAnalysisAsleepREM: 3,
  HKCategoryValueSleepAnalysisAsleep: 4,
  HKCategoryValueSleepAnalysisAsleepUnspecified: 4,
};
/** HealthData, Correlation, Record, MetadataEntry: nothing honest lies deeper. */
const MOST_DEPTH = 12;
const MOST_ATTRIBUTE = 4096;

/** `2014-09-13 10:27:54 +0100` as UTC milliseconds with the offset in minutes. */
function timeOf(text: string): { ms: number; zoneMin: number } | undefined {
  const parts = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) ([+-])(\d\d)(\d\d)$/.exec(text);
  if (parts === null) return undefined;
  const [, day, time, sign, hours, minutes] = parts;
  const ms = Date.parse(`${day}T${time}${sign}${hours}:${minutes}`);
  const zoneMin = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  return Number.isNaN(ms) ? undefined : { ms, zoneMin };
}

/** A record's measurement; undefined when the hub keeps nothing of the kind. */
export function rowOfRecord(attributes: Readonly<Record<string, string>>, nowMs: number): NewMeasurement | undefined {
  const { type = '', unit = '', value = '', sourceName = '', startDate = '', endDate = '' } = attributes;
  const start = timeOf(startDate);
  const end = timeOf(endDate);
  if (start === undefined || end === undefined || end.ms < start.ms || !isSensibleTime(start.ms, nowMs) || !isSensibleTime(end.ms, nowMs))
    return undefined;
  const device = deviceName('apple-health', sourceName);
  const stage = stages[value];
  if (type === 'HKCategoryTypeIdentifierSleepAnalysis' && stage !== undefined)
    return foreignRow(device, 'sleep_stage', stage, start.ms, end.ms, start.zoneMin);
  const kind = type.startsWith(QUANTITY) ? kinds[type.slice(QUANTITY.length)] : undefined;
  const number = value.trim() === '' ? Number.NaN : Number(value);
  if (kind === undefined || !Number.isFinite(number)) return undefined;
  const own = inOwnUnit(kind.quantity, number, unit);
  if (own === undefined) return undefined;
  // A record of a fraction says `%` and 0.97; a share over one is in per cent already.
  const scaled = kind.isFraction === true && own <= 1 ? own * 100 : own;
  return foreignRow(device, kind.quantity, scaled, start.ms, end.ms, start.zoneMin);
}

/** Measurements of the XML, in its order; undefined for a record that is left out. Throws ArchiveError for what is no such XML. */
export async function* appleHealthRows(xml: AsyncIterable<Buffer>, nowMs: number): AsyncGenerator<NewMeasurement | undefined> {
  const { SaxesParser } = await import('saxes');
  const parser = new SaxesParser<{ xmlns: false }>({ xmlns: false });
  const decoder = new TextDecoder('utf-8');
  let found: (NewMeasurement | undefined)[] = [];
  let depth = 0;
  let isHealth = false;
  let inCorrelation = 0;
  parser.on('error', (error) => {
    throw new ArchiveError('form', `this XML cannot be read: ${error.message}`);
  });
  parser.on('doctype', (text) => {
    if (/<!ENTITY/i.test(text)) throw new ArchiveError('limit', 'this XML defines entities of its own, which an export never does');
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (++depth > MOST_DEPTH) throw new ArchiveError('limit', `this XML is nested more than ${MOST_DEPTH} deep`);
    if (depth === 1 && name !== 'HealthData') throw new ArchiveError('form', `this XML is of <${name}>, not an export of Apple Health`);
    isHealth = true;
    if (name === 'Correlation') inCorrelation++;
    // A record within a correlation stands at the top as well.
    if (name !== 'Record' || inCorrelation > 0) return;
    for (const value of Object.values(attributes))
      if (value.length > MOST_ATTRIBUTE) throw new ArchiveError('limit', `an attribute has more than ${MOST_ATTRIBUTE} characters`);
    found.push(rowOfRecord(attributes, nowMs));
  });
  parser.on('closetag', ({ name }) => {
    depth--;
    if (name === 'Correlation') inCorrelation--;
  });
  for await (const chunk of xml) {
    parser.write(decoder.decode(chunk, { stream: true }));
    const some = found;
    found = [];
    yield* some;
  }
  parser.write(decoder.decode());
  parser.close();
  yield* found;
  if (!isHealth) throw new ArchiveError('form', 'this file is empty');
}
