/**
 * Opens pictures and sound that the hub sealed (SFrame, RFC 9605, AES_128_GCM_SHA256_128) before they went through an edge: a worker between the
 * network and the decoder. The key came from the hub by the page's own connection; the edge never had it.
 */

/** The hub's, of sealed-unit.ts: what of a slice is in clear. */
const CLEAR_BYTES = 8;

export type Sealed = 'pictures' | 'sound';

export interface Opener {
  readonly kid: bigint;
  readonly key: Awaited<ReturnType<typeof crypto.subtle.importKey>>;
  readonly salt: Uint8Array<ArrayBuffer>;
}

/** RFC 9605, 4.4.2. */
export async function openerOf(baseKey: Uint8Array<ArrayBuffer>, kid: bigint): Promise<Opener> {
  const material = await crypto.subtle.importKey('raw', baseKey, 'HKDF', false, ['deriveBits']);
  const derive = (label: string, bytes: number): Promise<ArrayBuffer> => {
    const info = new Uint8Array(label.length + 10);
    info.set(new TextEncoder().encode(label));
    const view = new DataView(info.buffer);
    view.setBigUint64(label.length, kid);
    view.setUint16(label.length + 8, 4);
    return crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info }, material, bytes * 8);
  };
  const key = await crypto.subtle.importKey('raw', await derive('SFrame 1.0 Secret key ', 16), 'AES-GCM', false, ['decrypt']);
  return { kid, key, salt: new Uint8Array(await derive('SFrame 1.0 Secret salt ', 12)) };
}

/** The plain bytes; rejects when they were sealed otherwise or changed. */
async function open({ kid, key, salt }: Opener, metadata: Uint8Array, sealed: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
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
  if (sealedKid !== kid) throw new RangeError(`sealed with key ${sealedKid}, not ${kid}`);
  const iv = Uint8Array.from(salt);
  for (let index = 11, rest = counter; rest > 0n; index--, rest >>= 8n) iv[index]! ^= Number(rest & 0xffn);
  const additionalData = new Uint8Array(at + metadata.length);
  additionalData.set(sealed.subarray(0, at));
  additionalData.set(metadata, at);
  return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, key, Uint8Array.from(sealed.subarray(at))));
}

/** Sound is sealed by a key of its own (the hub's sframe.ts), each packet as a whole. Rejects when one cannot be opened. */
export const soundKid = (kid: bigint): bigint => kid + 1n;
export const unsealedSound = (opener: Opener, packet: Uint8Array): Promise<Uint8Array<ArrayBuffer>> =>
  open(opener, new Uint8Array(0), packet);

/** Start codes of a picture: where each begins, and where its NAL unit does. */
function* startCodes(bytes: Uint8Array): Generator<{ readonly from: number; readonly header: number }> {
  for (let at = 0; at + 3 <= bytes.length; at++) {
    if (bytes[at] !== 0 || bytes[at + 1] !== 0 || bytes[at + 2] !== 1) continue;
    yield { from: at > 0 && bytes[at - 1] === 0 ? at - 1 : at, header: at + 3 };
    at += 2;
  }
}

/** Without the bytes that keep start codes from appearing (ITU-T H.264, 7.4.1), and without the end mark. */
function unescaped(before: Uint8Array, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length);
  let zeros = before.at(-1) === 0 ? (before.at(-2) === 0 ? 2 : 1) : 0;
  let at = 0;
  for (let index = 0; index < bytes.length - 1; index++) {
    const byte = bytes[index]!;
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    out[at++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return out.subarray(0, at);
}

/** A picture as the camera encoded it. Rejects when a slice of it cannot be opened. */
export async function unsealed(opener: Opener, picture: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const codes = [...startCodes(picture)];
  const parts = await Promise.all(
    codes.map(async ({ from, header }, index) => {
      const end = codes[index + 1]?.from ?? picture.length;
      const whole = picture.subarray(from, end);
      const type = picture[header]! & 0x1f;
      if (type < 1 || type > 5 || end - header <= CLEAR_BYTES) return [whole];
      const clear = picture.subarray(header, header + CLEAR_BYTES);
      return [
        picture.subarray(from, header + CLEAR_BYTES),
        await open(opener, clear, unescaped(clear, picture.subarray(header + CLEAR_BYTES, end))),
      ];
    }),
  );
  const pieces = parts.flat();
  const out = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}
