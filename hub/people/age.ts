/**
 * Ages to the day, by the calendar of the home's time zone. Pure: the day is passed in.
 *
 * What is decided, and written here once: a person has an age from the very day of the birthday on, so on the 13th birthday one is
 * 13 and may have an account (F4). Who was born on 29 February becomes older on 1 March in a year without that day: the later of the
 * two days, since the limit protects a child.
 */

/** A day of the calendar; months count from 1. */
export interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export const LEAST_AGE = 13;
/** Of age in the countries of the policy's region; below, a guardian consents. */
export const MAJORITY_AGE = 18;
const MOST_AGE = 130;

export class BirthDateError extends Error {
  override readonly name = 'BirthDateError';
}

/** Reads `1990-02-28`. Throws BirthDateError for a day that never was, is in the future or more than 130 years ago. */
export function birthDateOf(text: string, today: Day): Day {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (parts === null) throw new BirthDateError(`'${text}' is no date: write it like 1990-02-28`);
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCFullYear() !== year || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day)
    throw new BirthDateError(`there was no ${text}`);
  const birth = { year, month, day };
  if (ageOn(birth, today) < 0) throw new BirthDateError(`${text} is in the future`);
  if (ageOn(birth, today) > MOST_AGE) throw new BirthDateError(`${text} is more than ${MOST_AGE} years ago`);
  return birth;
}

/** Whole years on a day; negative before birth. */
export function ageOn(birth: Day, today: Day): number {
  const isReached = today.month > birth.month || (today.month === birth.month && today.day >= birth.day);
  return today.year - birth.year - (isReached ? 0 : 1);
}

/** The day it is at a moment in a time zone (IANA name). Throws RangeError for a zone that is none. */
export function dayIn(zone: string, utcMs: number): Day {
  const parts = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', { timeZone: zone, year: 'numeric', month: 'numeric', day: 'numeric' });
  const of = Object.fromEntries(parts.formatToParts(utcMs).map(({ type, value }) => [type, Number(value)]));
  return { year: of.year!, month: of.month!, day: of.day! };
}

export type AgeGroup = 'under-age' | 'minor' | 'adult';

export function ageGroup(birth: Day, today: Day): AgeGroup {
  const age = ageOn(birth, today);
  return age < LEAST_AGE ? 'under-age' : age < MAJORITY_AGE ? 'minor' : 'adult';
}
