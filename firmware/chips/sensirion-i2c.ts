/**
 * What Sensirion's I2C sensors share: 16-bit commands, words with a checksum each, and a time that each command takes.
 * Source: the interface sections of the SCD4x, SGP40, SGP41 and SHT4x datasheets.
 */
import { BusError, hex, type I2cBus } from '../buses/bus.ts';
import type { Clock } from '../protocol/time.ts';
import { ChipError } from './chip-error.ts';
import { sensirionCrc, sensirionWords } from './sensirion-crc.ts';

/** A chip that is still at work does not acknowledge: asked again, each time a little later. */
const READ_ATTEMPTS = 5;
const RETRY_MS = 10;
/** A command that met the chip at work is lost without a word on some buses (Firmata tells nothing of writes): it is sent again. */
const ASK_ATTEMPTS = 3;
/** On top of a command's own time: a write may still be on its way through the board. */
const ON_THE_WAY_MS = 4;

export interface SensirionChip {
  /** `name at address`, for messages. */
  readonly at: string;
  /** Sends a command of one or two bytes with its words, and waits for as long as it takes. */
  send(command: number, words?: readonly number[], takesMs?: number): Promise<void>;
  /** The words that the last command made ready. Rejects with ChipError of kind `checksum`. */
  words(count: number): Promise<number[]>;
  ask(command: number, count: number, words?: readonly number[], takesMs?: number): Promise<number[]>;
}

export function openSensirion(bus: I2cBus, clock: Clock, name: string, address: number): SensirionChip {
  const at = `${name} at ${hex(address)}`;
  const send = async (command: number, words: readonly number[] = [], takesMs = 1): Promise<void> => {
    const code = command > 0xff ? [command >> 8, command & 0xff] : [command];
    const data = words.flatMap((word) => [word >> 8, word & 0xff, sensirionCrc(word >> 8, word & 0xff)]);
    await bus.write(address, Uint8Array.of(...code, ...data));
    await clock.sleep(takesMs + ON_THE_WAY_MS);
  };
  const words = async (count: number): Promise<number[]> => {
    for (let attempt = 1; ; attempt++) {
      try {
        const found = sensirionWords(await bus.read(address, null, count * 3));
        if (found !== undefined) return found;
        throw new ChipError(at, 'a wrong checksum: check the length and the pull-ups of its wires', 'checksum');
      } catch (error) {
        if (!(error instanceof BusError) || error.kind !== 'nack' || attempt === READ_ATTEMPTS) throw error;
        await clock.sleep(RETRY_MS * attempt);
      }
    }
  };
  return {
    at,
    send,
    words,
    async ask(command, count, parameters, takesMs) {
      for (let attempt = 1; ; attempt++) {
        try {
          await send(command, parameters, takesMs);
          return await words(count);
        } catch (error) {
          if (!(error instanceof BusError) || error.kind !== 'nack' || attempt === ASK_ATTEMPTS) throw error;
        }
      }
    },
  };
}

/** A 48-bit serial number as its chip's label has it. */
export const serialOf = (words: readonly number[]): string => words.map((word) => word.toString(16).padStart(4, '0')).join('');
