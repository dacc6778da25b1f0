/**
 * Locked vaults. A person's secret, and a recovery kit on paper, each wrap an X25519 private key; the vault's key is sealed to its public
 * key, and the machine keeps no other copy. While the vault is locked, what is measured is sealed to the public key, into an inbox beside
 * it that nobody reads, and comes into the vault when its person unlocks it. Unlocked, its key is in memory alone.
 */
import { argon2, createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { writeFileAtomic } from '../ops/files.ts';
import { type KeyPair, newKeyPair, openSealed, sealTo } from './hpke.ts';
import { keyOfKit, kitOf } from './recovery-kit.ts';
import { StoreError } from './store-error.ts';
import type { NewMeasurement } from './vault.ts';

/** `plain`: no lock was set; `locked`: nobody reads; `unlocked`: its person unlocked it, for now. */
export type LockState = 'plain' | 'locked' | 'unlocked';

/** What one guess costs (argon2id). */
export interface GuessCost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly parallelism: number;
}
/** RFC 9106, its second recommended parameters, and one pass more: unlocking is rare. */
const UNLOCK_COST: GuessCost = { memoryKib: 65_536, passes: 4, parallelism: 4 };
export const LEAST_LOCK_CHARACTERS = 10;
/** Some years of a person's measurements; beyond, they wait with their devices. */
const MOST_INBOX_BYTES = 512 * 2 ** 20;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const LENGTH_BYTES = 4;
const KEY_INFO = Buffer.from('hearth vault key 1');
const ROWS_INFO = Buffer.from('hearth sealed inbox 1');

interface LockFile {
  readonly form: 1;
  readonly sinceMs: number;
  readonly publicKey: string;
  readonly bySecret: { readonly salt: string; readonly cost: GuessCost; readonly wrapped: string };
  readonly byKit: { readonly wrapped: string };
  /** The vault's key, sealed to the public key. */
  readonly vaultKey: string;
  /** Starts of the hub whose time became known while it was locked. */
  readonly redatings?: readonly { readonly hubBoot: number; readonly shiftMs: number }[];
}

export interface Locks {
  state(subject: string): LockState;
  /** When the lock was set, and how many bytes wait sealed; undefined without a lock. */
  about(subject: string): { readonly sinceMs: number; readonly waitingBytes: number } | undefined;
  /** The key of an unlocked vault; undefined for one without a lock. Throws StoreError `locked`. */
  keyFor(subject: string): string | undefined;
  /** Sets a lock; the vault stays unlocked. Resolves with the recovery kit, which is shown this once. */
  set(subject: string, vaultKey: string, secret: string, nowMs: number): Promise<string>;
  /** Whether the secret, or the kit, opened it. */
  unlock(subject: string, secretOrKit: string): Promise<boolean>;
  forgetKey(subject: string): void;
  /** Removes the lock of an unlocked vault: its key, for the machine to keep again. */
  remove(subject: string): string;
  /** Seals measurements into the inbox; they are on disk when it returns. Throws StoreError `full`. */
  take(subject: string, rows: readonly NewMeasurement[]): void;
  /** What waits, batch by batch, of an unlocked vault. */
  waiting(subject: string): Generator<NewMeasurement[]>;
  emptied(subject: string): void;
  noteRedating(subject: string, hubBoot: number, shiftMs: number): void;
  takeRedatings(subject: string): { readonly hubBoot: number; readonly shiftMs: number }[];
  erase(subject: string): void;
}

const derive = promisify(argon2);

