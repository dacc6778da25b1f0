/** A chip that is not what the rig file says, or does not work: what, where, and what to do. */
export class ChipError extends Error {
  override readonly name = 'ChipError';
  readonly chip: string;

  constructor(chip: string, message: string) {
    super(`${chip}: ${message}`);
    this.chip = chip;
  }
}
