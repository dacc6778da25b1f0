/**
 * Numbers out of a notification's bytes. A byte that is not there reads as NaN, which no comparison accepts and no measurement
 * keeps: a truncated frame gives nothing, and never throws.
 */

export const u8 = (bytes: Uint8Array, at: number): number => bytes[at] ?? Number.NaN;
export const s8 = (bytes: Uint8Array, at: number): number => signed(u8(bytes, at), 8);
export const u16be = (bytes: Uint8Array, at: number): number => u8(bytes, at) * 0x100 + u8(bytes, at + 1);
export const u16le = (bytes: Uint8Array, at: number): number => u8(bytes, at) + u8(bytes, at + 1) * 0x100;
export const s16be = (bytes: Uint8Array, at: number): number => signed(u16be(bytes, at), 16);
export const s16le = (bytes: Uint8Array, at: number): number => signed(u16le(bytes, at), 16);
export const u24be = (bytes: Uint8Array, at: number): number => u16be(bytes, at) * 0x100 + u8(bytes, at + 2);
export const u24le = (bytes: Uint8Array, at: number): number => u16le(bytes, at) + u8(bytes, at + 2) * 0x1_0000;
export const u32be = (bytes: Uint8Array, at: number): number => u16be(bytes, at) * 0x1_0000 + u16be(bytes, at + 2);
export const u32le = (bytes: Uint8Array, at: number): number => u16le(bytes, at) + u16le(bytes, at + 2) * 0x1_0000;

/** Two's complement of `bits` bits; NaN stays NaN. */
export const signed = (value: number, bits: number): number => (value >= 2 ** (bits - 1) ? value - 2 ** bits : value);

export const low = (value: number): number => value & 0xff;
export const le16 = (value: number): readonly [number, number] => [value & 0xff, (value >>> 8) & 0xff];
export const be16 = (value: number): readonly [number, number] => [(value >>> 8) & 0xff, value & 0xff];
export const le32 = (value: number): readonly [number, number, number, number] => [
  value & 0xff,
  (value >>> 8) & 0xff,
  (value >>> 16) & 0xff,
  (value >>> 24) & 0xff,
];
export const be32 = (value: number): readonly [number, number, number, number] => {
  const [a, b, c, d] = le32(value);
  return [d, c, b, a];
};

/** Low byte of the sum of bytes [from, to). */
export function sum8(bytes: ArrayLike<number>, from = 0, to = bytes.length): number {
  let sum = 0;
  for (let at = from; at < to; at++) sum += bytes[at] ?? 0;
  return sum & 0xff;
}

/** Exclusive or of bytes [from, to). */
export function xor8(bytes: ArrayLike<number>, from = 0, to = bytes.length): number {
  let xor = 0;
  for (let at = from; at < to; at++) xor ^= bytes[at] ?? 0;
  return xor & 0xff;
}

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

/** A number that a device gave in words of one byte: whole, at least 0 and at most 255. */
export const asByte = (value: number): number => Math.min(0xff, Math.max(0, Math.round(value)));
