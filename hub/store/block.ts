/**
 * A block: some thousand measurements of one quantity of one device, packed. Pure: rows in, bytes out, and back exactly.
 *
 * Two deflated parts, so that a chart unpacks only what it draws: times and values; everything else. Layout: format (1 byte), count,
 * length of the first part (LEB128), first part, second part.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { createByteReader, createByteWriter, readIntegers, readingCodings, readReadings, writeIntegers } from './column.ts';
import type { Row } from './row.ts';

const FORMAT = 1;
/** Rows of one fold at most, with room; a longer count is damage and must not allocate. */
const MOST_ROWS = 1 << 20;
const LEVEL = 9;

/** What a chart draws. */
export interface Curve {
  readonly endMs: Float64Array;
  readonly value: Float64Array;
}

export function encodeBlock(rows: readonly Row[]): Uint8Array {
  const column = (of: (row: Row) => number): number[] => rows.map(of);
  const times = createByteWriter();
  writeIntegers(
    times,
    column(({ endMs }) => endMs),
  );
  const curves = readingCodings(Float64Array.from(rows, ({ value }) => value)).map((readings) => {
    const writer = createByteWriter();
    writer.bytes(times.finish());
    writer.bytes(readings);
    return deflateRawSync(writer.finish(), { level: LEVEL });
  });
  const curve = curves.reduce((best, one) => (one.length < best.length ? one : best));
  const rest = createByteWriter();
  for (const of of columns) writeIntegers(rest, column(of));
  const packed = deflateRawSync(rest.finish(), { level: LEVEL });
  const block = createByteWriter();
  block.varint(FORMAT);
  block.varint(rows.length);
  block.varint(curve.length);
  block.bytes(curve);
  block.bytes(packed);
  return block.finish().slice();
}

/** Seconds from the end of the measurement to its commit: nearly the same for all, whatever the milliseconds do. */
const lagS = ({ atMs, endMs }: Row): number => Math.floor(atMs / 1000) - Math.floor(endMs / 1000);

/** Columns of the second part, in order. Append, never reorder: blocks at rest are read by this list. */
const columns: readonly ((row: Row) => number)[] = [
  ({ seq }) => seq,
  lagS,
  ({ boot }) => boot,
  ({ sequence }) => sequence,
  ({ spanMs }) => spanMs,
  ({ quality }) => quality,
  ({ hubBoot }) => hubBoot,
  ({ zoneMin }) => (zoneMin === null ? 0 : 1),
  ({ zoneMin }) => zoneMin ?? 0,
  ({ deviceLeadMs }) => (deviceLeadMs === null ? 0 : 1),
  ({ deviceLeadMs }) => deviceLeadMs ?? 0,
  ({ doubt }) => doubt,
];

interface Parts {
  readonly count: number;
  readonly curve: Uint8Array;
  readonly rest: Uint8Array;
}

function partsOf(block: Uint8Array): Parts {
  const reader = createByteReader(block);
  const format = reader.varint();
  if (format !== FORMAT) throw new RangeError(`a block has form ${format}, this hub knows ${FORMAT}`);
  const count = reader.varint();
  if (count > MOST_ROWS) throw new RangeError(`a block claims ${count} rows`);
  const curve = reader.bytes(reader.varint());
  return { count, curve, rest: block.subarray(curve.byteOffset - block.byteOffset + curve.length) };
}

const curveOf = ({ count, curve }: Parts): Curve => {
  const reader = createByteReader(inflateRawSync(curve));
  return { endMs: readIntegers(reader, count), value: readReadings(reader, count) };
};

/** Times and values alone. Throws RangeError or zlib's error when damaged. */
export const decodeCurve = (block: Uint8Array): Curve => curveOf(partsOf(block));

/** Everything, in the order in which it was encoded. */
export function decodeBlock(block: Uint8Array, device: number, code: number): Row[] {
  const parts = partsOf(block);
  const { endMs, value } = curveOf(parts);
  const reader = createByteReader(inflateRawSync(parts.rest));
  const [seq, lag, boot, sequence, span, quality, hubBoot, hasZone, zone, hasLead, lead, doubt] = columns.map(() =>
    readIntegers(reader, parts.count),
  ) as [Float64Array, ...Float64Array[]] & { length: 12 };
  return Array.from(seq, (own, index) => ({
    seq: own,
    atMs: (Math.floor(endMs[index]! / 1000) + lag![index]!) * 1000,
    device,
    boot: boot![index]!,
    sequence: sequence![index]!,
    code,
    value: value[index]!,
    endMs: endMs[index]!,
    spanMs: span![index]!,
    quality: quality![index]!,
    hubBoot: hubBoot![index]!,
    zoneMin: hasZone![index] === 1 ? zone![index]! : null,
    deviceLeadMs: hasLead![index] === 1 ? lead![index]! : null,
    doubt: doubt![index]!,
  }));
}
