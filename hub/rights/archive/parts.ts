/** What an archive holds of a person, and of the home they live in. */
import { existsSync, readFileSync } from 'node:fs';
import { categories, type QuantityId, quantities } from '../../../firmware/protocol/quantities.ts';
import { PASSPHRASE_ID } from '../../people/choices.ts';
import type { People } from '../../people/people.ts';
import { HOME } from '../../people/subjects.ts';
import type { Store } from '../../store/store.ts';
import type { Vault } from '../../store/vault.ts';
import { CLIP_NAME, clipHeadOf, clipUnits } from '../../video/clip-file.ts';
import { csvField } from '../export.ts';
import { fhirBundle } from './fhir.ts';
import { isoTime, remembered } from './iso.ts';
import { lineOf } from './log-line.ts';
import { dataPoints } from './open-mhealth.ts';
import { sqliteFile } from './sqlite.ts';
import { PAGE_ROWS } from './streams.ts';
import type { Part } from './write.ts';

/** Whose archive, and up to where: the same scope gives the same bytes, unless something in it was changed since. */
export interface Scope {
  readonly subject: string;
  /** Positions up to which the vaults go; of the home undefined when it is left out. */
  readonly upTo: number;
  readonly homeUpTo: number | undefined;
  /** Row of the operations log. */
  readonly operationsUpTo: number;
}

export interface Sources {
  /** The hub's data folder. */
  readonly data: string;
  readonly store: Store;
  readonly people: People;
}

/** Names of raw captures as the store gives them: no path in them. */
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$/;

export const scopeOf = ({ store, people }: Sources, subject: string, withHome: boolean): Scope => ({
  subject,
  upTo: headOf(store, subject),
  homeUpTo: withHome ? headOf(store, HOME) : undefined,
  operationsUpTo: people.operations.head().seq,
});

/** A person of whom nothing was kept has no vault, and gets none by asking. */
const headOf = (store: Store, subject: string): number => (store.subjects().includes(subject) ? store.vault(subject).head() : 0);

/** Every entry up to a position, a line each. `onRows` is told how many measurements went by. */
function* logLines(vault: Vault, upTo: number, own: string, onRows: (rows: number) => void): Generator<string> {
  let after = 0;
  while (after < upTo) {
    const entries = vault.entries(after, PAGE_ROWS);
    const last = entries.at(-1);
    if (last === undefined) return;
    const provenances = vault.provenances(after + 1, last.seq);
    for (const entry of entries) if (entry.seq <= upTo) yield lineOf(entry, provenances.get(entry.seq), own);
    after = last.seq;
    onRows(entries.length);
  }
}

const csvText = remembered(csvField);
const csvWhat = remembered((quantity) => `${csvField(quantity)},${csvField(quantities[quantity as QuantityId].label)}`);
const csvUnit = remembered(
  (quantity) => `${csvField(quantities[quantity as QuantityId].unit)},${quantities[quantity as QuantityId].category}`,
);
const columns = ['quantity', 'label', 'value', 'unit', 'category', 'start', 'end', 'timeQuality', 'flag', 'device', 'id'] as const;

function* csv(vault: Vault, upTo: number, onRows: (rows: number) => void): Generator<string> {
  yield `${columns.join(',')}\r\n`;
  let rows = 0;
  for (const measurement of vault.range({})) {
    if (measurement.seq > upTo) continue;
    const { device, boot, sequence, quantity, value, start, end, timeQuality, flag } = measurement;
    const number = Number.isFinite(value) ? String(value) : '';
    const id = `${device}/${boot}/${sequence}`;
    const from = csvText(device);
    yield `${csvWhat(quantity)},${number},${csvUnit(quantity)},${isoTime(start)},${isoTime(end)},${timeQuality},${flag},${from},${from === device ? id : csvField(id)}\r\n`;
    if (++rows % PAGE_ROWS === 0) onRows(PAGE_ROWS);
  }
  onRows(rows % PAGE_ROWS);
}

