/** Whether a counter of an encrypted broadcast may follow the last accepted one. */

/** A counter this close under its end, followed by one this close above zero, has run over and was not played back. */
const WRAP_MARGIN = 100;
const COUNTER_END = 0xffff_ffff;

/**
 * `fresh` above the last accepted counter (or where a 32-bit counter ran over its end); `repeated` when equal, as every device sends each
 * broadcast several times; `replayed` below it.
 */
export function freshness(counter: number, last: number | undefined): 'fresh' | 'repeated' | 'replayed' {
  if (last === undefined || counter > last) return 'fresh';
  if (counter === last) return 'repeated';
  return last > COUNTER_END - WRAP_MARGIN && counter < WRAP_MARGIN ? 'fresh' : 'replayed';
}
