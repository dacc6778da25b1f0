/**
 * What Transtek scales share (Trisa, ADE, Weight Gurus, Medisana): seconds counted from 2010, a password that the scale hands
 * out once (A0), a challenge at each connection (A1) answered by exclusive or with it, weights as decimal floats.
 *
 * Source: openScale's and ble-scale-sync's descriptions of the protocol.
 */
import { le32, s8, u24le } from '../bytes.ts';
import { type ScaleRequest, type ScaleTime, write } from './family.ts';

export const UPLOAD = '8a82';
export const DOWNLOAD = '8a81';
export const PASSWORD = 0xa0;
export const CHALLENGE = 0xa1;
/** Seconds from 1970 to 2010. */
export const EPOCH_2010 = 1_262_304_000;

/** The clock: 02 and the seconds since 2010. */
export const clockBytes = (utcMs: number): number[] => [0x02, ...le32(Math.floor(utcMs / 1000) - EPOCH_2010)];

export const setClock = (time: ScaleTime | null): ScaleRequest[] => (time === null ? [] : [write(DOWNLOAD, clockBytes(time.utcMs), true)]);

/**
 * The answer to a challenge: A1 and each byte exclusive-ored with the password, repeated as needed.
 *
 * @throws RangeError for an empty password.
 */
export function answerWithPassword(challenge: Uint8Array, password: Uint8Array): number[] {
  if (password.length === 0) throw new RangeError('the password is empty: pair the scale first');
  return [CHALLENGE, ...challenge.map((byte, index) => byte ^ password[index % password.length]!)];
}

/** A float of 24 unsigned bits and a power of ten: what these scales mean by the standard's FLOAT. */
export function decimal32(bytes: Uint8Array, at: number): number {
  const exponent = s8(bytes, at + 3);
  return exponent < 0 ? u24le(bytes, at) / 10 ** -exponent : u24le(bytes, at) * 10 ** exponent;
}