export function openLocks(folder: string, cost: GuessCost = UNLOCK_COST): Locks {
  const locks = `${folder}/locks`;
  const fileOf = (subject: string): string => `${locks}/${subject}.json`;
  const inboxOf = (subject: string): string => `${locks}/${subject}.inbox`;
  const mended = new Set<string>();
  const unlocked = new Map<string, { readonly keys: KeyPair; readonly vaultKey: string }>();
  const read = (subject: string): LockFile | undefined =>
    existsSync(fileOf(subject)) ? (JSON.parse(readFileSync(fileOf(subject), 'utf8')) as LockFile) : undefined;
  const write = (subject: string, lock: LockFile): void => writeFileAtomic(fileOf(subject), `${JSON.stringify(lock)}\n`);
  const fromSecret = (secret: string, salt: Buffer, own: GuessCost): Promise<Buffer> =>
    derive('argon2id', {
      message: secret.normalize('NFC'),
      nonce: salt,
      memory: own.memoryKib,
      passes: own.passes,
      parallelism: own.parallelism,
      tagLength: 32,
    });
  const needUnlocked = (subject: string) => {
    const own = unlocked.get(subject);
    if (own === undefined) throw new StoreError('locked', `the vault of ${subject} is locked: its person unlocks it`);
    return own;
  };

  return {
    state: (subject) => (!existsSync(fileOf(subject)) ? 'plain' : unlocked.has(subject) ? 'unlocked' : 'locked'),
    about(subject) {
      const lock = read(subject);
      if (lock === undefined) return undefined;
      return { sinceMs: lock.sinceMs, waitingBytes: existsSync(inboxOf(subject)) ? statSync(inboxOf(subject)).size : 0 };
    },
    keyFor: (subject) => (existsSync(fileOf(subject)) ? needUnlocked(subject).vaultKey : undefined),
    async set(subject, vaultKey, secret, nowMs) {
      mkdirSync(locks, { recursive: true, mode: 0o700 });
      const keys = newKeyPair();
      const salt = randomBytes(16);
      const kitKey = randomBytes(32);
      write(subject, {
        form: 1,
        sinceMs: nowMs,
        publicKey: keys.publicKey.toString('base64url'),
        bySecret: { salt: salt.toString('base64url'), cost, wrapped: wrap(await fromSecret(secret, salt, cost), keys.privateKey, subject) },
        byKit: { wrapped: wrap(kitKey, keys.privateKey, subject) },
        vaultKey: sealTo({ publicKey: keys.publicKey, info: KEY_INFO, aad: Buffer.from(subject) }, Buffer.from(vaultKey, 'hex')).toString(
          'base64url',
        ),
      });
      unlocked.set(subject, { keys, vaultKey });
      return kitOf(kitKey);
    },
    async unlock(subject, secretOrKit) {
      const lock = read(subject);
      if (lock === undefined) return false;
      const { salt, cost: own, wrapped } = lock.bySecret;
      const bySecret = unwrap(await fromSecret(secretOrKit, Buffer.from(salt, 'base64url'), own), wrapped, subject);
      const privateKey = bySecret ?? unwrapByKit(secretOrKit, lock.byKit.wrapped, subject);
      if (privateKey === undefined) return false;
      const keys = { privateKey, publicKey: Buffer.from(lock.publicKey, 'base64url') };
      const key = openSealed({ keys, info: KEY_INFO, aad: Buffer.from(subject) }, Buffer.from(lock.vaultKey, 'base64url'));
      if (key === undefined) throw new StoreError('corrupt', `${fileOf(subject)} is damaged: restore it from a backup of the data folder`);
      unlocked.set(subject, { keys, vaultKey: key.toString('hex') });
      return true;
    },
    forgetKey: (subject) => void unlocked.delete(subject),
    remove(subject) {
      const { vaultKey } = needUnlocked(subject);
      unlocked.delete(subject);
      return vaultKey;
    },
    take(subject, rows) {
      const publicKey = Buffer.from(read(subject)!.publicKey, 'base64url');
      const sealed = sealTo({ publicKey, info: ROWS_INFO, aad: Buffer.from(subject) }, Buffer.from(JSON.stringify(rows, finite)));
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt32BE(sealed.length);
      append(inboxOf(subject), Buffer.concat([length, sealed]), mended);
    },
    *waiting(subject) {
      const { keys } = needUnlocked(subject);
      const bytes = existsSync(inboxOf(subject)) ? readFileSync(inboxOf(subject)) : Buffer.alloc(0);
      for (const [at, end] of records(bytes)) {
        const message = openSealed({ keys, info: ROWS_INFO, aad: Buffer.from(subject) }, bytes.subarray(at, end));
        if (message === undefined) throw new StoreError('corrupt', `${inboxOf(subject)} is damaged at byte ${at}: it is left as it is`);
        yield JSON.parse(message.toString(), infinite) as NewMeasurement[];
      }
    },
    emptied: (subject) => rmSync(inboxOf(subject), { force: true }),
    noteRedating(subject, hubBoot, shiftMs) {
      const lock = read(subject);
      if (lock !== undefined) write(subject, { ...lock, redatings: [...(lock.redatings ?? []), { hubBoot, shiftMs }] });
    },
    takeRedatings(subject) {
      const lock = read(subject);
      if (lock?.redatings === undefined) return [];
      const { redatings, ...rest } = lock;
      write(subject, rest);
      return [...redatings];
    },
    erase(subject) {
      unlocked.delete(subject);
      for (const file of [fileOf(subject), inboxOf(subject)]) rmSync(file, { force: true });
    },
  };
}

/** JSON has no NaN; a value that is none is kept as none all the same. */
const finite = (_key: string, value: unknown): unknown => (typeof value === 'number' && !Number.isFinite(value) ? 'NaN' : value);
const infinite = (key: string, value: unknown): unknown => (key === 'value' && value === 'NaN' ? Number.NaN : value);

/** Where each whole record lies; a torn one at the end, which was never acknowledged, is not among them. */
function* records(bytes: Buffer): Generator<readonly [at: number, end: number]> {
  let at = 0;
  while (at + LENGTH_BYTES <= bytes.length) {
    const end = at + LENGTH_BYTES + bytes.readUInt32BE(at);
    if (end > bytes.length) return;
    yield [at + LENGTH_BYTES, end];
    at = end;
  }
}

/** `mended`: files whose end was looked at since the start, where a power cut may have left half a record. */
function append(file: string, record: Buffer, mended: Set<string>): void {
  const handle = openSync(file, existsSync(file) ? 'r+' : 'w', 0o600);
  try {
    let size = statSync(file).size;
    if (!mended.has(file) && size > 0) {
      const whole = [...records(readFileSync(file))].at(-1)?.[1] ?? 0;
      if (whole < size) ftruncateSync(handle, whole);
      size = whole;
    }
    mended.add(file);
    if (size + record.length > MOST_INBOX_BYTES)
      throw new StoreError(
        'full',
        `${MOST_INBOX_BYTES / 2 ** 20} MB wait for a locked vault: its person unlocks it; until then they wait with their device`,
      );
    writeSync(handle, record, 0, record.length, size);
    fsyncSync(handle);
  } catch (error) {
    // What was written of it is no record: the next one begins by cutting it off.
    mended.delete(file);
    throw error;
  } finally {
    closeSync(handle);
  }
}

/** The subject is bound in: a lock under another name does not open. */
function wrap(key: Buffer, secret: Buffer, subject: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(subject));
  return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

function unwrap(key: Buffer, wrapped: string, subject: string): Buffer | undefined {
  const bytes = Buffer.from(wrapped, 'base64url');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES)).setAAD(Buffer.from(subject));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}

function unwrapByKit(kit: string, wrapped: string, subject: string): Buffer | undefined {
  try {
    return unwrap(keyOfKit(kit), wrapped, subject);
  } catch (error) {
    if (error instanceof StoreError) return undefined;
    throw error;
  }
}
