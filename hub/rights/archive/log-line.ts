/**
 * A log's entry as a line of JSON and back, without loss: positions, times, who caused it, provenance. The person is `me` in it, so that
 * the same lines stand for them on another hub.
 */
import { isQuantityId, quantities } from '../../../firmware/protocol/quantities.ts';
import { utcMs } from '../../../firmware/protocol/time.ts';
import { entryOf, type LogEntry, type Provenance, type StoredMeasurement } from '../../store/log-entry.ts';
import type { TakenBack } from '../../store/vault.ts';
import { ArchiveError } from './archive-error.ts';
import { isoTime, remembered } from './iso.ts';

/** A gap or a calibration is a few hundred characters; nothing honest is longer than this. */
export const MOST_LINE_CHARACTERS = 64 * 1024;
/** ECMA-262: the days that a date can have. */
const MOST_MS = 8.64e15;

const iso = isoTime;
const quoted = remembered((text) => JSON.stringify(text));
/** In a block the time of a commit is whole seconds: the archive says no more, wherever the row lies. */
const secondsOf = (ms: number): string => iso(Math.floor(ms / 1000) * 1000);
const nullable = (value: number): number | null => (Number.isFinite(value) ? value : null);

function actorOf(by: string, own: string): string {
  if (!by.startsWith('person:')) return by;
  return by === `person:${own}` ? 'person:me' : 'person:other';
}

/** One line, its end included. `own`: the subject whose archive it is. */
export function lineOf(entry: LogEntry, provenance: Provenance | undefined, own: string): string {
  if (entry.kind === 'measured') return measuredLine(entry.seq, entry.atMs, actorOf(entry.by, own), entry.measurement, provenance);
  const common = { seq: entry.seq, at: secondsOf(entry.atMs), by: actorOf(entry.by, own), kind: entry.kind };
  return `${JSON.stringify({ ...common, ...bodyOf(entry), ...(provenance === undefined ? {} : { provenance }) })}\n`;
}

/** Written out: of these there are millions, and an object for each would take longer than all the rest. */
function measuredLine(seq: number, atMs: number, by: string, of: StoredMeasurement, provenance: Provenance | undefined): string {
  const { device, boot, sequence, quantity, value, start, end, timeQuality, flag, timeDoubt, zoneMin, deviceEnd } = of;
  const { unit, category } = quantities[quantity];
  const computed = provenance === undefined ? '' : `,"provenance":${JSON.stringify(provenance)}`;
  return `{"seq":${seq},"at":"${secondsOf(atMs)}","by":${quoted(by)},"kind":"measured","device":${quoted(device)},"boot":${boot},"sequence":${sequence},"quantity":"${quantity}","value":${number(value)},"unit":${quoted(unit)},"category":"${category}","start":"${iso(start)}","end":"${iso(end)}","timeQuality":"${timeQuality}","flag":"${flag}","timeDoubt":"${timeDoubt}","zoneMin":${zoneMin},"deviceEndMs":${deviceEnd}${computed}}\n`;
}

/** As JSON writes it: minus zero is zero. */
const number = (value: number): string => (Number.isFinite(value) ? String(value) : 'null');

function bodyOf(entry: Exclude<LogEntry, { readonly kind: 'measured' }>): object {
  switch (entry.kind) {
    case 'uncoded': {
      const { device, boot, sequence, code, value, endUtcMs, spanMs } = entry.measurement;
      return { device, boot, sequence, code, value: nullable(value), endMs: endUtcMs, spanMs };
    }
    case 'unknown':
      return { name: entry.name, body: entry.body };
    default: {
      const { seq: _seq, atMs: _atMs, by: _by, kind: _kind, ...body } = entry;
      return body;
    }
  }
}

interface Line {
  readonly seq: number;
  readonly at: string;
  readonly by: string;
  readonly kind: string;
  readonly provenance?: unknown;
  readonly [field: string]: unknown;
}

