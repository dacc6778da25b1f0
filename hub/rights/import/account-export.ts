/**
 * The account export of a connected-health company: a ZIP of CSV files. `weight.csv`, `height.csv` and `bp.csv` have dates of the wall
 * clock without an offset; `raw_*.csv` have an offset, and duration and value as lists. The language of a header follows the account, so
 * columns are known by their unit and place where their name is not.
 */
import { isPlausible, type QuantityId } from '../../../firmware/protocol/quantities.ts';
import type { NewMeasurement } from '../../store/vault.ts';
import { ArchiveError } from '../archive/archive-error.ts';
import { foreignRow, inOwnUnit, isSensibleTime } from './foreign.ts';

const DEVICE = 'account-export';

/** Cells of a line (RFC 4180). Undefined when a quote stays open. */
export function cellsOf(line: string): string[] | undefined {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (line[at] === '"') {
      let text = '';
      at++;
      for (;;) {
        const end = line.indexOf('"', at);
        if (end < 0) return undefined;
        text += line.slice(at, end);
        at = end + 1;
        if (line[at] !== '"') break;
        text += '"';
        at++;
      }
      cells.push(text);
    } else {
      const end = line.indexOf(',', at);
      cells.push(line.slice(at, end < 0 ? undefined : end));
      at = end < 0 ? line.length : end;
    }
    if (line[at] === undefined) return cells;
    if (line[at] !== ',') return undefined;
    at++;
  }
}

/** Wall-clock time of a zone as UTC milliseconds: the offset that holds there then. In the hour that comes twice, the earlier. */
export function wallTimeOf(text: string, zone: string): { ms: number; zoneMin: number } | undefined {
  const parts = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d))?$/.exec(text.trim());
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const wallMs = Date.UTC(year, month - 1, day, hour, minute, second || 0);
  const offsetAt = (ms: number): number => {
    const name = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
      .formatToParts(ms)
      .find(({ type }) => type === 'timeZoneName')!.value;
    const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(name) ?? [];
    return sign === undefined ? 0 : (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  };
  const candidates = [offsetAt(wallMs - 86_400_000), offsetAt(wallMs + 86_400_000)];
  const zoneMin = candidates.find((offset) => offsetAt(wallMs - offset * 60_000) === offset) ?? candidates[0]!;
  return Number.isNaN(wallMs) ? undefined : { ms: wallMs - zoneMin * 60_000, zoneMin };
}

interface Column {
  readonly quantity: QuantityId;
  readonly unit: string;
}
const unitIn = (header: string, otherwise: string): string => /\(([^)]+)\)/.exec(header)?.[1] ?? otherwise;
const isMass = (header: string): boolean => ['kg', 'lb', 'st'].includes(unitIn(header, ''));
/** Columns of weight.csv in their order: names change with the language, the order does not. */
const masses: readonly QuantityId[] = ['weight', 'fat_mass', 'bone_mass', 'muscle_mass', 'water_mass'];
const named: readonly (readonly [RegExp, QuantityId])[] = [
  [/^weight/i, 'weight'],
  [/^fat mass/i, 'fat_mass'],
  [/^bone/i, 'bone_mass'],
  [/^muscle/i, 'muscle_mass'],
  [/^hydration/i, 'water_mass'],
];

function columnsOf(file: string, header: readonly string[]): (Column | undefined)[] {
  switch (file) {
    case 'weight.csv': {
      const hasNames = header.some((name) => /^weight/i.test(name));
      let place = 0;
      return header.map((name) => {
        if (!isMass(name)) return undefined;
        const byName = named.find(([pattern]) => pattern.test(name))?.[1];
        const quantity = hasNames ? byName : masses[place++];
        return quantity === undefined ? undefined : { quantity, unit: unitIn(name, 'kg') };
      });
    }
    case 'height.csv':
      return header.map((name, index) => (index === 1 ? { quantity: 'height', unit: unitIn(name, 'm') } : undefined));
    case 'bp.csv':
      return header.map((_, index) =>
        index === 1
          ? { quantity: 'heart_rate', unit: 'bpm' }
          : index === 2
            ? { quantity: 'systolic', unit: 'mmHg' }
            : index === 3
              ? { quantity: 'diastolic', unit: 'mmHg' }
              : undefined,
      );
    default:
      return [];
  }
}

