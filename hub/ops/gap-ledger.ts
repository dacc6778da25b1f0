/**
 * The gap ledger: for each device, which spans have no measurements, and why. Pure steps: what came in, gaps out.
 *
 * A device counts its measurements, so a number that never comes is a measurement that was lost. One that measures steadily and then
 * does not has a hole, whose cause is what happened in between: another boot is a power cut of its own, a link that was down is `away`
 * or `radio`, an absence of the hub is that hub's. A scale that nobody stepped on has no holes: it never was steady.
 *
 * What is heard over the air is numbered by the hub, in the order in which it hears whom: there a missing number says nothing, nor does
 * another boot, which is the hub's own.
 */
import type { NewEntry } from '../store/log-entry.ts';

type GapEntry = Extract<NewEntry, { kind: 'gap' }>;

interface Missing {
  readonly first: number;
  readonly last: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly noticedMs: number;
}

export interface DeviceTrack {
  readonly boot: number;
  readonly sequence: number;
  readonly endMs: number;
  /** Measurements in a row that were each one number further. */
  readonly inARow: number;
  readonly intervalsMs: readonly number[];
  readonly missing: readonly Missing[];
}

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  readonly cause: GapEntry['cause'];
}

export interface Arrival {
  readonly sequence: number;
  readonly endUtcMs: number;
  readonly spanMs: number;
}

/** Shorter holes are a device that was busy. */
const LEAST_HOLE_MS = 120_000;
/** So many usual intervals without a measurement are a hole. */
const HOLE_INTERVALS = 5;
/** Intervals from which the usual one is known. */
const INTERVALS = 15;
const LEAST_INTERVALS = 8;
/** A device that numbered so many without a jump does number one by one. */
const IN_A_ROW = 8;
/** A frame that was refused comes again within this, with its numbers. */
const COMES_AGAIN_MS = 600_000;
/** More numbers at once are another way of numbering, and no loss. */
const MOST_LOST = 1_000_000;
const MOST_MISSING = 100;

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.POSITIVE_INFINITY;

/** Who numbers a device's measurements: it itself, or the hub as it hears them among others'. */
export type Numbering = 'own' | 'heard';

/** Takes what a device delivered; `troubles` are known absences of its link and of the hub. Gives gaps that are certain now. */
export function tookArrivals(
  track: DeviceTrack | undefined,
  device: string,
  boot: number,
  arrivals: readonly Arrival[],
  troubles: readonly Span[],
  nowMs: number,
  numbering: Numbering = 'own',
): [DeviceTrack, GapEntry[]] {
  const gaps: GapEntry[] = [];
  if (numbering === 'heard')
    return [arrivals.reduce(hearOne, track ?? { boot, sequence: 0, endMs: 0, inARow: 0, intervalsMs: [], missing: [] }), gaps];
  let now: DeviceTrack = track ?? { boot, sequence: 0, endMs: Number.NEGATIVE_INFINITY, inARow: 0, intervalsMs: [], missing: [] };
  const isFirst = track === undefined;
  for (const [index, arrival] of arrivals.entries()) now = takeOne(now, arrival, isFirst && index === 0);
  return [settleMissing(now), gaps];

  /** By its time alone; what it had stored and hands on late fills no hole, and is none. */
  function hearOne(known: DeviceTrack, { endUtcMs, spanMs }: Arrival): DeviceTrack {
    if (endUtcMs <= known.endMs) return known;
    const isFirst = known.endMs === 0;
    const startMs = endUtcMs - spanMs;
    const least = Math.max(LEAST_HOLE_MS, HOLE_INTERVALS * median(known.intervalsMs));
    if (!isFirst && known.intervalsMs.length >= LEAST_INTERVALS && startMs - known.endMs > least)
      gaps.push({ kind: 'gap', device, fromMs: known.endMs, toMs: startMs, cause: worstOf(known.endMs, startMs) ?? 'away' });
    const intervalsMs = isFirst ? known.intervalsMs : [...known.intervalsMs, endUtcMs - known.endMs].slice(-INTERVALS);
    return { ...known, boot, endMs: endUtcMs, intervalsMs, missing: [] };
  }
  function worstOf(fromMs: number, toMs: number): GapEntry['cause'] | undefined {
    const shared = (span: Span): number => Math.min(toMs, span.toMs) - Math.max(fromMs, span.fromMs);
    return troubles.filter((span) => shared(span) > 0).sort((a, b) => shared(b) - shared(a))[0]?.cause;
  }

  function takeOne(known: DeviceTrack, { sequence, endUtcMs, spanMs }: Arrival, isFirstEver: boolean): DeviceTrack {
    const isSameBoot = known.boot === boot;
    if (isSameBoot && sequence <= known.sequence) return { ...known, missing: known.missing.flatMap((one) => without(one, sequence)) };
    const jump = isSameBoot ? sequence - known.sequence - 1 : 0;
    const isJump = jump > 0 && jump < MOST_LOST && known.inARow >= IN_A_ROW && !isFirstEver;
    const startMs = endUtcMs - spanMs;
    const intervalMs = endUtcMs - known.endMs;
    if (!isFirstEver && !isJump) {
      const isSteady = known.intervalsMs.length >= LEAST_INTERVALS;
      const least = Math.max(LEAST_HOLE_MS, HOLE_INTERVALS * median(known.intervalsMs));
      if (isSteady && startMs - known.endMs > least)
        gaps.push({ kind: 'gap', device, fromMs: known.endMs, toMs: startMs, cause: causeOf(known.endMs, startMs, isSameBoot) });
    }
    const missing = isJump
      ? [...known.missing, { first: known.sequence + 1, last: sequence - 1, fromMs: known.endMs, toMs: startMs, noticedMs: nowMs }]
      : isSameBoot
        ? known.missing
        : known.missing.map((one) => ({ ...one, noticedMs: Number.NEGATIVE_INFINITY }));
    const isInterval = intervalMs > 0 && Number.isFinite(intervalMs) && isSameBoot;
    return {
      boot,
      sequence,
      endMs: Math.max(known.endMs, endUtcMs),
      inARow: isSameBoot && jump === 0 ? known.inARow + 1 : isJump ? known.inARow : 0,
      intervalsMs: isInterval ? [...known.intervalsMs, intervalMs].slice(-INTERVALS) : known.intervalsMs,
      missing: missing.slice(-MOST_MISSING),
    };
  }

  function causeOf(fromMs: number, toMs: number, isSameBoot: boolean): GapEntry['cause'] {
    return isSameBoot ? (worstOf(fromMs, toMs) ?? 'unknown') : 'power';
  }

  function settleMissing(known: DeviceTrack): DeviceTrack {
    const isLost = (one: Missing): boolean => nowMs - one.noticedMs >= COMES_AGAIN_MS;
    for (const { first, last, fromMs, toMs } of known.missing.filter(isLost))
      gaps.push({ kind: 'gap', device, fromMs, toMs: Math.max(fromMs, toMs), cause: 'dropped', lost: last - first + 1 });
    return { ...known, missing: known.missing.filter((one) => !isLost(one)) };
  }
}

/** What is still missing when one of the numbers came after all. */
function without(missing: Missing, sequence: number): Missing[] {
  if (sequence < missing.first || sequence > missing.last) return [missing];
  return [
    { ...missing, last: sequence - 1 },
    { ...missing, first: sequence + 1 },
  ].filter(({ first, last }) => first <= last);
}
