import { type Quantity, quantityOfCode } from '../../firmware/protocol/quantities.ts';
import { FIRST_PERSON } from './accounts.ts';
import { HOME } from './subjects.ts';

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