function vaultParts(
  { data, store }: Sources,
  vault: Vault,
  upTo: number,
  folder: string,
  draft: string,
  onRows: (rows: number) => void,
): Part[] {
  const { subject } = vault;
  const raw = rawFiles(vault, upTo).filter((file) => existsSync(`${data}/segments/${subject}/${file}`));
  return [
    {
      path: `${folder}/log.jsonl`,
      what: 'Everything that was kept, in the order it was kept, with corrections, removals, gaps and provenance: what is brought back',
      isRestored: true,
      open: () => logLines(vault, upTo, subject, onRows),
    },
    {
      path: `${folder}/measurements.csv`,
      what: 'Every measurement, for a spreadsheet',
      isRestored: false,
      open: () => csv(vault, upTo, onRows),
    },
    {
      path: `${folder}/measurements.sqlite`,
      what: 'Every measurement as an SQLite file; read the view measurement',
      isRestored: false,
      open: () => sqliteFile(vault, upTo, draft),
    },
    ...clipsOf(vault, upTo)
      .filter(({ name }) => existsSync(`${data}/clips/${subject}/${name}.clip`))
      .map(({ name, startMs }) => ({
        path: `${folder}/clips/${new Date(startMs).toISOString().slice(0, 19).replaceAll(':', '-')} ${name}.mp4`,
        what: 'What moved before the camera, as it was encoded',
        isRestored: false,
        open: () => clipBytes(`${data}/clips/${subject}/${name}.clip`, store.clipKey(subject), startMs),
      })),
    ...raw.map((file) => ({
      path: `${folder}/raw/${file}`,
      what: 'Raw samples as they were captured',
      isRestored: true,
      open: () => [bytesOf(`${data}/segments/${subject}/${file}`)],
    })),
  ];
}

function clipsOf(vault: Vault, upTo: number): { name: string; startMs: number }[] {
  return vault.ofKind('clip').flatMap((entry) => (entry.kind === 'clip' && entry.seq <= upTo && CLIP_NAME.test(entry.name) ? [entry] : []));
}

/** Nothing of a file that went, by its time or by a person, since the archive was begun: all else still comes. */
function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

/** A clip as MP4; empty where it was deleted meanwhile. */
export async function* clipBytes(path: string, key: Buffer, startMs: number): AsyncGenerator<Buffer> {
  const bytes = bytesOf(path);
  const found = clipHeadOf(bytes);
  const units = [...clipUnits(bytes, key)];
  if (found === undefined || units.length === 0) return;
  const { mp4Of } = await import('../../video/mp4.ts');
  yield await mp4Of(units, found.head, startMs);
}

function rawFiles(vault: Vault, upTo: number): string[] {
  const files: string[] = [];
  for (const { seq, file } of vault.segments()) if (seq <= upTo && FILE_NAME.test(file)) files.push(file);
  return files;
}

/** Everything of the scope. `draft`: where a file may be built for a moment. */
export function partsOf(sources: Sources, scope: Scope, draft: string, onRows: (rows: number) => void): Part[] {
  const { store, people } = sources;
  const { subject, upTo, homeUpTo, operationsUpTo } = scope;
  const isKept = store.subjects().includes(subject);
  const identity = people.identities.get(subject);
  const receipt = people.guardians.of(subject)?.receipt;
  const own = isKept ? store.vault(subject) : undefined;
  const json = (value: unknown): string[] => [`${JSON.stringify(value, null, 2)}\n`];
  return [
    { path: 'README.txt', what: 'What is what', isRestored: false, open: () => [README] },
    {
      path: 'quantities.json',
      what: 'Unit (UCUM), category and LOINC code of each quantity',
      isRestored: false,
      open: () => json({ categories, quantities }),
    },
    { path: 'schema.json', what: 'The form of a line of log.jsonl', isRestored: false, open: () => json(SCHEMA) },
    ...(own === undefined
      ? []
      : [
          ...vaultParts(sources, own, upTo, 'me', draft, onRows),
          { path: 'me/fhir.json', what: 'FHIR R4 Bundle of Observations', isRestored: false, open: () => fhirBundle(own, upTo, identity) },
          { path: 'me/open-mhealth.jsonl', what: 'Open mHealth data points', isRestored: false, open: () => dataPoints(own, upTo) },
        ]),
    { path: 'me/profile.json', what: 'Name, birth date, photo and the rest of the profile', isRestored: true, open: () => json(identity) },
    ...(receipt === undefined
      ? []
      : [{ path: 'me/guardian-consent.jws', what: 'The guardian’s consent, signed by the hub', isRestored: false, open: () => [receipt] }]),
    {
      path: 'me/choices.json',
      what: 'What you chose on this hub: how long things are kept, messages, copies',
      isRestored: false,
      open: () =>
        json(
          people.choices
            .all(subject)
            .filter(({ id }) => id !== PASSPHRASE_ID)
            .map(({ kind, id, value, atUtcMs }) => ({ kind, id, value, at: new Date(atUtcMs).toISOString() })),
        ),
    },
    {
      path: 'me/records.jsonl',
      what: 'What the hub wrote down for you in full: what was let go, what left as a statistic, what was disclosed',
      isRestored: false,
      open: () =>
        people.records
          .all(subject)
          .map(({ number, kind, atUtcMs, body }) => `${JSON.stringify({ number, kind, at: new Date(atUtcMs).toISOString(), body })}\n`),
    },
    {
      path: 'me/operations.jsonl',
      what: 'What happened with the data on this hub',
      isRestored: false,
      open: () => operationLines(people, subject, operationsUpTo),
    },
    ...(homeUpTo === undefined || homeUpTo === 0 ? [] : vaultParts(sources, store.vault(HOME), homeUpTo, 'home', draft, onRows)),
  ];
}

