/**
 * Copies by schedule (C1): everything of a person as one archive in a place that they chose, once a day, week or month. Each is read back
 * from where it was written before older ones go; a copy that fails leaves the older ones, is tried again, and is said on the page.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  createWriteStream,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PASSPHRASE_ID } from '../../people/choices.ts';
import type { People } from '../../people/people.ts';
import type { Store } from '../../store/store.ts';
import { isDue, type Span } from './schedule.ts';

export interface CopySettings {
  readonly place: string;
  readonly span: Span;
  /** Copies kept in the place; older ones go once a new one was read back. */
  readonly keep: number;
  /** Sealed with a passphrase, else open to whoever finds the stick. */
  readonly isSealed: boolean;
}
export interface CopyMade {
  readonly place: string;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}
export interface CopyTrouble {
  readonly message: string;
  readonly sinceUtcMs: number;
}
export interface CopyState {
  readonly settings: CopySettings | undefined;
  readonly last: (CopyMade & { readonly atUtcMs: number }) | undefined;
  readonly trouble: CopyTrouble | undefined;
}

export interface Copies {
  state(subject: string): CopyState;
  /** `passphrase`: null for open copies. */
  set(subject: string, settings: Omit<CopySettings, 'isSealed'> | undefined, passphrase: string | null): void;
  /** Makes one now. Rejects with what a person reads, and notes it. */
  make(subject: string): Promise<CopyMade>;
  /** Makes what is due, for everybody. Resolves with how many were made; one that failed is said to whom it belongs, and tried again. */
  run(isOn?: () => boolean): Promise<number>;
}

export interface CopiesOptions {
  readonly data: string;
  readonly store: Store;
  readonly people: People;
  /** Places there are now. */
  readonly places: () => readonly string[];
  readonly now: () => number;
}

export const MOST_KEPT = 100;
/** Copies made that are listed. */
const MOST_LISTED = 20;
const NAME = /^hearth-\d{4}-\d{2}-\d{2}T\d{6}Z\.zip(\.age)?$/;

