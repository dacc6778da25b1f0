/**
 * Older measurements, in blocks. A fold takes the oldest recent rows, a contiguous run of positions, and makes one block of each of its
 * streams (a quantity of a device). What a fold keeps can still be found by position, identity and time, and changed.
 */
import type Database from 'better-sqlite3-multiple-ciphers';
import { type Curve, decodeBlock, decodeCurve, encodeBlock } from './block.ts';
import { type Row, UNSET } from './row.ts';
import { levelsThatPay, type Summaries } from './summaries.ts';

export interface Stream {
  readonly code: number;
  readonly device: number;
}

export interface BlockFilter {
  readonly code?: number | undefined;
  readonly device?: number | undefined;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Blocks {
  /** Packs rows that lie in order of their positions. */
  fold(rows: readonly Row[]): void;
  /** Rows of one fold after another from a position on, each in order of positions; blocks outside the filter are left out. */
  pages(afterSeq: number, filter: BlockFilter): Generator<Row[]>;
  at(seq: number): Row | undefined;
  twin(device: number, boot: number, sequence: number): Row | undefined;
  /** The row of a stream that ends last. */
  newest(stream: Stream): Row | undefined;
  streams(): Stream[];
  /** Writes the block of this row anew, with another value. */
  rewrite(row: Row, value: number): void;
  /** Takes the rows at positions out, each block written anew once. Throws RangeError when one is not there. */
  drop(seqs: readonly number[]): void;
  /** Moves rows of a start of the hub in time. Returns their positions. */
  redate(hubBoot: number, from: number, to: number, shiftMs: number): number[];
  /** Times and values of a stream that overlap (fromMs, toMs], of blocks without a summary at the level. */
  curves(stream: Stream, fromMs: number, toMs: number, level: number): Curve[];
  readonly count: number;
  readonly head: number;
  /** After a transaction that failed. */
  forget(): void;
}

interface Place {
  readonly id: number;
  readonly fold: number;
  readonly code: number;
  readonly device: number;
  readonly body: Buffer;
}

/** Unpacked rows kept at hand, some 200 bytes each: one reader pages through a fold, a device that sends again looks into another. */
const MOST_UNPACKED_ROWS = 24_576;
const PLACE = 'id, fold, code, device, body';

export function createBlocks(database: Database.Database, summaries: Summaries): Blocks {
  const insert = database.prepare(
    `INSERT INTO block (fold, code, device, first_seq, last_seq, first_end, last_end, low_sequence, high_sequence, count, levels, unset, body)
     VALUES (@fold, @code, @device, @firstSeq, @lastSeq, @firstEnd, @lastEnd, @low, @high, @count, @levels, @unset, @body)`,
  );
  const update = database.prepare(
    `UPDATE block SET first_end = @firstEnd, last_end = @lastEnd, count = @count, unset = @unset, body = @body WHERE id = @id`,
  );
  const remove = database.prepare('DELETE FROM block WHERE id = ?');
  const addStream = database.prepare('INSERT INTO stream VALUES (?, ?) ON CONFLICT DO NOTHING');
  const selectStreams = database.prepare<[], Stream>('SELECT code, device FROM stream');
  const selectCount = database.prepare<[], { count: number | null }>('SELECT sum(count) AS count FROM block');
  const selectHead = database.prepare<[], { head: number | null }>('SELECT max(fold) AS head FROM block');
  const noteBoot = database.prepare(
    `INSERT INTO boot VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET last_seq = max(last_seq, excluded.last_seq),
       first_seq = min(first_seq, excluded.first_seq), high_sequence = max(high_sequence, excluded.high_sequence)`,
  );
  const selectBoot = database.prepare<[number, number], { first: number; last: number; high: number }>(
    'SELECT first_seq AS first, last_seq AS last, high_sequence AS high FROM boot WHERE device = ? AND boot = ?',
  );
  const selectNextFold = database.prepare<unknown[], { fold: number }>(
    `SELECT fold FROM block INDEXED BY block_by_fold WHERE fold > @after AND (@code IS NULL OR code = @code)
       AND (@device IS NULL OR device = @device) AND last_end >= @from AND first_end < @to ORDER BY fold LIMIT 1`,
  );
  const selectFold = database.prepare<unknown[], Place>(
    `SELECT ${PLACE} FROM block WHERE fold = @fold AND (@code IS NULL OR code = @code) AND (@device IS NULL OR device = @device)
       AND last_end >= @from AND first_end < @to`,
  );
  const selectAt = database.prepare<[number, number, number], Place>(
    `SELECT ${PLACE} FROM block WHERE fold = (SELECT min(fold) FROM block WHERE fold >= ?) AND first_seq <= ? AND last_seq >= ?`,
  );
  const selectTwins = database.prepare<[number, number, number, number, number], Place>(
    `SELECT ${PLACE} FROM block WHERE device = ? AND high_sequence >= ? AND low_sequence <= ? AND first_seq <= ? AND last_seq >= ?`,
  );
  const selectNewest = database.prepare<[number, number], Place>(
    `SELECT ${PLACE} FROM block WHERE code = ? AND device = ? ORDER BY last_end DESC LIMIT 1`,
  );
  const selectUnset = database.prepare<[], Place>(`SELECT ${PLACE} FROM block WHERE unset = 1`);
  const overlap = 'SELECT body FROM block INDEXED BY block_by_time WHERE code = ? AND device = ? AND last_end > ? AND first_end <= ?';
  const selectCurves = database.prepare<[number, number, number, number, number], { body: Buffer }>(`${overlap} AND (levels & ?) = 0`);
  const selectSummed = database.prepare<[number, number, number, number, number], { body: Buffer }>(`${overlap} AND (levels & ?) <> 0`);

  const unpacked = new Map<number, Row[]>();
  let unpackedRows = 0;
  const boots = new Map<string, { first: number; last: number; high: number } | undefined>();
  let count = selectCount.get()?.count ?? 0;

  const rowsOf = (place: Place): Row[] => {
    const known = unpacked.get(place.id);
    if (known !== undefined) return known;
    const rows = decodeBlock(place.body, place.device, place.code);
    unpackedRows += rows.length;
    for (const [id, oldest] of unpacked) {
      if (unpackedRows <= MOST_UNPACKED_ROWS) break;
      unpacked.delete(id);
      unpackedRows -= oldest.length;
    }
    unpacked.set(place.id, rows);
    return rows;
  };
  const facts = (rows: readonly Row[]) => {
    const range = (of: (row: Row) => number): [number, number] =>
      rows.reduce(
        ([low, high], row) => [Math.min(low, of(row)), Math.max(high, of(row))],
        [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
      );
    const [firstEnd, lastEnd] = range(({ endMs }) => endMs);
    const [low, high] = range(({ sequence }) => sequence);
    const unset = rows.some(({ quality }) => quality >= UNSET) ? 1 : 0;
    return { firstEnd, lastEnd, low, high, unset, count: rows.length, body: Buffer.from(encodeBlock(rows)) };
  };
  const find = (seq: number): { place: Place; row: Row } | undefined => {
    for (const place of selectAt.all(seq, seq, seq)) {
      const row = rowsOf(place).find((one) => one.seq === seq);
      if (row !== undefined) return { place, row };
    }
    return undefined;
  };
  const replace = (place: Place, rows: readonly Row[]): void => {
    unpackedRows -= unpacked.get(place.id)?.length ?? 0;
    unpacked.delete(place.id);
    if (rows.length === 0) remove.run(place.id);
    else {
      const { firstEnd, lastEnd, unset, count, body } = facts(rows);
      update.run({ firstEnd, lastEnd, unset, count, body, id: place.id });
    }
  };
  /** Summaries of a span of a stream, counted again from its blocks. */
  const recount = (stream: Stream, fromMs: number, toMs: number): void =>
    summaries.rebuild(stream, fromMs, toMs, (lowMs, highMs, level) =>
      selectSummed.all(stream.code, stream.device, lowMs, highMs, 1 << level).map(({ body }) => decodeCurve(body)),
    );

  return {
    fold(rows) {
      const fold = rows.at(-1)!.seq;
      const streams = Map.groupBy(rows, ({ code, device }) => code * 65_536 + device);
      for (const own of streams.values()) {
        const { code, device } = own[0]!;
        const { levels, buckets } = levelsThatPay(own);
        insert.run({ fold, code, device, firstSeq: own[0]!.seq, lastSeq: own.at(-1)!.seq, levels, ...facts(own) });
        addStream.run(code, device);
        summaries.add({ code, device }, buckets);
      }
      for (const own of Map.groupBy(rows, ({ device, boot }) => `${device}/${boot}`).values()) {
        const { device, boot } = own[0]!;
        const high = own.reduce((most, { sequence }) => Math.max(most, sequence), 0);
        noteBoot.run(device, boot, own[0]!.seq, own.at(-1)!.seq, high);
      }
      boots.clear();
      count += rows.length;
    },
    *pages(afterSeq, { code, device, fromMs, toMs }) {
      const filter = { code: code ?? null, device: device ?? null, from: fromMs, to: toMs };
      let after = afterSeq;
      for (;;) {
        const next = selectNextFold.get({ ...filter, after });
        if (next === undefined) return;
        const places = selectFold.all({ ...filter, fold: next.fold });
        const rows = places.flatMap(rowsOf);
        if (places.length > 1) rows.sort((a, b) => a.seq - b.seq);
        const first = rows.findIndex(({ seq }) => seq > afterSeq);
        if (first >= 0) yield first === 0 ? rows : rows.slice(first);
        after = next.fold;
      }
    },
    at: (seq) => find(seq)?.row,
    twin(device, boot, sequence) {
      if (count === 0) return undefined;
      const key = `${device}/${boot}`;
      if (!boots.has(key)) {
        if (boots.size > 1000) boots.clear();
        boots.set(key, selectBoot.get(device, boot));
      }
      const known = boots.get(key);
      if (known === undefined || sequence > known.high) return undefined;
      for (const place of selectTwins.all(device, sequence, sequence, known.last, known.first)) {
        const row = rowsOf(place).find((one) => one.boot === boot && one.sequence === sequence);
        if (row !== undefined) return row;
      }
      return undefined;
    },
    newest({ code, device }) {
      const place = selectNewest.get(code, device);
      return place && decodeBlock(place.body, device, code).reduce((best, row) => (row.endMs >= best.endMs ? row : best));
    },
    streams: () => selectStreams.all(),
    rewrite({ seq }, value) {
      const found = find(seq);
      if (found === undefined) throw new RangeError(`no block has position ${seq}`);
      const { place, row } = found;
      replace(
        place,
        rowsOf(place).map((one) => (one === row ? { ...one, value } : one)),
      );
      recount(place, row.endMs, row.endMs);
    },
    drop(seqs) {
      const gone = new Map<number, { place: Place; rows: Set<Row> }>();
      for (const seq of seqs) {
        const found = find(seq);
        if (found === undefined) throw new RangeError(`no block has position ${seq}`);
        const known = gone.get(found.place.id) ?? { place: found.place, rows: new Set() };
        gone.set(found.place.id, known);
        known.rows.add(found.row);
      }
      for (const { place, rows } of gone.values()) {
        const dropped = new Set([...rows].map(({ seq }) => seq));
        replace(
          place,
          rowsOf(place).filter(({ seq }) => !dropped.has(seq)),
        );
        count -= dropped.size;
        const ends = [...rows].map(({ endMs }) => endMs);
        recount(
          place,
          ends.reduce((a, b) => Math.min(a, b)),
          ends.reduce((a, b) => Math.max(a, b)),
        );
      }
    },
    redate(hubBoot, from, to, shiftMs) {
      const moved: number[] = [];
      for (const place of selectUnset.all()) {
        const rows = rowsOf(place);
        const changed = rows.filter((row) => row.hubBoot === hubBoot && row.quality === from);
        if (changed.length === 0) continue;
        for (const { seq } of changed) moved.push(seq);
        const chosen = new Set(changed);
        replace(
          place,
          rows.map((row) => (chosen.has(row) ? { ...row, endMs: row.endMs + shiftMs, quality: to } : row)),
        );
        const ends = changed.map(({ endMs }) => endMs);
        const [low, high] = [ends.reduce((a, b) => Math.min(a, b)), ends.reduce((a, b) => Math.max(a, b))];
        recount(place, low, high);
        recount(place, low + shiftMs, high + shiftMs);
      }
      return moved;
    },
    curves: ({ code, device }, fromMs, toMs, level) =>
      selectCurves.all(code, device, fromMs, toMs, 1 << level).map(({ body }) => decodeCurve(body)),
    get count() {
      return count;
    },
    get head() {
      return selectHead.get()?.head ?? 0;
    },
    forget() {
      unpacked.clear();
      unpackedRows = 0;
      boots.clear();
      count = selectCount.get()?.count ?? 0;
    },
  };
}
