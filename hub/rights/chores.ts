/**
 * What is done each day for people's rights, by the home's own clock: purges, copies, notices. A chore that fails is tried again within
 * the hour and said; one that was missed while the hub was off is done when it is back. Nothing is done while the time is not known: a
 * clock that is years ahead would let everything go.
 */
import type { Clock } from '../../firmware/protocol/time.ts';
import { zoneOffsetMin } from '../ops/clock/zone.ts';
import type { Choices } from '../people/choices.ts';
import { HOME } from '../people/subjects.ts';

export interface Chore {
  readonly id: string;
  /** What a person reads when it fails. */
  readonly words: string;
  /** Hour of the home's day from which it is due; `often`: at each look. */
  readonly hour: number | 'often';
  /** Resolves with false when there is more to do: it goes on at the next look. */
  readonly run: (isOn: () => boolean) => Promise<boolean>;
}

export interface ChoresOptions {
  readonly chores: readonly Chore[];
  readonly choices: Choices;
  readonly zone: string;
  readonly clock: Clock;
  readonly isTimeKnown: () => boolean;
  readonly failed: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface Chores {
  /** What failed and was not done since. */
  troubles(): string[];
  readonly done: Promise<void>;
}

/** The start belongs to the person who waits for the page. */
const FIRST_LOOK_MS = 120_000;
const LOOK_EVERY_MS = 600_000;
const HOUR_MS = 3_600_000;

/** The day of the home's calendar on which a chore is due at `nowMs`, as a number that grows by one each day. */
export const dueDay = (nowMs: number, zone: string, hour: number): number =>
  Math.floor((nowMs + (zoneOffsetMin(zone, nowMs) ?? 0) * 60_000 - hour * HOUR_MS) / (24 * HOUR_MS));

export function startChores({ chores, choices, zone, clock, isTimeKnown, failed, signal }: ChoresOptions): Chores {
  const troubles = new Map<string, string>();
  const isOn = (): boolean => !signal.aborted;

  const look = async ({ id, words, hour, run }: Chore): Promise<void> => {
    const day = hour === 'often' ? undefined : dueDay(clock.utc(), zone, hour);
    if (day !== undefined && (choices.get<number>(HOME, 'chore', id)?.value ?? Number.NEGATIVE_INFINITY) >= day) return;
    try {
      if ((await run(isOn)) && day !== undefined && isOn()) choices.set(HOME, 'chore', id, day, clock.utc());
      troubles.delete(id);
    } catch (error) {
      const text = `${words}: ${error instanceof Error ? error.message : error}`;
      if (troubles.get(id) !== text) failed(text);
      troubles.set(id, text);
    }
  };
  const loop = async (): Promise<void> => {
    await clock.sleep(FIRST_LOOK_MS, signal).catch(() => undefined);
    while (isOn()) {
      if (isTimeKnown()) for (const chore of chores) if (isOn()) await look(chore);
      await clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
    }
  };
  return { troubles: () => [...troubles.values()], done: loop() };
}
