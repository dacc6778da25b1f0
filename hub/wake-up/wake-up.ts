/** Smart Wake-up: everybody's settings and mornings, kept over restarts; the clock that looks; what rings. */
import type { Clock } from '../../firmware/protocol/time.ts';
import { bedMinutes } from '../../firmware/signal/sleep/bed-minutes.ts';
import { coleKripke } from '../../firmware/signal/sleep/score.ts';
import { type RecentMinute, trackerMinute } from '../../firmware/signal/sleep/wake-up.ts';
import type { Household } from '../people/household.ts';
import type { Store } from '../store/store.ts';
import { decide, isRinging, type Morning, setTimeNow, type WakeUpSetting } from './alarm.ts';

/** A second of lateness is none; within the window a decision each minute would do. */
const LOOK_EVERY_MS = 5000;
/** What rings is told again, so that one that was away rings when it is back. */
const TELL_EVERY_MS = 10_000;
const SNOOZE_MS = 9 * 60_000;
const MINUTE_MS = 60_000;
/** Scoring looks four minutes back; as many again so that the newest are sure. */
const LOOK_BACK_MIN = 12;
/** The heart now is held against the half hour before. */
const BED_LOOK_BACK_MIN = 40;
const NIGHT_MIN = 16 * 60;

export interface WakeUpState {
  readonly setting: WakeUpSetting | undefined;
  readonly morning: Morning | undefined;
  readonly nextMs: number | undefined;
  readonly isRinging: boolean;
}

export interface WakeUp {
  of(subject: string): WakeUpState;
  set(subject: string, setting: Omit<WakeUpSetting, 'setAtMs'>): void;
  /** Ends what rings. False when nothing does. */
  stop(subject: string): boolean;
  snooze(subject: string): boolean;
  /** Rings for a few seconds, to hear whether it works. */
  test(): void;
  readonly done: Promise<void>;
}

export interface WakeUpOptions {
  readonly settings: WakeUpSettings;
  readonly store: Store;
  readonly zone: string;
  readonly clock: Clock;
  /** Switches every output of the home that wakes. */
  readonly ring: (isOn: boolean) => void;
  /** Somebody's state changed: their page is told. */
  readonly onChange: (subject: string) => void;
  readonly failed: (message: string) => void;
  readonly signal: AbortSignal;
}

interface Kept {
  setting?: WakeUpSetting;
  morning?: Morning;
}

/** What is kept of each person's waking, in the household's own encrypted file. */
export interface WakeUpSettings {
  all(): [subject: string, kept: Kept][];
  keep(subject: string, kept: Kept): void;
  forget(subject: string): void;
  remains(subject: string): number;
}

export function openWakeUpSettings(household: Household): WakeUpSettings {
  return {
    all: () =>
      household
        .prepare<[], { subject: string; body: string }>('SELECT subject, body FROM wake_up')
        .all()
        .map(({ subject, body }) => [subject, JSON.parse(body) as Kept]),
    keep: (subject, kept) => void household.prepare('INSERT OR REPLACE INTO wake_up VALUES (?, ?)').run(subject, JSON.stringify(kept)),
    forget: (subject) => void household.prepare('DELETE FROM wake_up WHERE subject = ?').run(subject),
    remains: (subject) =>
      household.prepare<[string], { count: number }>('SELECT count(*) AS count FROM wake_up WHERE subject = ?').get(subject)!.count,
  };
}

/** The last minutes of somebody: of the tracker that was heard last, scored, and of the bed mat that was. */
export function recentMinutes(store: Store, subject: string, nowMs: number): RecentMinute[] {
  if (!store.subjects().includes(subject)) return [];
  const vault = store.vault(subject);
  const newestOf = (quantity: 'activity_counts' | 'movement' | 'bed_occupied' | 'heart_rate', minutes: number, device?: string) => {
    const rows = [...vault.range({ quantity, fromMs: nowMs - minutes * MINUTE_MS, ...(device !== undefined && { device }) })]
      .filter(({ end, flag }) => flag === 'ok' && end <= nowMs)
      .sort((a, b) => a.end - b.end);
    return rows.filter((row) => row.device === rows.at(-1)?.device);
  };
  const counts = newestOf('activity_counts', LOOK_BACK_MIN);
  const states = coleKripke(counts.map(({ value }) => value));
  const tracker = counts.map(({ end, value }, at) => trackerMinute(end / MINUTE_MS, value, states[at]!));
  const movement = newestOf('movement', LOOK_BACK_MIN);
  const mat = movement.at(-1)?.device;
  if (mat === undefined) return tracker;
  const inMinutes = (rows: typeof movement) => rows.map(({ end, value }) => ({ endedAt: end / MINUTE_MS, value }));
  const bed = bedMinutes({
    movement: inMinutes(movement),
    occupied: inMinutes(newestOf('bed_occupied', NIGHT_MIN, mat)),
    heartRate: inMinutes(newestOf('heart_rate', BED_LOOK_BACK_MIN, mat)),
  });
  return [...tracker, ...bed];
}

