/** Why the hub does not start, said so that a person can mend it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}
