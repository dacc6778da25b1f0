/**
 * A batch as bytes. Measurements travel as columns: one series for each (device, boot, quantity), and in it one list for each
 * field. A list holds differences (positions, sequence numbers), differences of differences (times: a device measures at a
 * steady pace) or values as whole numbers of their last decimal, again as differences. What repeats is counted instead.
 *
 * Why not SenML (RFC 8428), which an edge takes as well: its records name each value's fields, a minute's worth of air costs
 * 60 bytes a value and still 8 when compressed. Why JSON and not CBOR or Parquet: the lists are short decimal numbers, which
 * zstd brings below two bytes; any language reads them; a person can look at a batch with two shell commands.
 */
import type { Static } from 'typebox';
import { mistakes } from '../../firmware/schema/check.ts';
import { Type } from '../../firmware/schema/type.ts';
import { BatchError } from './batch-error.ts';
import { type Batch, type Entry, type MeasuredEntry, MOST_ENTRIES, OtherEntry, qualityNumberOf, qualityOfNumber } from './entry.ts';

const Whole = Type.Integer();
/** A value and how often it stands there in a row. */
const Runs = Type.Array(Type.Tuple([Whole, Type.Integer({ minimum: 1, maximum: MOST_ENTRIES })]), { maxItems: MOST_ENTRIES });
const Position = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

export const Series = Type.Object({
  device: Type.String({ minLength: 1, maxLength: 128 }),
  boot: Type.Integer({ minimum: 0 }),
  code: Type.Integer({ minimum: 0, maximum: 65_535 }),
  seq: Type.Array(Whole, { maxItems: MOST_ENTRIES, description: 'differences; the first to `after`' }),
  sequence: Type.Array(Whole, { maxItems: MOST_ENTRIES, description: 'differences; the first to 0' }),
  end: Type.Array(Whole, {
    maxItems: MOST_ENTRIES,
    description: 'UTC ms: the first, the first difference, then differences of differences',
  }),
  span: Runs,
  quality: Runs,
  decimals: Type.Union([Type.Integer({ minimum: 0, maximum: 6 }), Type.Null()], {
    description: 'value counts units of 10^-decimals as differences; null: it holds the values themselves',
  }),
  value: Type.Array(Type.Union([Type.Number(), Type.Null()]), { maxItems: MOST_ENTRIES }),
});
type Series = Static<typeof Series>;

export const Pack = Type.Object({
  after: Position,
  upTo: Position,
  series: Type.Array(Series, { maxItems: MOST_ENTRIES }),
  others: Type.Array(OtherEntry, { maxItems: MOST_ENTRIES }),
});
export type Pack = Static<typeof Pack>;

/** More decimals than any sensor means; a value that needs more goes as it is. */
const MOST_DECIMALS = 6;

