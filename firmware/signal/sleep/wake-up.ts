/**
 * When to wake somebody within a window before a set time: at a moment of light sleep, and at the set time at the latest, whatever is
 * known or not known of the night. Movement is the sign: in deep sleep people lie still for many minutes; light sleep and REM show in
 * small movements (Wilde-Frenz & Schulz, Percept Mot Skills 57 (1983) 275-283); a tracker or a bed mat sees them. Every decision comes with
 * its reason, to be shown.
 */
import type { SleepState } from './score.ts';

export interface WakeUpSetting {
  /** Minutes since an arbitrary zero, the same for all. */
  readonly windowStart: number;
  readonly setTime: number;
}

/** The last minutes of one sensor, the newest last; the newest must have ended by now. */
export interface RecentMinute {
  readonly endedAt: number;
  readonly stirred: boolean;
  readonly state: SleepState;
  /** Said with the reason. */
  readonly by: 'tracker' | 'bed mat';
  /** The heart beats clearly faster than in the half hour before: it does in light sleep and REM. */
  readonly heartRose?: boolean;
}

export type WakeUpDecision = { readonly kind: 'wait'; readonly because: string } | { readonly kind: 'wake'; readonly because: string };

/** ActiGraph counts of a minute in which a sleeper stirs; lying still gives none. */
const STIRRING = 20;

/** A minute as a tracker saw it. */
export const trackerMinute = (endedAt: number, counts: number, state: SleepState): RecentMinute => ({
  endedAt,
  stirred: counts >= STIRRING,
  state,
  by: 'tracker',
});

/** A single turn in deep sleep is followed by stillness, so stirring must show in two of the last five minutes. */
const LOOK_BACK_MIN = 5;
const LEAST_STIRRINGS = 2;
/** Older than this, the tracker has gone silent. */
const STALE_MIN = 3;

/** Decides at `now` (minutes), to be asked each minute. Of several sensors the first that shows light sleep wakes. */
export function wakeUpDecision(now: number, { windowStart, setTime }: WakeUpSetting, recent: readonly RecentMinute[]): WakeUpDecision {
  // First of all, so that nothing that is missing or odd can make anybody oversleep.
  if (!(now < setTime)) return { kind: 'wake', because: 'it is the set time' };
  if (now < windowStart) return { kind: 'wait', because: `the window begins in ${Math.ceil(windowStart - now)} min` };
  const seen = (['tracker', 'bed mat'] as const).flatMap(
    (by) =>
      bySensor(
        now,
        recent.filter((minute) => minute.by === by),
      ) ?? [],
  );
  return seen.find(({ kind }) => kind === 'wake') ?? seen[0] ?? { kind: 'wait', because: 'no movement data: the set time will wake' };
}

/** Undefined when the sensor has been silent. */
function bySensor(now: number, recent: readonly RecentMinute[]): WakeUpDecision | undefined {
  const known = recent.filter(({ endedAt }) => endedAt <= now && endedAt > now - LOOK_BACK_MIN);
  const newest = known.at(-1);
  if (newest === undefined || now - newest.endedAt > STALE_MIN) return undefined;
  const told = newest.by === 'tracker' ? '' : `, says the ${newest.by}`;
  if (newest.state === 'awake') return { kind: 'wake', because: `already awake within the window${told}` };
  const stirrings = known.filter(({ stirred }) => stirred).length;
  const heart = newest.heartRose === true;
  if (newest.stirred && stirrings + (heart ? 1 : 0) >= LEAST_STIRRINGS) {
    const beats = heart ? ', and the heart beats faster than before' : '';
    return { kind: 'wake', because: `light sleep: moved in ${stirrings} of the last ${known.length} min${beats}${told}` };
  }
  return { kind: 'wait', because: `lying still: deep sleep is likely${told}` };
}
