/**
 * The recovery kit: the machine's key as groups of letters and digits that can be written on paper. With it and a copy of the data folder
 * (or of the backups in it) everything can be read on another machine.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFileAtomic } from '../ops/files.ts';
import { machineKey, machineKeyFile, unseal } from './keys.ts';
import { StoreError } from './store-error.ts';

/** Crockford's base 32: no I, L, O, U, so that nothing is read as something else. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const KEY_BYTES = 32;
/** With the key 280 bits: fourteen groups of four. A mistyped kit passes once in 16 million. */
const CHECK_BYTES = 3;
const CHARACTERS = ((KEY_BYTES + CHECK_BYTES) * 8) / 5;

export const RISK =
  'Whoever has this kit and a copy of the data folder can read everything in it. Keep it on paper, away from the hub. Without it, a lost or broken card is the end of the data.';

const checkOf = (key: Buffer): Buffer => createHash('sha256').update('hearth recovery kit').update(key).digest().subarray(0, CHECK_BYTES);

export function kitOf(key: Buffer): string {
  let bits = BigInt(`0x${Buffer.concat([key, checkOf(key)]).toString('hex')}`);
  let text = '';
  for (let index = 0; index < CHARACTERS; index++) {
    text = DIGITS[Number(bits & 31n)]! + text;
    bits >>= 5n;
  }
  return text.match(/.{4}/g)!.join('-');
}

/** Reads a kit as a person types it: any case, with or without hyphens, O for 0, I or L for 1. Throws StoreError. */
export function keyOfKit(text: string): Buffer {
  const typed = text.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  const odd = [...typed].find((character) => !DIGITS.includes(character));
  if (odd !== undefined) throw new StoreError('key', `the kit has '${odd}' in it, which no kit has: compare it with the paper`);
  if (typed.length !== CHARACTERS)
    throw new StoreError('key', `the kit has ${typed.length} characters, not ${CHARACTERS}: a group is missing or doubled`);
  const bits = [...typed].reduce((value, character) => (value << 5n) | BigInt(DIGITS.indexOf(character)), 0n);
  const bytes = Buffer.from(bits.toString(16).padStart((KEY_BYTES + CHECK_BYTES) * 2, '0'), 'hex');
  const key = bytes.subarray(0, KEY_BYTES);
  if (!checkOf(key).equals(bytes.subarray(KEY_BYTES)))
    throw new StoreError('key', 'the kit is mistyped somewhere: compare it with the paper');
  return key;
}

/** The kit of a data folder. Throws StoreError when there is none yet. */
export function exportKit(data: string): string {
  const keys = `${data}/keys`;
  if (!existsSync(machineKeyFile(keys)))
    throw new StoreError('key', `${machineKeyFile(keys)} is not there: start the hub once, or name its folder with --data`);
  return kitOf(machineKey(keys)!);
}

/** Puts the machine's key back. Returns how many vaults it opens. Throws StoreError, with nothing changed, when it opens none of those there are. */
export function restoreKit(data: string, kit: string): number {
  const key = keyOfKit(kit);
  const keys = `${data}/keys`;
  const files = existsSync(keys) ? readdirSync(keys).filter((name) => name.endsWith('.key')) : [];
  const opened = files.filter(
    (name) => unseal(readFileSync(`${keys}/${name}`, 'utf8').trim(), name.slice(0, -'.key'.length), key) !== undefined,
  );
  if (files.length > 0 && opened.length === 0)
    throw new StoreError('key', `this kit opens none of the ${files.length} keys in ${keys}: it is another hub's`);
  writeFileAtomic(machineKeyFile(keys), `${key.toString('hex')}\n`);
  return opened.length;
}
