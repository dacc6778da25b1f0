import { type Quantity, quantityOfCode } from '../../firmware/protocol/quantities.ts';

/** The home itself: what its air and its devices are like is nobody's body. */
export const HOME = 'home';
/** The one person of a hub on which nobody else was invited. */
export const FIRST_PERSON = 'person-1';

/** Whose vault a reading of a quantity belongs to. A code of a newer device is kept with the home until it is known. */
export function subjectOf(code: number): string {
  const quantity: Quantity | undefined = quantityOfCode(code);
  if (quantity === undefined) return HOME;
  switch (quantity.category) {
    case 'identity':
    case 'body':
    case 'activity':
      return FIRST_PERSON;
    case 'environment':
    case 'technical':
      return HOME;
  }
}