export function openCopies({ data, store, people, places, now }: CopiesOptions): Copies {
  const { choices, records, operations, accounts } = people;
  const state = (subject: string): CopyState => {
    const last = records.list<CopyMade>(subject, 'copy', 1)[0];
    return {
      settings: choices.get<CopySettings>(subject, 'copies', 'settings')?.value,
      last: last === undefined ? undefined : { ...last.body, atUtcMs: last.atUtcMs },
      trouble: choices.get<CopyTrouble>(subject, 'copies', 'trouble')?.value,
    };
  };

  const write = async (subject: string, { place, keep, isSealed }: CopySettings): Promise<CopyMade> => {
    const passphrase = isSealed ? (choices.get<string>(subject, 'copies', PASSPHRASE_ID)?.value ?? null) : null;
    if (isSealed && passphrase === null) throw new Error('the passphrase is missing: set the copies up again');
    if (store.lockState(subject) === 'locked') throw new Error('your vault is locked: unlock it, then the copy is made');
    if (!places().includes(place)) throw new Error(`${place} is not there: plug the drive in, or choose another place`);
    const folder = `${place}/hearth-${subject}`;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const at = `${new Date(now()).toISOString().slice(0, 19).replaceAll(':', '')}Z`;
    const name = `hearth-${at}.zip${passphrase === null ? '' : '.age'}`;
    const part = `${folder}/${name}.part`;
    const draft = `${data}/run/copy-${randomBytes(6).toString('hex')}.sqlite`;
    try {
      const { plainSha256, sha256 } = await writeOut(subject, passphrase, draft, part);
      const descriptor = openSync(part, 'r+');
      try {
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      await verify(part, sha256, plainSha256, passphrase);
      renameSync(part, `${folder}/${name}`);
      const made: CopyMade = { place, file: `hearth-${subject}/${name}`, bytes: statSync(`${folder}/${name}`).size, sha256 };
      for (const old of readdirSync(folder)
        .filter((one) => NAME.test(one))
        .sort()
        .slice(0, -keep))
        rmSync(`${folder}/${old}`);
      return made;
    } finally {
      try {
        rmSync(part, { force: true });
      } catch {
        // A drive that was pulled out has nothing to be tidied.
      }
      for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${draft}${end}`, { force: true });
    }
  };
  const writeOut = async (
    subject: string,
    passphrase: string | null,
    draft: string,
    part: string,
  ): Promise<{ sha256: string; plainSha256: string }> => {
    const [{ partsOf, scopeOf }, { writeArchive }, { seal }] = await Promise.all([
      import('../archive/parts.ts'),
      import('../archive/write.ts'),
      import('../archive/seal.ts'),
    ]);
    mkdirSync(`${data}/run`, { recursive: true, mode: 0o700 });
    const sources = { data, store, people };
    const key = await people.key.publicJwk();
    const archive = writeArchive(
      partsOf(sources, scopeOf(sources, subject, true), draft, () => undefined),
      (manifestSha256) => ({
        manifestSha256,
        signature: people.key.sign(manifestSha256),
        key,
        at: new Date(now()).toISOString(),
      }),
    );
    let plainSha256 = '';
    const bytes = passphrase === null ? archive : await seal(archive, passphrase, (sha256) => (plainSha256 = sha256));
    const hash = createHash('sha256');
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    await pipeline(bytes, counted, createWriteStream(part, { mode: 0o600 }));
    return { sha256: hash.digest('hex'), plainSha256 };
  };

  const make = async (subject: string): Promise<CopyMade> => {
    const { settings, trouble } = state(subject);
    if (settings === undefined) throw new Error('no copies are set up');
    try {
      const made = await write(subject, settings);
      records.add(subject, 'copy', made, now());
      choices.unset(subject, 'copies', 'trouble');
      operations.append({
        kind: 'export',
        actor: 'hub',
        subject,
        detail: { format: 'copy by schedule', place: made.place, bytes: made.bytes },
      });
      return made;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      choices.set(
        subject,
        'copies',
        'trouble',
        { message, sinceUtcMs: trouble?.sinceUtcMs ?? Math.round(now()) } satisfies CopyTrouble,
        now(),
      );
      throw error;
    }
  };

  return {
    state,
    set(subject, settings, passphrase) {
      if (settings === undefined) choices.unset(subject, 'copies', 'settings');
      else choices.set(subject, 'copies', 'settings', { ...settings, isSealed: passphrase !== null } satisfies CopySettings, now());
      if (settings === undefined || passphrase === null) choices.unset(subject, 'copies', PASSPHRASE_ID);
      else choices.set(subject, 'copies', PASSPHRASE_ID, passphrase, now());
      choices.unset(subject, 'copies', 'trouble');
    },
    make,
    async run(isOn = () => true) {
      let made = 0;
      for (const { id: subject } of accounts.list()) {
        const { settings, last } = state(subject);
        if (settings === undefined || !isOn() || !isDue(last?.atUtcMs, now(), people.zone, settings.span)) continue;
        // What went wrong is noted with it.
        await make(subject).then(
          () => made++,
          () => undefined,
        );
      }
      return made;
    },
  };
}

/** Newest first. */
export const copiesMade = ({ records }: Pick<People, 'records'>, subject: string) => records.list<CopyMade>(subject, 'copy', MOST_LISTED);

/** Reads what was written from where it lies: its bytes, and that it opens and holds what its manifest says. */
async function verify(file: string, sha256: string, plainSha256: string, passphrase: string | null): Promise<void> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  if (hash.digest('hex') !== sha256) throw new Error('what was read back is not what was written: the drive may be broken, use another');
  if (passphrase !== null) {
    const { readBack } = await import('../archive/seal.ts');
    if ((await readBack(createReadStream(file), passphrase)) !== plainSha256)
      throw new Error('the sealed copy does not open to what was sealed');
    return;
  }
  const { checkArchive } = await import('../import/hearth.ts');
  await checkArchive(file);
}
