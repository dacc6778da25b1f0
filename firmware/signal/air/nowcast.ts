/**
 * NowCast of particles: what the 24-hour index would need, told from the last 12 hours, the newer the weightier as concentration changes.
 * Source: EPA, "Technical assistance document for the reporting of daily air quality" (2018), NowCast for PM.
 */

const HOURS = 12;
/** Of the newest three hours so many must be there. */
const LEAST_NEWEST = 2;
/** For particles old hours keep at least half the weight of the next. */
const LEAST_WEIGHT = 0.5;

/** Hourly means, the newest first; undefined or null where an hour is missing. Undefined when the newest hours are. */
export function nowCast(hours: readonly (number | null | undefined)[]): number | undefined {
  const known = hours.slice(0, HOURS).map((value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined));
  if (known.slice(0, 3).filter((value) => value !== undefined).length < LEAST_NEWEST) return undefined;
  const values = known.filter((value) => value !== undefined);
  const most = Math.max(...values);
  if (most === 0) return 0;
  const weight = Math.max(LEAST_WEIGHT, Math.min(...values) / most);
  let sum = 0;
  let weights = 0;
  for (const [hour, value] of known.entries()) {
    if (value === undefined) continue;
    sum += value * weight ** hour;
    weights += weight ** hour;
  }
  return sum / weights;
}
