/**
 * What happens around the virtual sensors: who stands on the scale, who walks, what the air is like, as functions of time.
 */
import type { AccelG } from './chips/adxl345.ts';
import type { ForceRecording } from './force-recording.ts';
import { gaitAccelG, type Walk } from './gait.ts';
import type { MotionRecording } from './motion-recording.ts';
import { loadOf, type Standing } from './person.ts';
import { createRandom } from './random.ts';
import { createRoom, type RoomAir } from './room.ts';

/** The usual day of the virtual person, a minute long: on the scale at 2 s for 8 s, a walk at 3 s for half a minute. */
const PERIOD_MS = 60_000;
const FIRST_WEIGH_IN_MS = 2000;
const WEIGH_IN_MS = 8000;
const FIRST_WALK_MS = 3000;
const WALK_STEPS = 54;
const STEPS_PER_SECOND = 1.8;

export interface SceneOptions {
  readonly nowMs: () => number;
  readonly weightKg: number;
  readonly person?: ForceRecording | undefined;
  readonly motion?: MotionRecording | undefined;
  readonly seed?: number;
  /** Without the usual day nothing happens but on command. */
  readonly isQuiet?: boolean;
}

export interface Scene {
  /** kg on the plate. */
  load(nowMs: number): number;
  accelG(nowMs: number): AccelG;
  air(nowMs: number): RoomAir;
  stepOn(kg: number): void;
  stepOff(): void;
  /** A mass that lies still, until somebody steps on or off. */
  lay(kg: number): void;
  walk(steps: number, stepsPerSecond?: number): void;
  playForce(recording: ForceRecording): void;
  playMotion(recording: MotionRecording): void;
}

export function createScene({ nowMs, weightKg, person, motion, seed = 1, isQuiet = false }: SceneOptions): Scene {
  const random = createRandom(seed);
  const room = createRoom();
  const startMs = nowMs();
  let airedToMs = startMs;
  let standing: Standing | undefined;
  let laidKg: number | undefined;
  let walk: Walk | undefined;
  let force = person === undefined ? undefined : { recording: person, fromMs: startMs + FIRST_WEIGH_IN_MS };
  let motionPlay = motion === undefined ? undefined : { recording: motion, fromMs: startMs + FIRST_WALK_MS };

  const usual = (atMs: number): { standing?: Standing; walk?: Walk } => {
    if (isQuiet) return {};
    const periodStartMs = startMs + Math.floor((atMs - startMs) / PERIOD_MS) * PERIOD_MS;
    const onMs = periodStartMs + FIRST_WEIGH_IN_MS;
    return {
      standing: { kg: weightKg, fromMs: onMs, untilMs: onMs + WEIGH_IN_MS },
      walk: { fromMs: periodStartMs + FIRST_WALK_MS, steps: WALK_STEPS, stepsPerSecond: STEPS_PER_SECOND },
    };
  };

  return {
    load(atMs) {
      if (force !== undefined) {
        const sinceMs = atMs - force.fromMs;
        return sinceMs < 0 || sinceMs > force.recording.durationMs ? 0 : force.recording.kgAt(sinceMs);
      }
      if (laidKg !== undefined) return laidKg;
      const who = standing ?? usual(atMs).standing;
      return who === undefined ? 0 : loadOf(who, atMs, random);
    },
    accelG(atMs) {
      if (motionPlay !== undefined) return motionPlay.recording.accelAt(atMs - motionPlay.fromMs) ?? gaitAccelG(undefined, atMs, random);
      return gaitAccelG(walk ?? usual(atMs).walk, atMs, random);
    },
    air(atMs) {
      // The window is opened for ten minutes of each hour, as somebody would at this CO2; people are in for the rest.
      const minute = Math.floor((atMs - startMs) / 60_000) % 60;
      room.advance(Math.max(0, atMs - airedToMs) / 1000, minute < 50 ? 1 : 0);
      airedToMs = Math.max(airedToMs, atMs);
      return room.air;
    },
    lay(kg) {
      laidKg = kg;
    },
    stepOn(kg) {
      laidKg = undefined;
      force = undefined;
      standing = { kg, fromMs: nowMs(), untilMs: Number.POSITIVE_INFINITY };
    },
    stepOff() {
      laidKg = undefined;
      if (standing !== undefined && standing.untilMs > nowMs()) standing.untilMs = nowMs();
    },
    walk(steps, stepsPerSecond = STEPS_PER_SECOND) {
      motionPlay = undefined;
      walk = { fromMs: nowMs(), steps, stepsPerSecond };
    },
    playForce(recording) {
      force = { recording, fromMs: nowMs() };
    },
    playMotion(recording) {
      motionPlay = { recording, fromMs: nowMs() };
    },
  };
}