export function startWakeUp({ settings, store, zone, clock, ring, onChange, failed, signal }: WakeUpOptions): WakeUp {
  const people = new Map(settings.all());
  let rings = false;
  let toldMs = Number.NEGATIVE_INFINITY;
  let woken = new AbortController();
  let testUntilMs = Number.NEGATIVE_INFINITY;

  const keep = (subject: string, kept: Kept): void => {
    people.set(subject, kept);
    // What cannot be kept rings all the same.
    try {
      settings.keep(subject, kept);
    } catch (error) {
      failed(`the wake-up of ${subject} could not be kept: ${error instanceof Error ? error.message : error}`);
    }
    onChange(subject);
  };
  const recentOf = (subject: string, nowMs: number): RecentMinute[] => {
    try {
      return recentMinutes(store, subject, nowMs);
    } catch (error) {
      failed(`the last minutes of ${subject} could not be read: ${error instanceof Error ? error.message : error}`);
      return [];
    }
  };
  const look = (): void => {
    const nowMs = clock.utc();
    let isOn = clock.monotonic() < testUntilMs;
    for (const [subject, kept] of people) {
      if (kept.setting === undefined) continue;
      const was = kept.morning;
      const morning = decide(kept.setting, zone, nowMs, was, () => recentOf(subject, nowMs));
      if (morning !== undefined && morning !== was && JSON.stringify(morning) !== JSON.stringify(was)) keep(subject, { ...kept, morning });
      isOn ||= morning !== undefined && isRinging(morning, nowMs);
    }
    if (isOn === rings && (!isOn || clock.monotonic() - toldMs < TELL_EVERY_MS)) return;
    const changed = isOn !== rings;
    rings = isOn;
    toldMs = clock.monotonic();
    ring(isOn);
    if (changed) for (const subject of people.keys()) onChange(subject);
  };
  /** Until the next look: never past a set time. */
  const waitMs = (): number => {
    const nowMs = clock.utc();
    const next = [...people.values()].flatMap(({ setting, morning }) => {
      const setMs = setting === undefined ? undefined : setTimeNow(setting, zone, nowMs, morning);
      return setMs === undefined || setMs <= nowMs ? [] : [setMs - nowMs];
    });
    return Math.max(1, Math.min(LOOK_EVERY_MS, ...next));
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        look();
      } catch (error) {
        failed(`a wake-up could not be decided: ${error instanceof Error ? error.message : error}`);
      }
      woken = new AbortController();
      await clock.sleep(waitMs(), AbortSignal.any([signal, woken.signal])).catch(() => undefined);
    }
    if (rings) ring(false);
  };
  const now = (): void => woken.abort();

  return {
    of(subject) {
      const { setting, morning } = people.get(subject) ?? {};
      const nowMs = clock.utc();
      return {
        setting,
        morning,
        nextMs: setting === undefined ? undefined : setTimeNow(setting, zone, nowMs, morning),
        isRinging: morning !== undefined && isRinging(morning, nowMs),
      };
    },
    set(subject, setting) {
      keep(subject, { ...people.get(subject), setting: { ...setting, setAtMs: clock.utc() } });
      now();
    },
    stop(subject) {
      const kept = people.get(subject);
      const { morning } = kept ?? {};
      const isOpen = morning?.rangMs !== undefined && morning.stoppedMs === undefined;
      if (!isOpen) return false;
      keep(subject, { ...kept, morning: { ...morning, stoppedMs: clock.utc() } });
      now();
      return true;
    },
    snooze(subject) {
      const kept = people.get(subject);
      const { morning } = kept ?? {};
      if (morning === undefined || !isRinging(morning, clock.utc())) return false;
      keep(subject, { ...kept, morning: { ...morning, snoozedToMs: clock.utc() + SNOOZE_MS } });
      now();
      return true;
    },
    test() {
      testUntilMs = clock.monotonic() + LOOK_EVERY_MS;
      now();
    },
    done: run(),
  };
}
