/** Keys of vaults: 256 random bits each, in a folder apart from the data, readable by the hub's user alone. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { writeFileAtomic } from '../ops/files.ts';
import { StoreError } from './store-error.ts';

const KEY_BYTES = 32;

/** The key of a vault in hexadecimal, made when the vault is new. Throws StoreError when the vault is there and its key is not. */
export function keyOf(folder: string, vault: string, isNew: boolean): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = `${folder}/${vault}.key`;
  if (existsSync(file)) {
    const key = readFileSync(file, 'utf8').trim();
    if (/^[0-9a-f]{64}$/.test(key)) return key;
    throw new StoreError('key', `${file} holds no key: restore it from the recovery kit`);
  }
  if (!isNew) throw new StoreError('key', `the key ${file} is missing: restore it from the recovery kit`);
  const key = randomBytes(KEY_BYTES).toString('hex');
  writeFileAtomic(file, `${key}\n`);
  return key;
}
