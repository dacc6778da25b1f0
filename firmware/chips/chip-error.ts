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
