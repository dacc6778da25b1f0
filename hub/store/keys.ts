/**
 * Keys of vaults: 256 random bits each, in a folder apart from the data, and sealed by the machine's key (AES-256-GCM), which lies in a
 * file of its own. Without that file the data folder's keys are closed; the recovery kit is that key on paper.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeFileAtomic } from '../ops/files.ts';
import { StoreError } from './store-error.ts';

const KEY_BYTES = 32;
/** NIST SP 800-38D: 96 bits is what GCM is made for. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SEALED = /^hearth-key-1 ([A-Za-z0-9_-]+)$/;
const PLAIN = /^[0-9a-f]{64}$/;

/** Where the machine's key of a folder of keys lies. */
export const machineKeyFile = (folder: string): string => `${dirname(folder)}/machine.key`;

/** The machine's key; made with the first vault. Undefined when it is not there although keys are sealed by one. */
export function machineKey(folder: string): Buffer | undefined {
  const file = machineKeyFile(folder);
  if (existsSync(file)) {
    const text = readFileSync(file, 'utf8').trim();
    if (PLAIN.test(text)) return Buffer.from(text, 'hex');
    throw new StoreError('key', `${file} holds no key: restore it with 'hearth restore-kit'`);
  }
  const isNeeded =
    existsSync(folder) &&
    readdirSync(folder).some((name) => name.endsWith('.key') && SEALED.test(readFileSync(`${folder}/${name}`, 'utf8').trim()));
  if (isNeeded) return undefined;
  const key = randomBytes(KEY_BYTES);
  writeFileAtomic(file, `${key.toString('hex')}\n`);
  return key;
}

/** The key of a vault in hexadecimal, made when the vault is new. Throws StoreError when the vault is there and its key is not, or is closed. */
export function keyOf(folder: string, vault: string, isNew: boolean): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = `${folder}/${vault}.key`;
  if (!existsSync(file) && !isNew) throw new StoreError('key', `the key ${file} is missing: restore it from the recovery kit and a backup`);
  const machine = machineKey(folder);
  if (machine === undefined)
    throw new StoreError('key', `${machineKeyFile(folder)} is missing, which opens ${file}: restore it with 'hearth restore-kit'`);
  if (existsSync(file)) {
    const text = readFileSync(file, 'utf8').trim();
    if (PLAIN.test(text)) {
      // Of a Hearth that did not seal yet.
      writeFileAtomic(file, `${seal(text, vault, machine)}\n`);
      return text;
    }
    return unseal(text, vault, machine) ?? refuse(file, text);
  }
  const key = randomBytes(KEY_BYTES).toString('hex');
  writeFileAtomic(file, `${seal(key, vault, machine)}\n`);
  return key;
}

/** Keeps the key of a vault that was locked, sealed by the machine's key as others are. */
export function keepKey(folder: string, vault: string, key: string): void {
  const machine = machineKey(folder);
  if (machine === undefined) throw new StoreError('key', `${machineKeyFile(folder)} is missing: restore it with 'hearth restore-kit'`);
  writeFileAtomic(`${folder}/${vault}.key`, `${seal(key, vault, machine)}\n`);
}

function refuse(file: string, text: string): never {
  throw new StoreError(
    'key',
    SEALED.test(text)
      ? `${file} was sealed by another machine's key: restore that with 'hearth restore-kit'`
      : `${file} holds no key: restore it from a backup`,
  );
}

/** The vault's name is bound in: a key file under another name does not open. */
function seal(key: string, vault: string, machine: Buffer): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', machine, nonce).setAAD(Buffer.from(vault));
  const sealed = Buffer.concat([nonce, cipher.update(Buffer.from(key, 'hex')), cipher.final(), cipher.getAuthTag()]);
  return `hearth-key-1 ${sealed.toString('base64url')}`;
}

/** Undefined when this machine's key does not open it. */
export function unseal(text: string, vault: string, machine: Buffer): string | undefined {
  const sealed = Buffer.from(SEALED.exec(text)?.[1] ?? '', 'base64url');
  if (sealed.length !== NONCE_BYTES + KEY_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', machine, sealed.subarray(0, NONCE_BYTES)).setAAD(Buffer.from(vault));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString('hex');
  } catch {
    return undefined;
  }
}