const OPERATIONS_PAGE = 200;

function* operationLines(people: People, subject: string, upTo: number): Generator<string> {
  let before = upTo + 1;
  for (;;) {
    const rows = people.operations.read({ id: subject, wards: [], runsHub: false }, before, OPERATIONS_PAGE);
    for (const { seq, atUtcMs, kind, actor, subject: about, detail } of rows) {
      const call = (id: string): string => (id === subject ? 'me' : id);
      yield `${JSON.stringify({ seq, at: new Date(atUtcMs).toISOString(), kind, actor: call(actor), subject: call(about), detail: detail ?? null })}\n`;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < OPERATIONS_PAGE) return;
    before = last.seq;
  }
}

const README = `This archive holds everything that a Hearth hub kept of you ("me") and of the home ("home").

manifest.json            every file with its size and SHA-256
signature.json           the hub's signature (Ed25519) over the SHA-256 of manifest.json, with its public key (JWK)
quantities.json          what each quantity is: unit (UCUM), category, LOINC code, bounds
schema.json              the form of a line of log.jsonl
me/log.jsonl             the truth: all entries in order. An import brings this back without loss.
me/measurements.csv      the same measurements for a spreadsheet
me/measurements.sqlite   the same measurements for any SQLite program: SELECT * FROM measurement
me/fhir.json             FHIR R4; of a series denser than each quarter of an hour the hours, with least and most
me/open-mhealth.jsonl    Open mHealth data points; dense series by the hour
me/profile.json          who you are
me/operations.jsonl      who did what with your data
me/choices.json          what you chose on this hub
me/records.jsonl         what the hub wrote down for you in full
me/raw/                  raw samples, where the hub kept some
home/clips/              what moved before the camera, as MP4
home/                    the air of the home and its devices

To bring it back: "hearth import FILE" on another hub, or "Take your data along" on its page.
`;

const text = { type: 'string' } as const;
const whole = { type: 'integer' } as const;
const SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'A line of log.jsonl',
  type: 'object',
  required: ['seq', 'at', 'by', 'kind'],
  properties: {
    seq: { ...whole, minimum: 1, description: 'position in the log; ascending, never used again' },
    at: { ...text, format: 'date-time', description: 'when it was kept' },
    by: { ...text, description: 'who caused it: device:ID, person:me, person:other, hub' },
    kind: { ...text, description: 'measured, amended, removed, conflict, redated, gap, calibration, segment, restored, uncoded, unknown' },
    device: text,
    boot: { ...whole, description: 'of the device; with sequence and device the name of the measurement' },
    sequence: whole,
    quantity: { ...text, description: 'a key of quantities.json' },
    value: { type: ['number', 'null'], description: 'in the quantity’s unit; null: no number' },
    unit: { ...text, description: 'UCUM' },
    category: { enum: [...categories] },
    start: { ...text, format: 'date-time' },
    end: { ...text, format: 'date-time' },
    timeQuality: { enum: ['synced', 'estimated', 'device'], description: 'how its time is known' },
    flag: { enum: ['ok', 'implausible'] },
    timeDoubt: { enum: ['none', 'future', 'ancient'] },
    zoneMin: { type: ['integer', 'null'], description: 'minutes by which the home was ahead of UTC' },
    deviceEndMs: { type: ['integer', 'null'], description: 'the end by the device’s own clock, UTC milliseconds' },
    provenance: {
      type: 'object',
      description: 'of a computed value: by what and from which',
      properties: { algorithm: text, version: text, inputs: { type: 'array', items: text } },
    },
    of: { ...whole, description: 'the measurement that an amendment, a removal or a conflict is about' },
  },
} as const;
