/**
 * Measurements as a FHIR R4 Bundle of Observations (hl7.org/fhir/R4/observation.html): LOINC where the quantity has a code, UCUM always,
 * blood pressure as the panel 85354-9 with its components, dense series by the hour with what was least and most.
 */
import { type Quantity, type QuantityId, quantities } from '../../../firmware/protocol/quantities.ts';
import type { Identity } from '../../people/identity.ts';
import type { StoredMeasurement } from '../../store/log-entry.ts';
import type { Vault } from '../../store/vault.ts';
import { isoTime, remembered } from './iso.ts';
import { type Hour, thinned } from './streams.ts';

const LOINC = 'http://loinc.org';
const UCUM = 'http://unitsofmeasure.org';
const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';
/** Names of our own for what LOINC has none. */
const OWN = 'urn:hearth:quantity';
const PATIENT = 'urn:hearth:person:me';
/** hl7.org/fhir/R4/observation-vitalsigns.html. */
const vitalSigns: ReadonlySet<QuantityId> = new Set([
  'weight',
  'height',
  'bmi',
  'heart_rate',
  'respiration_rate',
  'spo2',
  'systolic',
  'diastolic',
  'body_temperature',
]);

const codeOf = ({ id, loinc, label }: Quantity): object => ({
  coding: [...(loinc === undefined ? [] : [{ system: LOINC, code: loinc, display: label }]), { system: OWN, code: id, display: label }],
  text: label,
});
/** Category and code of a quantity as they stand in each of its Observations. */
const heads = remembered((id) => {
  const quantity = quantities[id as QuantityId];
  return `"resourceType":"Observation","id":"@","status":"final","category":${JSON.stringify(categoryOf(quantity))},"code":${JSON.stringify(codeOf(quantity))},"subject":${JSON.stringify({ reference: PATIENT })},`;
});
const displays = remembered((device) => JSON.stringify({ display: device }));
const amountOf = (value: number, { unit }: Quantity): object => ({ value, unit, system: UCUM, code: unit });
const categoryOf = (quantity: Quantity): object[] => {
  const code = vitalSigns.has(quantity.id) ? 'vital-signs' : quantity.category === 'activity' ? 'activity' : 'exam';
  return [{ coding: [{ system: CATEGORY, code }] }];
};
const timeOf = (startMs: number, endMs: number): object =>
  startMs === endMs ? { effectiveDateTime: isoTime(endMs) } : { effectivePeriod: { start: isoTime(startMs), end: isoTime(endMs) } };

/** `more` is JSON without its braces. Written out: there are hundreds of thousands. */
function observation(id: string, quantity: QuantityId, device: string, startMs: number, endMs: number, more: string): string {
  const time =
    startMs === endMs
      ? `"effectiveDateTime":"${isoTime(endMs)}"`
      : `"effectivePeriod":{"start":"${isoTime(startMs)}","end":"${isoTime(endMs)}"}`;
  return `{"fullUrl":"urn:hearth:measurement:${id}","resource":{${heads(quantity).replace('"id":"@"', `"id":"${id}"`)}${time},${more},"device":${displays(device)}}}`;
}

const single = ({ seq, quantity, value, start, end, device }: StoredMeasurement): string =>
  observation(`m${seq}`, quantity, device, start, end, `"valueQuantity":${JSON.stringify(amountOf(value, quantities[quantity]))}`);

/** What was most and least of the hour stands beside as components (hl7.org/fhir/R4/valueset-observation-statistics.html). */
function hourly({ quantity, device, startMs, endMs, value, min, max }: Hour, number: number): string {
  const row = quantities[quantity];
  const statistic = (code: 'minimum' | 'maximum', of: number): object => ({
    code: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-statistics', code }], text: code },
    valueQuantity: amountOf(of, row),
  });
  const component = row.combine === 'sum' ? {} : { component: [statistic('minimum', min), statistic('maximum', max)] };
  const more = JSON.stringify({ valueQuantity: amountOf(value, row), ...component }).slice(1, -1);
  return observation(`h${number}`, quantity, device, startMs, endMs, more);
}

const panel = (systolic: StoredMeasurement, diastolic: StoredMeasurement): object => ({
  fullUrl: `urn:hearth:measurement:m${systolic.seq}`,
  resource: {
    resourceType: 'Observation',
    id: `m${systolic.seq}`,
    status: 'final',
    category: categoryOf(quantities.systolic),
    code: { coding: [{ system: LOINC, code: '85354-9', display: 'Blood pressure panel' }], text: 'Blood pressure' },
    subject: { reference: PATIENT },
    ...timeOf(systolic.start, systolic.end),
    component: [systolic, diastolic].map(({ quantity, value }) => ({
      code: codeOf(quantities[quantity]),
      valueQuantity: amountOf(value, quantities[quantity]),
    })),
    device: { display: systolic.device },
  },
});

function patient({ firstName, surname, birthDate, sex, email }: Identity): object {
  const name =
    firstName === undefined && surname === undefined
      ? {}
      : { name: [{ given: firstName === undefined ? undefined : [firstName], family: surname }] };
  return {
    fullUrl: PATIENT,
    resource: {
      resourceType: 'Patient',
      id: 'me',
      ...name,
      ...(birthDate === undefined ? {} : { birthDate }),
      ...(sex === undefined ? {} : { gender: sex }),
      ...(email === undefined ? {} : { telecom: [{ system: 'email', value: email }] }),
    },
  };
}

/** Pairs of systolic and diastolic of one moment become one; what has no twin stays single. */
export function* pressurePairs<T extends { readonly kind: string }>(
  items: Iterable<T | { readonly kind: 'single'; readonly measurement: StoredMeasurement }>,
): Generator<
  | T
  | { readonly kind: 'single'; readonly measurement: StoredMeasurement }
  | { readonly kind: 'pair'; readonly systolic: StoredMeasurement; readonly diastolic: StoredMeasurement }
> {
  const waiting = new Map<string, StoredMeasurement>();
  for (const item of items) {
    const measurement = item.kind === 'single' && 'measurement' in item ? item.measurement : undefined;
    if (measurement === undefined || (measurement.quantity !== 'systolic' && measurement.quantity !== 'diastolic')) {
      yield item;
      continue;
    }
    const key = `${measurement.device} ${measurement.end}`;
    const twin = waiting.get(key);
    if (twin === undefined || twin.quantity === measurement.quantity) {
      if (twin !== undefined) yield { kind: 'single', measurement: twin };
      waiting.set(key, measurement);
      continue;
    }
    waiting.delete(key);
    const [systolic, diastolic] = twin.quantity === 'systolic' ? [twin, measurement] : [measurement, twin];
    yield { kind: 'pair', systolic, diastolic };
  }
  for (const measurement of waiting.values()) yield { kind: 'single', measurement };
}

/** The Bundle, piece by piece. */
export function* fhirBundle(vault: Vault, upTo: number, identity: Identity): Generator<string> {
  yield `{"resourceType":"Bundle","type":"collection","entry":[\n${JSON.stringify(patient(identity))}`;
  let hours = 0;
  for (const item of pressurePairs(thinned(vault, upTo))) {
    const entry =
      item.kind === 'pair'
        ? JSON.stringify(panel(item.systolic, item.diastolic))
        : item.kind === 'hour'
          ? hourly(item, ++hours)
          : single(item.measurement);
    yield `,\n${entry}`;
  }
  yield '\n]}\n';
}
