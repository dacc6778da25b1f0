/**
 * Whether something is heard that stands out of what is always heard, from levels of a microphone ten times a second. Pure: a state and a step.
 *
 * What is always heard (a fridge, rain) is learned as a floor that falls at once and rises slowly, so that what begins and goes on, such as a
 * vacuum cleaner, is an event at first and part of the room after a while. Only levels are looked at, never what is said.
 */

/** Of a level. */
export const WINDOW_MS = 100;
/** Nothing that is louder than this is called silence, and nothing softer is called loud: a whisper across a room. */
const LEAST_DB = -55;
/** Above the floor: a voice, a door, glass; the floor's own spread stays under half of it. */
const ABOVE_DB = 12;
/** So many windows in a second: a click of the microphone is one. */
const LEAST_WINDOWS = 2;
const TOGETHER_MS = 1000;
/** An event lasts until nothing was loud for so long: steps and words have pauses. */
export const QUIET_MS = 3000;
/** 30 dB louder for good is the room after 20 s. */
const RISE_DB_PER_S = 1.5;
/** Digital silence. */
export const SILENT_DB = -90;

export interface SoundState {
  /** What is always heard, dB of full scale; undefined before the first level. */
  readonly floorDb: number | undefined;
  readonly levelMs: number;
  /** Windows that stood out, of the last second. */
  readonly loudMs: readonly number[];
  /** The event that lasts now. */
  readonly event: SoundEvent | undefined;
}

export interface SoundEvent {
  readonly sinceMs: number;
  /** When it was last loud. */
  readonly untilMs: number;
  /** Of its loudest window. */
  readonly peakDb: number;
}

export const initialSound: SoundState = { floorDb: undefined, levelMs: 0, loudMs: [], event: undefined };

/** Root mean square of signed 16-bit samples, dB of full scale; {@link SILENT_DB} at least. */
export function levelOf(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const level = samples.length === 0 ? 0 : Math.sqrt(sum / samples.length) / 32_768;
  return level === 0 ? SILENT_DB : Math.max(SILENT_DB, 20 * Math.log10(level));
}

/** @returns the next state, and the event that ended with it */
export function soundStep(state: SoundState, levelDb: number, nowMs: number): readonly [SoundState, SoundEvent | undefined] {
  const { floorDb, levelMs, loudMs, event } = state;
  if (floorDb === undefined) return [{ ...state, floorDb: levelDb, levelMs: nowMs }, undefined];
  const isLoud = levelDb > Math.max(floorDb + ABOVE_DB, LEAST_DB);
  const passedS = Math.max(0, nowMs - levelMs) / 1000;
  const floor = Math.min(levelDb, floorDb + RISE_DB_PER_S * passedS);
  const recent = loudMs.filter((atMs) => nowMs - atMs < TOGETHER_MS);
  const loud = isLoud ? [...recent, nowMs] : recent;
  const next = { floorDb: floor, levelMs: nowMs, loudMs: loud };
  if (isLoud && event !== undefined)
    return [{ ...next, event: { ...event, untilMs: nowMs, peakDb: Math.max(event.peakDb, levelDb) } }, undefined];
  if (isLoud && loud.length >= LEAST_WINDOWS)
    return [{ ...next, event: { sinceMs: loud[0]!, untilMs: nowMs, peakDb: levelDb } }, undefined];
  if (event !== undefined && nowMs - event.untilMs > QUIET_MS) return [{ ...next, event: undefined }, event];
  return [{ ...next, event }, undefined];
}
