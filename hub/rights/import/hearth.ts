/**
 * Brings an archive of Hearth back. Into an empty vault everything comes as it was, positions and times included, so that the next
 * archive has the same bytes; an import that was interrupted goes on. Into a vault with a life of its own come the measurements it does
 * not have.
 */
import { createHash, createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { quantities } from '../../../firmware/protocol/quantities.ts';
import type { Identity } from '../../people/identity.ts';
import { identityFields } from '../../people/identity.ts';
import type { People } from '../../people/people.ts';
import { HOME } from '../../people/subjects.ts';
import type { StoredMeasurement } from '../../store/log-entry.ts';
import type { Store } from '../../store/store.ts';
import type { NewMeasurement, TakenBack, Vault } from '../../store/vault.ts';
import { ArchiveError } from '../archive/archive-error.ts';
import { entryOfLine, MOST_LINE_CHARACTERS } from '../archive/log-line.ts';
import { linesOf, openZip, type ZipReader } from '../archive/read.ts';
import { MANIFEST, type Manifest, SIGNATURE } from '../archive/write.ts';

export interface ImportTarget {
  readonly data: string;
  readonly store: Store;
  readonly people: Pick<People, 'identities'>;
  readonly subject: string;
  /** The home’s part too. */
  readonly withHome: boolean;
}

export interface ImportReport {
  readonly form: 'hearth' | 'apple-health' | 'account-export';
  /** Measurements that are new here. */
  readonly added: number;
  /** Read, and known already. */
  readonly known: number;
  /** Read, and of no quantity that the hub keeps. */
  readonly leftOut: number;
  readonly notes: readonly string[];
}

/** Entries of one transaction: some 50 ms of a Pi. */
const BATCH = 5000;
const MOST_MANIFEST_BYTES = 8 * 2 ** 20;
const MOST_SMALL_BYTES = 256 * 1024;
/** Raw captures are read whole: an hour of three axes at 100 Hz is 2 MB. */
const MOST_RAW_BYTES = 256 * 2 ** 20;

/** Checks every file against the manifest, then brings back. Rejects with ArchiveError; what came before it stays and is known again. */
export async function importHearth(zip: ZipReader, target: ImportTarget): Promise<ImportReport> {
  const notes: string[] = [];
  const manifest = await checked(zip, notes);
  let [added, known] = [0, 0];
  for (const [folder, subject] of [
    ['me', target.subject],
    ['home', HOME],
  ] as const) {
    if (subject === HOME && !target.withHome) continue;
    if (!zip.names.includes(`${folder}/log.jsonl`)) continue;
    const count = await bringBack(zip, `${folder}/log.jsonl`, target.store.vault(subject), notes);
    added += count.added;
    known += count.known;
    for (const { path } of manifest.files) {
      const raw = new RegExp(`^${folder}/raw/([A-Za-z0-9][A-Za-z0-9._-]{0,120})$`).exec(path)?.[1];
      if (raw === undefined) continue;
      mkdirSync(`${target.data}/segments/${subject}`, { recursive: true, mode: 0o700 });
      const file = `${target.data}/segments/${subject}/${raw}`;
      writeFileSync(`${file}.draft`, await zip.bytes(path, MOST_RAW_BYTES), { mode: 0o600, flush: true });
      renameSync(`${file}.draft`, file);
    }
  }
  if (zip.names.includes('me/profile.json')) await bringProfile(zip, target, notes);
  return { form: 'hearth', added, known, leftOut: 0, notes };
}

/** Reads an archive through: every file is as its manifest says, and the signature is of it. Rejects with ArchiveError. */
export async function checkArchive(file: string): Promise<void> {
  using zip = await openZip(file);
  await checked(zip, []);
}

async function checked(zip: ZipReader, notes: string[]): Promise<Manifest> {
  const bytes = await zip.bytes(MANIFEST, MOST_MANIFEST_BYTES);
  let manifest: Manifest;
  try {
    manifest = JSON.parse(bytes.toString()) as Manifest;
  } catch {
    throw new ArchiveError('form', 'its manifest is no JSON');
  }
  if (manifest.format !== 'hearth-archive' || !Array.isArray(manifest.files))
    throw new ArchiveError('form', 'its manifest is not that of a Hearth archive');
  if (manifest.version !== 1)
    throw new ArchiveError('form', `it is of version ${manifest.version}, which this hub does not know: update it`);
  for (const { path, sha256 } of manifest.files)
    if ((await zip.sha256(path)) !== sha256)
      throw new ArchiveError('damaged', `${path} is not as it was written: take the archive from where it came from again`);
  const listed = new Set(manifest.files.map(({ path }) => path));
  const odd = zip.names.find((name) => !listed.has(name) && name !== MANIFEST && name !== SIGNATURE);
  if (odd !== undefined) throw new ArchiveError('form', `${odd} is in it, and its manifest does not know of it`);
  notes.push(await signatureNote(zip, createHash('sha256').update(bytes).digest('hex')));
  return manifest;
}

/** A broken signature is a changed archive; of which hub the key is, a person can compare. */
async function signatureNote(zip: ZipReader, sha256: string): Promise<string> {
  if (!zip.names.includes(SIGNATURE)) return 'It carries no signature.';
  const { manifestSha256, signature, key } = JSON.parse((await zip.bytes(SIGNATURE, MOST_SMALL_BYTES)).toString()) as {
    manifestSha256?: string;
    signature?: string;
    key?: JsonWebKey;
  };
  try {
    const isSigned =
      manifestSha256 === sha256 &&
      key !== undefined &&
      verify(null, Buffer.from(sha256), createPublicKey({ key, format: 'jwk' }), Buffer.from(signature ?? '', 'base64url'));
    if (isSigned) return `Signed by the hub whose key is ${key.x ?? ''}.`;
  } catch {
    // Said below.
  }
  throw new ArchiveError('damaged', 'its signature is not of its manifest: somebody changed it');
}

async function bringBack(zip: ZipReader, name: string, vault: Vault, notes: string[]): Promise<{ added: number; known: number }> {
  const before = vault.head();
  const isOwn = before === 0 || (await hasSameEntry(zip, name, vault, before));
  let batch: TakenBack[] = [];
  let [added, known, number] = [0, 0, 0];
  const flush = async (): Promise<void> => {
    const some = batch;
    batch = [];
    if (some.length === 0) return;
    if (isOwn) {
      await vault.takeBack(some);
      added += some.filter(({ entry }) => entry.kind === 'measured' || entry.kind === 'uncoded').length;
      return;
    }
    const rows = some.flatMap(({ entry, provenance }) => (entry.kind === 'measured' ? [rowOf(entry.measurement, provenance)] : []));
    const stored = await vault.commit(rows);
    added += stored.length;
    known += rows.length - stored.length;
  };
  try {
    for await (const line of linesOf(await zip.read(name), MOST_LINE_CHARACTERS)) {
      const taken = entryOfLine(line, ++number, vault.subject);
      if (isOwn && taken.entry.seq <= before) {
        if (taken.entry.kind === 'measured') known++;
        continue;
      }
      batch.push(taken);
      if (batch.length >= BATCH) await flush();
    }
    await flush();
  } catch (error) {
    if (error instanceof RangeError) throw new ArchiveError('content', `${name} is out of order: ${error.message}`);
    throw error;
  }
  if (!isOwn)
    notes.push(
      `${vault.subject === HOME ? 'The home' : 'Your vault'} had measurements already: those it did not have were added, its own history stays.`,
    );
  return { added, known };
}

/** Whether the vault is the beginning of this very log: an import that was interrupted. */
async function hasSameEntry(zip: ZipReader, name: string, vault: Vault, seq: number): Promise<boolean> {
  const [own] = vault.entries(seq - 1, 1);
  let number = 0;
  for await (const line of linesOf(await zip.read(name), MOST_LINE_CHARACTERS)) {
    const { entry } = entryOfLine(line, ++number, vault.subject);
    if (entry.seq < seq) continue;
    if (own === undefined || entry.seq !== seq || entry.kind !== own.kind) return false;
    if (entry.kind !== 'measured' || own.kind !== 'measured') return Math.floor(own.atMs / 1000) * 1000 === entry.atMs;
    const { device, boot, sequence } = own.measurement;
    const one = entry.measurement;
    return one.device === device && one.boot === boot && one.sequence === sequence;
  }
  return false;
}

const rowOf = (measurement: StoredMeasurement, provenance: TakenBack['provenance']): NewMeasurement => ({
  device: measurement.device,
  boot: measurement.boot,
  sequence: measurement.sequence,
  code: quantities[measurement.quantity].code,
  value: measurement.value,
  endUtcMs: measurement.end,
  spanMs: measurement.end - measurement.start,
  timeQuality: measurement.timeQuality,
  zoneMin: measurement.zoneMin,
  deviceEndUtcMs: measurement.deviceEnd,
  timeDoubt: measurement.timeDoubt,
  provenance,
});

/** Fields that are empty here are filled; what a person said here stays. */
async function bringProfile(zip: ZipReader, { people, subject }: ImportTarget, notes: string[]): Promise<void> {
  const profile = JSON.parse((await zip.bytes('me/profile.json', MOST_SMALL_BYTES)).toString()) as Record<string, unknown>;
  const own = people.identities.get(subject);
  const isOfForm = (field: string, value: unknown): boolean =>
    field === 'heightM' ? typeof value === 'number' : typeof value === 'string';
  const fresh = Object.entries(profile).filter(
    ([field, value]) => Object.hasOwn(identityFields, field) && !Object.hasOwn(own, field) && isOfForm(field, value),
  );
  // Ages decide rights: a birth date does not come in by a file once an account has one, and then it is not new.
  if (fresh.length === 0) return;
  people.identities.set(subject, { ...own, ...(Object.fromEntries(fresh) as Identity) });
  notes.push(`From the profile: ${fresh.map(([field]) => identityFields[field as keyof Identity].label.toLowerCase()).join(', ')}.`);
}
