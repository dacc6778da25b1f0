/**
 * The minutes of somebody in bed as a mat under them sees them: how much of each half minute they moved, whether they got up, how fast their heart
 * beats. Small movements show light sleep, as with a tracker; in light sleep and REM the heart beats faster than in deep sleep (Penzel et al.,
 * IEEE Trans Biomed Eng 50 (2003) 1143-1151), which alone wakes nobody. Pure.
 */
import type { RecentMinute } from './wake-up.ts';

/** A value of a bed mat; times in minutes. */
export interface BedValue {
  readonly endedAt: number;
  readonly value: number;
}

export interface BedNight {
  /** Part of each half minute in which they moved, 0 to 1. */
  readonly movement: readonly BedValue[];
  /** 1 when they lay down, 0 when they got up. */
  readonly occupied: readonly BedValue[];
  readonly heartRate: readonly BedValue[];
}

/** Part of half a minute: over half a second, more than a breath or a single knock at the bed. */
const STIRRED_PART = 0.02;
/** Of a minute: nobody sleeps so. */
const AWAKE_PART = 0.25;
/** A night's rates scatter by some per cent from half minute to half minute. */
const ROSE_PART = 1.1;
const NOW_MIN = 2;
const BASE_MIN = 35;
const LEAST_NOW = 2;
const LEAST_BASE = 10;

/** In order of time; each list must be. */
export function bedMinutes({ movement, occupied, heartRate }: BedNight): RecentMinute[] {
  const heartRose = hasRisen(heartRate);
  // A span that ends with its minute belongs to it.
  const groups = Map.groupBy(movement, ({ endedAt }) => Math.ceil(endedAt - 0.01));
  const minutes = [...groups.values()].map((spans): RecentMinute => {
    const parts = spans.map(({ value }) => value);
    const mean = parts.reduce((sum, part) => sum + part, 0) / parts.length;
    return {
      endedAt: spans.at(-1)!.endedAt,
      stirred: Math.max(...parts) >= STIRRED_PART,
      state: mean >= AWAKE_PART ? 'awake' : 'asleep',
      by: 'bed mat',
    };
  });
  const newest = minutes.at(-1);
  if (newest !== undefined) minutes[minutes.length - 1] = { ...newest, heartRose };
  const last = occupied.at(-1);
  if (last !== undefined && last.value === 0 && occupied.some(({ value }) => value === 1) && last.endedAt >= (newest?.endedAt ?? 0))
    minutes.push({ endedAt: last.endedAt, stirred: true, state: 'awake', by: 'bed mat' });
  return minutes;
}

function hasRisen(heartRate: readonly BedValue[]): boolean {
  const toMin = heartRate.at(-1)?.endedAt ?? 0;
  const now = heartRate.filter(({ endedAt }) => endedAt > toMin - NOW_MIN);
  const base = heartRate.filter(({ endedAt }) => endedAt <= toMin - NOW_MIN && endedAt > toMin - BASE_MIN);
  return now.length >= LEAST_NOW && base.length >= LEAST_BASE && median(now) >= ROSE_PART * median(base);
}

const median = (values: readonly BedValue[]): number => values.map(({ value }) => value).sort((a, b) => a - b)[values.length >> 1]!;