/** Raw series, by the name of their file. */
const raw: Readonly<Record<string, Column>> = {
  'raw_hr_hr.csv': { quantity: 'heart_rate', unit: 'bpm' },
  'raw_bed_hr.csv': { quantity: 'heart_rate', unit: 'bpm' },
  'raw_bed_respiratory-rate.csv': { quantity: 'respiration_rate', unit: 'bpm' },
  'raw_bed_sleep-state.csv': { quantity: 'sleep_stage', unit: '' },
  'raw_tracker_sleep-state.csv': { quantity: 'sleep_stage', unit: '' },
  'raw_tracker_steps.csv': { quantity: 'steps', unit: 'steps' },
  'raw_tracker_distance.csv': { quantity: 'distance', unit: 'm' },
  'raw_tracker_calories-earned.csv': { quantity: 'active_energy', unit: 'kcal' },
  'raw_spo2_auto_spo2.csv': { quantity: 'spo2', unit: '%' },
};
export const readsFile = (file: string): boolean => ['weight.csv', 'height.csv', 'bp.csv'].includes(file) || Object.hasOwn(raw, file);
export const RAW_HEADER = 'start,duration,value';

const MOST_LIST = 10_000;
const listIn = (cell: string): number[] | undefined => {
  const inner = /^\[(.*)\]$/.exec(cell.trim())?.[1];
  if (inner === undefined) return undefined;
  const numbers = inner === '' ? [] : inner.split(',').map(Number);
  return numbers.length > MOST_LIST || numbers.some((one) => !Number.isFinite(one)) ? undefined : numbers;
};

/**
 * Measurements of one file, by its lines; undefined for a value that is left out. Throws ArchiveError for a header that is none of it.
 * `zone`: of the wall clock (IANA).
 */
export async function* accountRows(
  file: string,
  lines: AsyncIterable<string> | Iterable<string>,
  zone: string,
  nowMs: number,
): AsyncGenerator<NewMeasurement | undefined> {
  let columns: (Column | undefined)[] | undefined;
  const series = raw[file];
  const device = `${DEVICE}:${file.replace(/\.csv$/, '')}`;
  let number = 0;
  for await (const text of lines) {
    number++;
    const line = number === 1 ? text.replace(/^\uFEFF/, '') : text;
    if (line.trim() === '') continue;
    const cells = cellsOf(line);
    if (columns === undefined) {
      columns = cells === undefined ? [] : columnsOf(file, cells);
      const isIt = series === undefined ? columns.some((column) => column !== undefined) : line.trim() === RAW_HEADER;
      if (!isIt) throw new ArchiveError('content', `${file} starts with ${JSON.stringify(line.slice(0, 80))}, which is not its header`);
      continue;
    }
    if (cells === undefined) {
      yield undefined;
      continue;
    }
    if (series === undefined) yield* wallRow(device, cells, columns, zone, nowMs);
    else yield* rawRow(device, cells, series, nowMs);
  }
}

function* wallRow(
  device: string,
  cells: readonly string[],
  columns: readonly (Column | undefined)[],
  zone: string,
  nowMs: number,
): Generator<NewMeasurement | undefined> {
  const at = wallTimeOf(cells[0] ?? '', zone);
  for (const [index, column] of columns.entries()) {
    const cell = cells[index]?.trim() ?? '';
    if (column === undefined || cell === '') continue;
    const value = inOwnUnit(column.quantity, Number(cell), column.unit);
    const isGood = at !== undefined && isSensibleTime(at.ms, nowMs) && value !== undefined && isPlausible(column.quantity, value);
    yield isGood ? foreignRow(device, column.quantity, value, at.ms, at.ms, at.zoneMin) : undefined;
  }
}

function* rawRow(
  device: string,
  cells: readonly string[],
  { quantity, unit }: Column,
  nowMs: number,
): Generator<NewMeasurement | undefined> {
  const startMs = Date.parse(cells[0] ?? '');
  const offset = /([+-])(\d\d):(\d\d)$/.exec(cells[0] ?? '');
  const durations = listIn(cells[1] ?? '');
  const values = listIn(cells[2] ?? '');
  if (!isSensibleTime(startMs, nowMs) || durations === undefined || values === undefined || durations.length !== values.length) {
    yield undefined;
    return;
  }
  const zoneMin = offset === null ? null : (Number(offset[2]) * 60 + Number(offset[3])) * (offset[1] === '-' ? -1 : 1);
  let fromMs = startMs;
  for (const [index, seconds] of durations.entries()) {
    const value = inOwnUnit(quantity, values[index]!, unit);
    const toMs = fromMs + Math.max(0, seconds) * 1000;
    yield value !== undefined && isPlausible(quantity, value) ? foreignRow(device, quantity, value, fromMs, toMs, zoneMin) : undefined;
    fromMs = toMs;
  }
}
