/**
 * A clip on disk: a head line of JSON, then groups of pictures, each a length (4 bytes, little endian), a nonce, the sealed group and its tag
 * (AES-256-GCM). The clip's name and the group's number are bound in, so that none can be swapped or left out. What a power cut tears is
 * the last group.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type AccessUnit, MOST_UNIT_BYTES } from './access-unit.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Length, time and whether it is a key frame. */
const UNIT_HEAD_BYTES = 9;
/** Some seconds of a sharp picture; more is damage, and must not allocate. */
export const MOST_GROUP_BYTES = 4 * MOST_UNIT_BYTES;

export interface ClipHead {
  readonly form: 1;
  readonly name: string;
  readonly camera: string;
  readonly width: number;
  readonly height: number;
}

export const CLIP_NAME = /^[a-z0-9]{8,40}$/;

export const clipHeadLine = (head: ClipHead): Buffer => Buffer.from(`${JSON.stringify(head)}\n`);

const boundTo = (name: string, group: number): Buffer => Buffer.from(`clip ${name} group ${group}`);

/** A group as it is appended to the file. `key`: 32 bytes. */
export function sealGroup(key: Buffer, name: string, group: number, units: readonly AccessUnit[]): Buffer {
  const plain = Buffer.concat(
    units.flatMap(({ bytes, atMs, isKey }) => {
      const head = Buffer.alloc(UNIT_HEAD_BYTES);
      head.writeUInt32LE(bytes.length, 0);
      head.writeUInt32LE(Math.max(0, Math.round(atMs)), 4);
      head.writeUInt8(isKey ? 1 : 0, 8);
      return [head, bytes];
    }),
  );
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(boundTo(name, group));
  const sealed = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(sealed.length);
  return Buffer.concat([length, sealed]);
}

/** The head of a clip's file and where its groups begin; undefined when it is none. */
export function clipHeadOf(bytes: Buffer): { readonly head: ClipHead; readonly from: number } | undefined {
  const end = bytes.subarray(0, 4096).indexOf(0x0a);
  if (end < 0) return undefined;
  try {
    const head = JSON.parse(bytes.toString('utf8', 0, end)) as ClipHead;
    const isOne = head.form === 1 && CLIP_NAME.test(head.name) && head.width > 0 && head.height > 0;
    return isOne ? { head, from: end + 1 } : undefined;
  } catch {
    return undefined;
  }
}

/** The pictures of a clip's file, in order; ends where it is torn, damaged or sealed with another key. */
export function* clipUnits(bytes: Buffer, key: Buffer): Generator<AccessUnit> {
  const found = clipHeadOf(bytes);
  if (found === undefined) return;
  let at = found.from;
  for (let group = 0; at + 4 <= bytes.length; group++) {
    const length = bytes.readUInt32LE(at);
    const end = at + 4 + length;
    if (length > MOST_GROUP_BYTES + NONCE_BYTES + TAG_BYTES || length < NONCE_BYTES + TAG_BYTES || end > bytes.length) return;
    const plain = openGroup(key, found.head.name, group, bytes.subarray(at + 4, end));
    if (plain === undefined) return;
    for (let unitAt = 0; unitAt + UNIT_HEAD_BYTES <= plain.length; ) {
      const from = unitAt + UNIT_HEAD_BYTES;
      const to = from + plain.readUInt32LE(unitAt);
      if (to > plain.length) return;
      yield { bytes: plain.subarray(from, to), atMs: plain.readUInt32LE(unitAt + 4), isKey: plain[unitAt + 8] === 1 };
      unitAt = to;
    }
    at = end;
  }
}

function openGroup(key: Buffer, name: string, group: number, sealed: Buffer): Buffer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES)).setAAD(boundTo(name, group));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}
