import { hex } from '../buses/bus.ts';

/** A chip that is not what the rig file says, or does not work: what, where, and what to do. */
export class ChipError extends Error {
  override readonly name = 'ChipError';
  readonly chip: string;
  /** `checksum`: bytes were spoiled on the way, the next may be whole; `fault`: only a person mends it. */
  readonly kind: 'checksum' | 'fault';

  constructor(chip: string, message: string, kind: ChipError['kind'] = 'fault') {
    super(`${chip}: ${message}`);
    this.chip = chip;
    this.kind = kind;
  }
}

/** Of what it says it is (`id`, `revision`), where the chip of the rig file says another. */
export const anotherChip = (chip: string, what: string, said: number, expected: number): ChipError =>
  new ChipError(
    chip,
    `the chip says ${what} ${hex(said)} where this one says ${hex(expected)}: another chip is at this address; name it in the rig file, or wire this one`,
  );
