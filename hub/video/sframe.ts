/**
 * SFrame (RFC 9605) with the cipher suite AES_128_GCM_SHA256_128 (0x0004): what is sealed by it passes through servers that have no key. The
 * page opens it with the same code's twin for browsers (hub/web/page/unseal.ts).
 */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

/** RFC 9605, table 1. */
const SUITE = 4;
const KEY_BYTES = 16;
const NONCE_BYTES = 12;
export const SFRAME_TAG_BYTES = 16;

export interface SframeKey {
  readonly kid: bigint;
  readonly key: Buffer;
  readonly salt: Buffer;
}

/** 4.4.2: key and salt of a key id from a secret that hub and viewers share. */
export function sframeKey(baseKey: Uint8Array, kid: bigint): SframeKey {
  const suffix = Buffer.alloc(10);
  suffix.writeBigUInt64BE(kid, 0);
  suffix.writeUInt16BE(SUITE, 8);
  const derive = (label: string, bytes: number): Buffer =>
    Buffer.from(hkdfSync('sha256', baseKey, '', Buffer.concat([Buffer.from(label), suffix]), bytes));
  return { kid, key: derive('SFrame 1.0 Secret key ', KEY_BYTES), salt: derive('SFrame 1.0 Secret salt ', NONCE_BYTES) };
}

/** Big endian, as few bytes as hold it, at least one. */
function bytesOf(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

/** 4.3: key id and counter, each within the first byte when it is below 8, else in as few bytes as hold it. */
export function sframeHeader(kid: bigint, counter: bigint): Buffer {
  const [kidBytes, counterBytes] = [kid < 8n ? Buffer.alloc(0) : bytesOf(kid), counter < 8n ? Buffer.alloc(0) : bytesOf(counter)];
  const kidPart = kidBytes.length === 0 ? Number(kid) : 8 | (kidBytes.length - 1);
  const counterPart = counterBytes.length === 0 ? Number(counter) : 8 | (counterBytes.length - 1);
  return Buffer.concat([Buffer.from([(kidPart << 4) | counterPart]), kidBytes, counterBytes]);
}

/** 4.4.3: the counter, as a number of the nonce's length, by exclusive or on the salt. */
function nonceOf(salt: Buffer, counter: bigint): Buffer {
  const nonce = Buffer.from(salt);
  for (let at = NONCE_BYTES - 1, rest = counter; rest > 0n; at--, rest >>= 8n) nonce[at]! ^= Number(rest & 0xffn);
  return nonce;
}

/** 4.4.3: header, ciphertext and tag. A counter must never be used twice under a key. */
export function sframeSeal({ kid, key, salt }: SframeKey, counter: bigint, metadata: Uint8Array, plain: Uint8Array): Buffer {
  const header = sframeHeader(kid, counter);
  const cipher = createCipheriv('aes-128-gcm', key, nonceOf(salt, counter)).setAAD(Buffer.concat([header, metadata]));
  return Buffer.concat([header, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** What a stream of sound is sealed by, beside pictures that are sealed by a key id: no counter is used twice under a key. */
export const soundKid = (kid: bigint): bigint => kid + 1n;

/** Seals whole packets, one after the other. */
export function createPacketSealer(key: SframeKey): (packet: Buffer) => Buffer {
  let counter = 0n;
  return (packet) => sframeSeal(key, counter++, Buffer.alloc(0), packet);
}

/** Undefined when it was not sealed with this key, or was changed. */
export function sframeOpen({ kid, key, salt }: SframeKey, metadata: Uint8Array, sealed: Buffer): Buffer | undefined {
  const first = sealed[0] ?? 0;
  let at = 1;
  const field = (part: number): bigint => {
    if ((part & 8) === 0) return BigInt(part);
    const end = at + (part & 7) + 1;
    const value = sealed.subarray(at, end).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    at = end;
    return value;
  };
  const [sealedKid, counter] = [field(first >> 4), field(first & 15)];
  if (sealedKid !== kid || sealed.length < at + SFRAME_TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-128-gcm', key, nonceOf(salt, counter))
    .setAAD(Buffer.concat([sealed.subarray(0, at), metadata]))
    .setAuthTag(sealed.subarray(-SFRAME_TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(at, -SFRAME_TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}
