/**
 * When somebody is woken, decided on the hub: at a moment of light sleep within the window, at the set time at the latest, whatever has
 * happened to hub or clock meanwhile. Pure: state and time in, state out; each decision with its reason.
 */
import { type RecentMinute, wakeUpDecision } from '../../firmware/signal/sleep/wake-up.ts';
import { dayIn } from '../people/age.ts';
import { dayBefore, momentOf, weekdayOf } from './wall-time.ts';

export interface WakeUpSetting {
  readonly isOn: boolean;
  /** Of the day, by the wall clock of the home. */
  readonly minuteOfDay: number;
  /** From Monday on, seven. */
  readonly days: readonly boolean[];
  /** How long before the set time light sleep may wake; 0: at the set time alone. */
  readonly windowMin: number;
  /** When it was set: a time of day that had passed then is tomorrow's. */
  readonly setAtMs: number;
}

/** What was decided for one morning. */
export interface Morning {
  /** The set time, UTC milliseconds: names the morning. */
  readonly setMs: number;
  /** Each change of mind within the window, oldest first. */
  readonly trail: readonly { readonly atMs: number; readonly because: string }[];
  readonly rangMs?: number;
  readonly stoppedMs?: number;
  /** Rings again then. */
  readonly snoozedToMs?: number;
}

/** A hub that comes up later than this after the set time does not ring: the day has begun without it. */
const LATEST_MS = 2 * 3_600_000;
/** Ringing this late is said to be late. */
const LATE_MS = 60_000;
/** Nobody is there to hear it. */
export const RINGS_FOR_MS = 30 * 60_000;
const MOST_TRAIL = 60;

/** The set time that counts now: the one whose window is open or that was passed lately, else the next one within eight days. */
export function setTimeNow(setting: WakeUpSetting, zone: string, nowMs: number, morning: Morning | undefined): number | undefined {
  if (!setting.isOn) return undefined;
  const today = dayIn(zone, nowMs);
  for (let ahead = -1; ahead <= 8; ahead++) {
    const day = dayBefore(today, -ahead);
    if (setting.days[weekdayOf(day)] !== true) continue;
    const setMs = momentOf(zone, day, setting.minuteOfDay);
    const isOver = morning !== undefined && morning.rangMs !== undefined && setMs <= morning.setMs;
    if (setMs > setting.setAtMs && setMs > nowMs - LATEST_MS && !isOver) return setMs;
  }
  return undefined;
}

/** Decides at `nowMs`. `recent` is asked for only within the window. */
export function decide(
  setting: WakeUpSetting,
  zone: string,
  nowMs: number,
  morning: Morning | undefined,
  recent: () => readonly RecentMinute[],
): Morning | undefined {
  const setMs = setTimeNow(setting, zone, nowMs, morning);
  if (setMs === undefined || nowMs < setMs - setting.windowMin * 60_000) return morning;
  const now = morning?.setMs === setMs ? morning : { setMs, trail: [] };
  const minutes = (ms: number): number => ms / 60_000;
  const decision =
    nowMs - setMs > LATE_MS
      ? ({ kind: 'wake', because: 'the set time has passed while the hub was off or had another time: late, but at once' } as const)
      : wakeUpDecision(
          minutes(nowMs),
          { windowStart: minutes(setMs) - setting.windowMin, setTime: minutes(setMs) },
          nowMs < setMs ? recent() : [],
        );
  const trail =
    now.trail.at(-1)?.because === decision.because
      ? now.trail
      : [...now.trail, { atMs: nowMs, because: decision.because }].slice(-MOST_TRAIL);
  return { ...now, trail, ...(decision.kind === 'wake' && { rangMs: nowMs }) };
}

/** Whether it rings now. */
export function isRinging({ rangMs, stoppedMs, snoozedToMs }: Morning, nowMs: number): boolean {
  if (rangMs === undefined || stoppedMs !== undefined) return false;
  const fromMs = snoozedToMs ?? rangMs;
  // A clock that was set back does not silence it.
  return nowMs - fromMs < RINGS_FOR_MS && (snoozedToMs === undefined || nowMs >= snoozedToMs);
}
