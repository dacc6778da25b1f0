/** The entries of a log that are no measurements, and what stands beside the measurements: identities that were removed, provenance. */
import type Database from 'better-sqlite3-multiple-ciphers';
import { bodyOf, type EntryKind, entryOf, type GapCause, type LogEntry, type NewEntry, type Provenance } from './log-entry.ts';
import type { Row } from './row.ts';

export interface Gap {
  readonly device: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly cause: GapCause;
  readonly lost?: number | undefined;
}

interface EntryRow {
  readonly seq: number;
  readonly at: number;
  readonly by: string;
  readonly kind: string;
  readonly body: string;
}

export interface Entries {
  put(seq: number, atMs: number, by: string, entry: NewEntry): LogEntry;
  after(seq: number, limit: number): LogEntry[];
  /** Entries of one kind, oldest first. */
  ofKind(kind: EntryKind): LogEntry[];
  /** Entries about a measurement. */
  about(seq: number): LogEntry[];
  gaps(query: { readonly device?: string | undefined; readonly fromMs: number; readonly toMs: number }): Gap[];
  /** Deletes what was said about a measurement, and notes its identity as removed. */
  strike(row: Row): void;
  isRemoved(device: number, boot: number, sequence: number): boolean;
  addProvenance(seq: number, provenance: Provenance): void;
  provenance(seq: number): Provenance | undefined;
  /** Positions whose provenance names an id among its inputs. */
  computedFrom(id: string): number[];
  segments(): { readonly seq: number; readonly file: string }[];
  provenances(fromSeq: number, toSeq: number): ReadonlyMap<number, Provenance>;
  /** An identity that was removed elsewhere, before its log came here. */
  noteRemoved(device: number, boot: number, sequence: number): void;
  /** A kind of a newer hub, as it came. */
  putUnknown(entry: LogEntry & { readonly kind: 'unknown' }): void;
  readonly head: number;
  /** UTC milliseconds; 0 when nothing was ever removed. */
  readonly lastRemovalMs: number;
}

/** Gaps of one answer: more say no more on a chart. */
const MOST_GAPS = 5000;

export function createEntries(database: Database.Database): Entries {
  const add = database.prepare('INSERT INTO entry (seq, at, by, kind, of, body) VALUES (?, ?, ?, ?, ?, ?)');
  const selectAfter = database.prepare<[number, number], EntryRow>('SELECT * FROM entry WHERE seq > ? ORDER BY seq LIMIT ?');
  const selectKind = database.prepare<[string], EntryRow>('SELECT * FROM entry WHERE kind = ? ORDER BY seq');
  const selectAbout = database.prepare<[number], EntryRow>('SELECT * FROM entry WHERE of = ? ORDER BY seq');
  const selectGaps = database.prepare<(string | number | null)[], EntryRow>(
    `SELECT seq, at, by, kind, body FROM entry WHERE kind = 'gap' AND body ->> 'fromMs' < ? AND body ->> 'toMs' > ?
       AND (? IS NULL OR body ->> 'device' IN (?, '*')) ORDER BY body ->> 'fromMs' LIMIT ${MOST_GAPS}`,
  );
  const selectHead = database.prepare<[], { head: number | null }>('SELECT max(seq) AS head FROM entry');
  const selectRemoval = database.prepare<[], { at: number | null }>("SELECT max(at) AS at FROM entry WHERE kind = 'removed'");
  const note = database.prepare('INSERT INTO removed VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
  const selectRemoved = database.prepare<[number, number, number], { yes: 1 }>(
    'SELECT 1 AS yes FROM removed WHERE device = ? AND boot = ? AND sequence = ?',
  );
  const anyRemoved = database.prepare<[], { yes: number }>('SELECT EXISTS (SELECT 1 FROM removed) AS yes');
  const deletes = ['entry WHERE of', 'provenance WHERE seq'].map((place) => database.prepare(`DELETE FROM ${place} = ?`));
  const addProvenance = database.prepare('INSERT INTO provenance VALUES (?, ?, ?, ?)');
  const selectProvenance = database.prepare<[number], { algorithm: string; version: string; inputs: string }>(
    'SELECT algorithm, version, inputs FROM provenance WHERE seq = ?',
  );
  const selectSegments = database.prepare<[], { seq: number; file: string }>(
    "SELECT seq, body ->> 'file' AS file FROM entry WHERE kind = 'segment' ORDER BY seq",
  );
  const selectComputed = database.prepare<[string], { seq: number }>('SELECT seq FROM provenance WHERE instr(inputs, ?) > 0 ORDER BY seq');
  const selectProvenances = database.prepare<[number, number], { seq: number; algorithm: string; version: string; inputs: string }>(
    'SELECT seq, algorithm, version, inputs FROM provenance WHERE seq BETWEEN ? AND ?',
  );
  const read = ({ seq, at, by, kind, body }: EntryRow): LogEntry => entryOf({ seq, atMs: at, by }, kind, body);
  // Most vaults never removed anything; then no row is looked up for it.
  let hasRemoved = anyRemoved.get()?.yes === 1;

  return {
    put(seq, atMs, by, entry) {
      const body = bodyOf(entry);
      add.run(seq, atMs, by, entry.kind, 'of' in entry ? entry.of : null, body);
      return entryOf({ seq, atMs, by }, entry.kind, body);
    },
    after: (seq, limit) => selectAfter.all(seq, limit).map(read),
    ofKind: (kind) => selectKind.all(kind).map(read),
    about: (seq) => selectAbout.all(seq).map(read),
    gaps: ({ device = null, fromMs, toMs }) =>
      selectGaps.all(toMs, fromMs, device, device).flatMap((row) => {
        const entry = read(row);
        return entry.kind === 'gap'
          ? [{ device: entry.device, fromMs: entry.fromMs, toMs: entry.toMs, cause: entry.cause, lost: entry.lost }]
          : [];
      }),
    strike({ seq, device, boot, sequence }) {
      note.run(device, boot, sequence);
      for (const statement of deletes) statement.run(seq);
      hasRemoved = true;
    },
    isRemoved: (device, boot, sequence) => hasRemoved && selectRemoved.get(device, boot, sequence) !== undefined,
    addProvenance: (seq, { algorithm, version, inputs }) => addProvenance.run(seq, algorithm, version, JSON.stringify(inputs)),
    provenance(seq) {
      const row = selectProvenance.get(seq);
      return row && { algorithm: row.algorithm, version: row.version, inputs: JSON.parse(row.inputs) as string[] };
    },
    segments: () => selectSegments.all(),
    // A correction is rare: reading through is cheaper than an index that every commit keeps.
    computedFrom: (id) => selectComputed.all(JSON.stringify(id)).map(({ seq }) => seq),
    provenances: (fromSeq, toSeq) =>
      new Map(
        selectProvenances
          .all(fromSeq, toSeq)
          .map(({ seq, algorithm, version, inputs }) => [seq, { algorithm, version, inputs: JSON.parse(inputs) as string[] }]),
      ),
    noteRemoved(device, boot, sequence) {
      note.run(device, boot, sequence);
      hasRemoved = true;
    },
    putUnknown: ({ seq, atMs, by, name, body }) => void add.run(seq, atMs, by, name, null, body),
    get lastRemovalMs() {
      return selectRemoval.get()?.at ?? 0;
    },
    get head() {
      return selectHead.get()?.head ?? 0;
    },
  };
}
