/**
 * A Sensirion I2C chip at command level: commands of one or two bytes, words with a checksum, a time for which it does not acknowledge.
 * Source: interface sections of the SCD4x, SGP41 and SHT4x datasheets (CRC-8: polynomial 0x31, start 0xFF).
 */
import type { VirtualChip } from '../i2c.ts';

export function sensirionCrc(high: number, low: number): number {
  let crc = 0xff;
  for (const byte of [high, low]) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x80) !== 0 ? ((crc << 1) ^ 0x31) & 0xff : (crc << 1) & 0xff;
  }
  return crc;
}

/** A part of the whole scale as a word, from 0 to 65,535; what lies outside stays at the end. */
export const wordOf = (part: number): number => Math.max(0, Math.min(65_535, Math.round(part * 65_535)));

export interface SensirionChipOptions {
  readonly address: number;
  readonly nowMs: () => number;
  readonly commandBytes?: 1 | 2;
  /** What a command does: how long it takes and the words it makes ready. Undefined: not acknowledged. */
  readonly obey: (command: number, words: readonly number[]) => { readonly ms: number; readonly answer?: readonly number[] } | undefined;
  /** True: the next answer's checksum is wrong, as after a disturbance on the wires. */
  readonly isSpoiled?: () => boolean;
}

export function createSensirionChip({
  address,
  nowMs,
  commandBytes = 2,
  obey,
  isSpoiled = () => false,
}: SensirionChipOptions): VirtualChip {
  let busyUntilMs = 0;
  let answer: Uint8Array = new Uint8Array(0);

  const bytesOf = (words: readonly number[]): Uint8Array => {
    const flip = isSpoiled() ? 0x01 : 0x00;
    return Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff, sensirionCrc(word >> 8, word & 0xff) ^ flip]));
  };
  const wordsIn = (bytes: Uint8Array): number[] | undefined => {
    const words: number[] = [];
    for (let at = 0; at < bytes.length; at += 3) {
      if (sensirionCrc(bytes[at]!, bytes[at + 1] ?? 0) !== bytes[at + 2]) return undefined;
      words.push((bytes[at]! << 8) | bytes[at + 1]!);
    }
    return words;
  };

  return {
    address,
    write(bytes) {
      if (bytes.length === 0) return nowMs() >= busyUntilMs;
      if (bytes.length < commandBytes || nowMs() < busyUntilMs) return false;
      const command = commandBytes === 1 ? bytes[0]! : (bytes[0]! << 8) | bytes[1]!;
      const words = wordsIn(bytes.subarray(commandBytes));
      const done = words === undefined ? undefined : obey(command, words);
      if (done === undefined) return false;
      busyUntilMs = nowMs() + done.ms;
      answer = bytesOf(done.answer ?? []);
      return true;
    },
    read(length) {
      if (nowMs() < busyUntilMs || answer.length === 0) return undefined;
      const bytes = answer.subarray(0, length);
      answer = answer.subarray(length);
      return bytes;
    },
  };
}
