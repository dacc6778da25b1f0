/** Whether a counter of an encrypted broadcast may follow the last accepted one. */

/** A counter this close under its end, followed by one this close above zero, has run over and was not played back. */
const WRAP_MARGIN = 100;
const COUNTER_END = 0xffff_ffff;

/** True where `counter` is not above `last`; a 32-bit counter that ran over its end is above. */
export function isReplayed(counter: number, last: number | undefined): boolean {
  if (last === undefined || counter > last) return false;
  return !(last > COUNTER_END - WRAP_MARGIN && counter < WRAP_MARGIN);
}