export function packOf({ after, upTo, entries }: Pick<Batch, 'after' | 'upTo' | 'entries'>): Pack {
  const groups = new Map<string, MeasuredEntry[]>();
  const others: OtherEntry[] = [];
  for (const entry of entries) {
    if (entry.kind !== 'measured') {
      others.push(entry);
      continue;
    }
    const key = `${entry.boot}/${entry.code}/${entry.device}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return { after, upTo, series: [...groups.values()].map((group) => seriesOf(group, after)), others };
}

/** Entries of a pack in the order of their positions. Throws {@link BatchError} when it is none. */
export function entriesOf(body: unknown): { after: number; upTo: number; entries: Entry[] } {
  const [mistake] = mistakes(Pack, body);
  if (mistake !== undefined) throw new BatchError(`the batch is wrong at ${mistake.instancePath || 'its top'}: ${mistake.message}`);
  const { after, upTo, series, others } = body as Pack;
  const count = series.reduce((sum, { seq }) => sum + seq.length, others.length);
  if (count > MOST_ENTRIES) throw new BatchError(`a batch of ${count} entries is too large: send ${MOST_ENTRIES} at most`);
  const entries = [...series.flatMap((one) => measuredOf(one, after)), ...others].sort((a, b) => a.seq - b.seq);
  let last = after;
  for (const { seq } of entries) {
    if (seq <= last) throw new BatchError(seq === last ? `position ${seq} is there twice` : `position ${seq} does not lie after ${after}`);
    last = seq;
  }
  if (last > upTo) throw new BatchError(`position ${last} lies beyond upTo ${upTo}`);
  return { after, upTo, entries };
}

function seriesOf(group: readonly MeasuredEntry[], after: number): Series {
  const { device, boot, code } = group[0]!;
  const values = group.map(({ value }) => value);
  const decimals = decimalsOf(values);
  return {
    device,
    boot,
    code,
    seq: differences(
      group.map(({ seq }) => seq),
      after,
    ),
    sequence: differences(
      group.map(({ sequence }) => sequence),
      0,
    ),
    end: steps(group.map(({ endUtcMs }) => endUtcMs)),
    span: runs(group.map(({ spanMs }) => spanMs)),
    quality: runs(group.map(qualityNumberOf)),
    decimals,
    value: decimals === null ? values : scaled(values, decimals),
  };
}

function measuredOf({ device, boot, code, decimals, ...columns }: Series, after: number): MeasuredEntry[] {
  const count = columns.seq.length;
  const seqs = sums(columns.seq, after);
  const sequences = sums(columns.sequence, 0);
  const ends = stepped(columns.end);
  const spans = spread(columns.span, count);
  const qualities = spread(columns.quality, count);
  const values = decimals === null ? columns.value : unscaled(columns.value, decimals);
  if ([sequences, ends, spans, qualities, values].some(({ length }) => length !== count))
    throw new BatchError(`the columns of ${device} (quantity ${code}) differ in length: each needs ${count} values`);
  return seqs.map((seq, index) => {
    const quality = qualityOfNumber(qualities[index]!);
    const endUtcMs = ends[index]!;
    const sequence = sequences[index]!;
    if (quality === undefined) throw new BatchError(`quality ${qualities[index]} of position ${seq} is none of 0 to 4`);
    if (![seq, sequence, endUtcMs].every(Number.isSafeInteger)) throw new BatchError(`a number of position ${seq} is out of range`);
    return { kind: 'measured', seq, device, boot, sequence, code, value: values[index]!, endUtcMs, spanMs: spans[index]!, ...quality };
  });
}

function differences(numbers: readonly number[], first: number): number[] {
  return numbers.map((number, index) => number - (index === 0 ? first : numbers[index - 1]!));
}

function sums(column: readonly number[], first: number): number[] {
  let sum = first;
  return column.map((difference) => {
    sum += difference;
    return sum;
  });
}

const steps = (times: readonly number[]): number[] => {
  const first = differences(times, 0);
  return first.map((step, index) => (index < 2 ? step : step - first[index - 1]!));
};

function stepped(column: readonly number[]): number[] {
  let step = 0;
  let time = 0;
  return column.map((number, index) => {
    step = index < 2 ? number : step + number;
    time += step;
    return time;
  });
}

function runs(numbers: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last?.[0] === number) last[1]++;
    else found.push([number, 1]);
  }
  return found;
}

function spread(found: readonly (readonly [number, number])[], count: number): number[] {
  const total = found.reduce((sum, [, times]) => sum + times, 0);
  if (total !== count) throw new BatchError(`runs of ${total} values stand beside ${count} positions`);
  return found.flatMap(([number, times]) => new Array<number>(times).fill(number));
}

/** Fewest decimals that give every value back exactly; null when none do. */
function decimalsOf(values: readonly (number | null)[]): number | null {
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals++) {
    const scale = 10 ** decimals;
    if (values.every((value) => value === null || isExact(value, scale))) return decimals;
  }
  return null;
}

function isExact(value: number, scale: number): boolean {
  const count = Math.round(value * scale);
  return Number.isSafeInteger(count) && count / scale === value;
}

function scaled(values: readonly (number | null)[], decimals: number): (number | null)[] {
  let last = 0;
  return values.map((value) => {
    if (value === null) return null;
    const count = Math.round(value * 10 ** decimals);
    const difference = count - last;
    last = count;
    return difference;
  });
}

function unscaled(column: readonly (number | null)[], decimals: number): (number | null)[] {
  let count = 0;
  return column.map((difference) => {
    if (difference === null) return null;
    count += difference;
    return count / 10 ** decimals;
  });
}
