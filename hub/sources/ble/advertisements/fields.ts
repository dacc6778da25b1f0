/**
 * Numbers inside a broadcast's bytes. A byte past the end reads as zero, so that no length can make a decoder throw:
 * decoders compare lengths themselves.
 */
export const u16le = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8);
export const u16be = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
export const u24le = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
export const u24be = (bytes: Uint8Array, at: number): number => (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
export const u32le = (bytes: Uint8Array, at: number): number => (u24le(bytes, at) | (bytes[at + 3]! << 24)) >>> 0;
export const u32be = (bytes: Uint8Array, at: number): number => ((bytes[at]! << 24) | u24be(bytes, at + 1)) >>> 0;
export const i8 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 24) >> 24;
export const i16le = (bytes: Uint8Array, at: number): number => (u16le(bytes, at) << 16) >> 16;
export const i16be = (bytes: Uint8Array, at: number): number => (u16be(bytes, at) << 16) >> 16;
export const i32le = (bytes: Uint8Array, at: number): number => u32le(bytes, at) | 0;

const floatBits = new DataView(new ArrayBuffer(4));

/** IEEE 754 single, little-endian; rounded to what a single can say, so that 0.1 reads 0.1. */
export function f32le(bytes: Uint8Array, at: number): number {
  floatBits.setUint32(0, u32le(bytes, at));
  return Number(floatBits.getFloat32(0).toPrecision(7));
}

const hexPairs: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function hexOf(bytes: Uint8Array, from = 0, to: number = bytes.length): string {
  let text = '';
  for (let at = from; at < to; at++) text += hexPairs[bytes[at]!];
  return text;
}

/** Value of the hexadecimal digit whose character code this is; -1 for any other. */
const digit = (code: number): number =>
  code >= 48 && code <= 57 ? code - 48 : code >= 65 && code <= 70 ? code - 55 : code >= 97 && code <= 102 ? code - 87 : -1;

/** Byte `index` of an address as written; negative where there are no two digits. */
const addressByte = (address: string, index: number): number =>
  digit(address.charCodeAt(3 * index)) * 16 + digit(address.charCodeAt(3 * index + 1));

/** The six bytes of `A4:C1:38:8D:18:B2` as written; null for anything else. */
export function addressBytes(address: string | null): Uint8Array | null {
  if (address === null || address.length !== 17) return null;
  const bytes = new Uint8Array(6);
  for (let index = 0; index < 6; index++) {
    if (digit(address.charCodeAt(3 * index)) < 0 || digit(address.charCodeAt(3 * index + 1)) < 0) return null;
    bytes[index] = addressByte(address, index);
  }
  return bytes;
}

/**
 * Whether the six bytes at `at` are the sender's address (`reversed`: last byte first, as Bluetooth sends it).
 * A broadcast that repeats its address has, in effect, a 48-bit check. True where the radio tells no address.
 * Asked of every broadcast of such a family, so it makes nothing.
 */
export function repeatsAddress(address: string | null, bytes: Uint8Array, at: number, order: 'written' | 'reversed'): boolean {
  if (address === null || address.length !== 17) return true;
  for (let index = 0; index < 6; index++)
    if (bytes[at + (order === 'written' ? index : 5 - index)] !== addressByte(address, index)) return false;
  return true;
}

/** ASCII text up to the first NUL; other bytes become `?`. */
export function asciiOf(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to && bytes[at] !== 0; at++)
    text += bytes[at]! >= 32 && bytes[at]! < 127 ? String.fromCharCode(bytes[at]!) : '?';
  return text;
}
