/**
 * Measurements as Open mHealth data points (openmhealth.org, schemas of the `omh` namespace), one a line. What has no schema there is
 * left out: the log has it. Dense series go by the hour, as an average or a sum.
 */
import { createHash } from 'node:crypto';
import { type QuantityId, quantities } from '../../../firmware/protocol/quantities.ts';
import type { StoredMeasurement } from '../../store/log-entry.ts';
import type { Vault } from '../../store/vault.ts';
import { pressurePairs } from './fhir.ts';
import { isoTime } from './iso.ts';
import { type Hour, thinned } from './streams.ts';

interface Schema {
  readonly name: string;
  readonly version: string;
  readonly field: string;
  /** Unit of the schema; undefined: a bare number. */
  readonly unit: string | undefined;
  /** Whether it stands for a span and never for a moment. */
  readonly isSpan?: true;
  /** Further fields that the schema knows. */
  readonly more?: object;
}

// biome-ignore format: a table reads by columns, one row a line
const schemas: Partial<Record<QuantityId, Schema>> = {
  weight: { name: 'body-weight', version: '2.0', field: 'body_weight', unit: 'kg' },
  height: { name: 'body-height', version: '1.0', field: 'body_height', unit: 'm' },
  bmi: { name: 'body-mass-index', version: '2.0', field: 'body_mass_index', unit: 'kg/m^2' },
  fat_ratio: { name: 'body-fat-percentage', version: '1.0', field: 'body_fat_percentage', unit: '%' },
  heart_rate: { name: 'heart-rate', version: '2.0', field: 'heart_rate', unit: 'beats/min' },
  rr_interval: { name: 'rr-interval', version: '1.0', field: 'rr_interval', unit: 'ms' },
  respiration_rate: { name: 'respiratory-rate', version: '2.0', field: 'respiratory_rate', unit: 'breaths/min' },
  spo2: { name: 'oxygen-saturation', version: '2.0', field: 'oxygen_saturation', unit: '%', more: { system: 'peripheral capillary', measurement_method: 'pulse oximetry' } },
  body_temperature: { name: 'body-temperature', version: '3.0', field: 'body_temperature', unit: 'C' },
  steps: { name: 'step-count', version: '2.0', field: 'step_count', unit: undefined, isSpan: true },
  active_energy: { name: 'calories-burned', version: '2.0', field: 'kcal_burned', unit: 'kcal', isSpan: true },
  sleep_duration: { name: 'total-sleep-time', version: '1.0', field: 'total_sleep_time', unit: 'sec', isSpan: true },
};

const iso = isoTime;
/** An interval of a count needs a length: a second, where the device gave none. */
const LEAST_SPAN_MS = 1000;

function timeFrame(startMs: number, endMs: number, isSpan: boolean): object {
  if (startMs === endMs && !isSpan) return { date_time: iso(endMs) };
  const from = startMs === endMs ? endMs - LEAST_SPAN_MS : startMs;
  return { time_interval: { start_date_time: iso(from), end_date_time: iso(endMs) } };
}

/** A version 5 UUID (RFC 9562) of the measurement's own name: the same on every hub. */
export function uuidOf(name: string): string {
  const bytes = createHash('sha1').update('hearth measurement').update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function dataPoint(id: string, schema: Pick<Schema, 'name' | 'version'>, device: string, endMs: number, body: object): string {
  const modality = device.startsWith('by-hand') ? 'self-reported' : 'sensed';
  const header = {
    id: uuidOf(id),
    creation_date_time: iso(endMs),
    schema_id: { namespace: 'omh', name: schema.name, version: schema.version },
    acquisition_provenance: { source_name: `Hearth, ${device}`, source_creation_date_time: iso(endMs), modality },
  };
  return `${JSON.stringify({ header, body })}\n`;
}

const amountOf = (value: number, unit: string | undefined): unknown => (unit === undefined ? value : { value, unit });
const identityOf = ({ device, boot, sequence }: StoredMeasurement): string => `${device}/${boot}/${sequence}`;

function single(measurement: StoredMeasurement): string {
  const { quantity, value, start, end, device } = measurement;
  const schema = schemas[quantity];
  if (schema === undefined) return '';
  const time = timeFrame(start, end, schema.isSpan === true);
  const body = { [schema.field]: amountOf(value, schema.unit), effective_time_frame: time, ...schema.more };
  return dataPoint(identityOf(measurement), schema, device, end, body);
}

function hourly({ quantity, device, startMs, endMs, value }: Hour): string {
  const schema = schemas[quantity];
  if (schema === undefined) return '';
  const statistic = quantities[quantity].combine === 'sum' ? {} : { descriptive_statistic: 'average' };
  const body = {
    [schema.field]: amountOf(value, schema.unit),
    effective_time_frame: timeFrame(startMs, endMs, true),
    ...statistic,
    ...schema.more,
  };
  return dataPoint(`${device}/${quantity}/${startMs}`, schema, device, endMs, body);
}

function pressure(systolic: StoredMeasurement, diastolic: StoredMeasurement): string {
  const unit = 'mmHg';
  return dataPoint(identityOf(systolic), { name: 'blood-pressure', version: '3.0' }, systolic.device, systolic.end, {
    systolic_blood_pressure: { value: systolic.value, unit },
    diastolic_blood_pressure: { value: diastolic.value, unit },
    effective_time_frame: timeFrame(systolic.start, systolic.end, false),
  });
}

/** Data points, one a line. */
export function* dataPoints(vault: Vault, upTo: number): Generator<string> {
  for (const item of pressurePairs(thinned(vault, upTo))) {
    const line =
      item.kind === 'pair' ? pressure(item.systolic, item.diastolic) : item.kind === 'hour' ? hourly(item) : single(item.measurement);
    if (line !== '') yield line;
  }
}
