/**
 * The decimal floating point numbers of personal health devices: 16-bit SFLOAT and 32-bit FLOAT.
 *
 * Source: IEEE 11073-20601, annexes F.7 and F.8: a two's complement mantissa (12 or 24 bits) times ten to a two's complement
 * exponent (4 or 8 bits), little-endian on Bluetooth. Five mantissas at the ends of the range are not numbers.
 *
 * 0x0800 (SFLOAT) and 0x800000 (FLOAT) mean "not at this resolution" by the standard and are NaN here; some programs read
 * them as -2048, which no health device measures.
 */
import { s8, signed, u16le, u24le } from './bytes.ts';

export interface DecimalFormat {
  readonly mantissaBits: 12 | 24;
  readonly exponentBits: 4 | 8;
}
const sfloat: DecimalFormat = { mantissaBits: 12, exponentBits: 4 };
const float: DecimalFormat = { mantissaBits: 24, exponentBits: 8 };

/** Value of a 16-bit SFLOAT; NaN where it is none or its bytes are not there. */
export function sfloatAt(bytes: Uint8Array, at: number): number {
  const raw = u16le(bytes, at);
  return decimal(raw % 0x1000, signed(Math.floor(raw / 0x1000), 4), sfloat);
}

/** Value of a 32-bit FLOAT; NaN where it is none or its bytes are not there. */
export function floatAt(bytes: Uint8Array, at: number): number {
  return decimal(u24le(bytes, at), s8(bytes, at + 3), float);
}

/** The 16-bit SFLOAT nearest to a value, with as many digits as it holds; out of range gives the infinities. */
export const encodeSfloat = (value: number): number => encode(value, sfloat);

/** The 32-bit FLOAT nearest to a value, as an unsigned number; out of range gives the infinities. */
export const encodeFloat = (value: number): number => encode(value, float);

function decimal(mantissa: number, exponent: number, { mantissaBits }: DecimalFormat): number {
  const half = 2 ** (mantissaBits - 1);
  if (mantissa === half - 2) return Number.POSITIVE_INFINITY;
  if (mantissa === half + 2) return Number.NEGATIVE_INFINITY;
  // half - 1 NaN, half "not at this resolution", half + 1 reserved
  if (mantissa >= half - 1 && mantissa <= half + 1) return Number.NaN;
  const digits = signed(mantissa, mantissaBits);
  // Read as a decimal it is the nearest number there is, however its zeros are shared out between mantissa and exponent.
  return Number(`${digits}e${exponent}`);
}

function encode(value: number, { mantissaBits, exponentBits }: DecimalFormat): number {
  const half = 2 ** (mantissaBits - 1);
  const span = 2 ** mantissaBits;
  if (Number.isNaN(value)) return half - 1;
  const limit = half - 3;
  const lowest = -(2 ** (exponentBits - 1));
  const highest = 2 ** (exponentBits - 1) - 1;
  for (let exponent = lowest; exponent <= highest; exponent++) {
    const digits = Math.round(exponent < 0 ? value * 10 ** -exponent : value / 10 ** exponent);
    if (Math.abs(digits) > limit) continue;
    // Fewest digits that say the same: 120 is 120 with exponent 0, not 1200 with exponent -1.
    let mantissa = digits;
    let power = exponent;
    while (mantissa !== 0 && power < 0 && mantissa % 10 === 0) {
      mantissa /= 10;
      power++;
    }
    if (mantissa === 0) power = 0;
    return (((power + 2 ** exponentBits) % 2 ** exponentBits) * span + ((mantissa + span) % span)) >>> 0;
  }
  return value > 0 ? half - 2 : half + 2;
}
