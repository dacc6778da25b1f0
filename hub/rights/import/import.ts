/** The way back in: whatever file a person has, an archive of Hearth or what another product gave them. */
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import type { NewMeasurement } from '../../store/vault.ts';
import { ArchiveError } from '../archive/archive-error.ts';
import { linesOf, openZip, type ZipReader } from '../archive/read.ts';
import { MANIFEST } from '../archive/write.ts';
import { accountRows, readsFile } from './account-export.ts';
import { appleHealthRows } from './apple-health.ts';
import { type ImportReport, type ImportTarget, importHearth } from './hearth.ts';

export type { ImportReport, ImportTarget } from './hearth.ts';

/** Lists of a day of a raw series stay below. */
const MOST_LINE = 256 * 1024;
const BATCH = 2000;

export interface ForeignImport extends ImportTarget {
  /** IANA zone of wall-clock times without an offset. */
  readonly zone: string;
  readonly nowMs: number;
  /** The file's name where it came from: a CSV is known by it. */
  readonly name: string;
}

/** Imports the file. Rejects with ArchiveError that says what is wrong and where. */
export async function importFile(file: string, options: ForeignImport): Promise<ImportReport> {
  const head = headOf(file);
  if (head.subarray(0, 2).toString('latin1') === 'PK') {
    using zip = await openZip(file);
    return await importZip(zip, options);
  }
  const text = head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (text.startsWith('<')) return importApple(createReadStream(file), options);
  const name = basename(options.name);
  if (readsFile(name)) return importAccount([[name, async () => createReadStream(file)]], options);
  if (text.startsWith('age-encryption.org/'))
    throw new ArchiveError('form', 'this copy is sealed: open it with its passphrase first (age -d FILE > FILE.zip)');
  throw new ArchiveError(
    'form',
    'this is neither an archive of Hearth, nor an export of Apple Health, nor a CSV of an account export with its own name',
  );
}

function headOf(file: string): Buffer {
  const head = Buffer.alloc(64);
  const descriptor = openSync(file, 'r');
  try {
    return head.subarray(0, readSync(descriptor, head, 0, head.length, 0));
  } finally {
    closeSync(descriptor);
  }
}

async function importZip(zip: ZipReader, options: ForeignImport): Promise<ImportReport> {
  if (zip.names.includes(MANIFEST)) return importHearth(zip, options);
  const xml = zip.names.find((name) => basename(name) === 'export.xml' || basename(name) === 'Export.xml');
  if (xml !== undefined) return importApple(await zip.read(xml), options);
  const tables = zip.names.filter((name) => readsFile(basename(name)));
  if (tables.length === 0)
    throw new ArchiveError(
      'form',
      `this ZIP has neither a manifest of Hearth, nor export.xml, nor weight.csv or the like, but ${zip.names.slice(0, 5).join(', ')}`,
    );
  return importAccount(
    tables.map((name) => [basename(name), () => zip.read(name)]),
    options,
  );
}

async function importApple(xml: Readable, options: ForeignImport): Promise<ImportReport> {
  const counts = await commitAll(appleHealthRows(xml as AsyncIterable<Buffer>, options.nowMs), options);
  return { form: 'apple-health', ...counts, notes: [] };
}

async function importAccount(
  files: readonly (readonly [name: string, open: () => Promise<Readable>])[],
  options: ForeignImport,
): Promise<ImportReport> {
  const total = { added: 0, known: 0, leftOut: 0 };
  const notes: string[] = [];
  for (const [name, open] of files) {
    try {
      const lines = linesOf((await open()) as AsyncIterable<Buffer>, MOST_LINE);
      const counts = await commitAll(accountRows(name, lines, options.zone, options.nowMs), options);
      total.added += counts.added;
      total.known += counts.known;
      total.leftOut += counts.leftOut;
    } catch (error) {
      // One odd file does not keep the others out.
      if (!(error instanceof ArchiveError) || error.kind !== 'content') throw error;
      notes.push(error.message);
    }
  }
  return { form: 'account-export', ...total, notes };
}

async function commitAll(rows: AsyncIterable<NewMeasurement | undefined>, { store, subject }: ForeignImport) {
  const vault = store.vault(subject);
  let [added, known, leftOut] = [0, 0, 0];
  let batch: NewMeasurement[] = [];
  const flush = async (): Promise<void> => {
    const some = batch;
    batch = [];
    const stored = await vault.commit(some);
    added += stored.length;
    known += some.length - stored.length;
  };
  for await (const row of rows) {
    if (row === undefined) leftOut++;
    else batch.push(row);
    if (batch.length >= BATCH) await flush();
  }
  if (batch.length > 0) await flush();
  return { added, known, leftOut };
}