/** Reads a line. Throws ArchiveError that names the line and the field. */
export function entryOfLine(text: string, number: number, own: string): TakenBack {
  const wrong = (what: string): ArchiveError => new ArchiveError('content', `line ${number} of the log ${what}`);
  if (text.length > MOST_LINE_CHARACTERS) throw wrong(`has more than ${MOST_LINE_CHARACTERS} characters`);
  let line: Line;
  try {
    line = JSON.parse(text) as Line;
  } catch {
    throw wrong('is no JSON');
  }
  if (typeof line !== 'object' || line === null) throw wrong('is no object');
  const { seq, at, by, kind } = line;
  const atMs = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  if (!Number.isSafeInteger(seq) || seq < 1) throw wrong(`has the position ${JSON.stringify(seq)}`);
  if (!Number.isFinite(atMs)) throw wrong(`has the time ${JSON.stringify(at)}`);
  if (typeof by !== 'string' || typeof kind !== 'string') throw wrong('does not say who caused it, or what it is');
  const kept = { seq, atMs, by: by === 'person:me' ? `person:${own}` : by };
  const whole = (field: string): number => {
    const value = line[field];
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw wrong(`has ${JSON.stringify(value)} as ${field}`);
    return value;
  };
  const real = (field: string): number => {
    const value = line[field];
    if (value === null) return Number.NaN;
    if (typeof value !== 'number') throw wrong(`has ${JSON.stringify(value)} as ${field}`);
    return value;
  };
  const word = (field: string): string => {
    const value = line[field];
    if (typeof value !== 'string' || value === '') throw wrong(`has ${JSON.stringify(value)} as ${field}`);
    return value;
  };
  const time = (field: string): number => {
    const ms = Date.parse(word(field));
    if (!Number.isFinite(ms)) throw wrong(`has ${JSON.stringify(line[field])} as ${field}`);
    return ms;
  };
  const oneOf = <Word extends string>(field: string, words: readonly Word[]): Word => {
    const found = words.find((one) => one === line[field]);
    if (found === undefined) throw wrong(`has ${JSON.stringify(line[field])} as ${field}: one of ${words.join(', ')}`);
    return found;
  };
  if (kind === 'measured') {
    const quantity = word('quantity');
    if (!isQuantityId(quantity)) throw wrong(`has the quantity '${quantity}', which this hub does not know: update it`);
    const identity = { device: word('device'), boot: whole('boot'), sequence: whole('sequence') };
    const measurement: StoredMeasurement = {
      ...identity,
      seq,
      subject: own,
      quantity,
      value: real('value'),
      start: utcMs(time('start')),
      end: utcMs(time('end')),
      timeQuality: oneOf('timeQuality', ['synced', 'estimated', 'device'] as const),
      flag: oneOf('flag', ['ok', 'implausible'] as const),
      timeDoubt: oneOf('timeDoubt', ['none', 'future', 'ancient'] as const),
      zoneMin: line.zoneMin === null ? null : whole('zoneMin'),
      deviceEnd: line.deviceEndMs === null ? null : utcMs(whole('deviceEndMs')),
    };
    if (measurement.start > measurement.end || Math.abs(measurement.end) > MOST_MS) throw wrong('ends before it starts');
    return { entry: { ...kept, kind, measurement }, provenance: provenanceOf(line.provenance, wrong) };
  }
  if (kind === 'uncoded') {
    const identity = { device: word('device'), boot: whole('boot'), sequence: whole('sequence') };
    const rest = { code: whole('code'), value: real('value'), endUtcMs: whole('endMs'), spanMs: whole('spanMs') };
    return { entry: { ...kept, kind, measurement: { seq, ...identity, ...rest } }, provenance: provenanceOf(line.provenance, wrong) };
  }
  if (kind === 'unknown') return { entry: { ...kept, kind, name: word('name'), body: word('body') } };
  const { seq: _seq, at: _at, by: _by, kind: _kind, ...body } = line;
  const entry = entryOf(kept, kind, JSON.stringify(body));
  if (entry.kind === 'unknown') throw wrong(`is of the kind '${kind}', or not as that kind is`);
  return { entry };
}

function provenanceOf(value: unknown, wrong: (what: string) => ArchiveError): Provenance | undefined {
  if (value === undefined) return undefined;
  const { algorithm, version, inputs } = (value ?? {}) as Partial<Provenance>;
  if (typeof algorithm !== 'string' || typeof version !== 'string' || !Array.isArray(inputs)) throw wrong('has a provenance that is none');
  return { algorithm, version, inputs: inputs.map(String) };
}
