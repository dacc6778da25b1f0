/**
 * Whether something moves before the camera, from small grey pictures of it a few times a second. Pure: a state and a step.
 *
 * Two pictures are compared cell by cell after their mean brightness was taken off, so that a cloud or a lamp alone moves nothing; a cell
 * has changed when it differs by more than the picture's own noise, which is learned from the cells that did not.
 */

/** Of the pictures that are compared: enough to tell a cat from the far wall of a room. */
export const MOTION_WIDTH = 64;
export const MOTION_HEIGHT = 36;
export const MOTION_CELLS = MOTION_WIDTH * MOTION_HEIGHT;

/** Share of the cells that must change: about 4 by 5 of them, a cat's head. */
const LEAST_SHARE = 0.008;
/** When nearly all of them change, the light was switched or the camera was moved: nothing in the room did. */
const MOST_SHARE = 0.85;
/** A cell that differs by so many times the noise has changed; a sensor's noise stays under four of its mean. */
const TIMES_NOISE = 5;
/** Below it differences are those of the encoder. */
const LEAST_DIFFERENCE = 12;
/** Part of the newest picture in the noise that is known. */
const NOISE_SHARE = 0.1;
/** A single change may be anything: two within this are motion. */
const TOGETHER_MS = 2500;
/** An event lasts until nothing has moved for so long. */
export const STILL_MS = 5000;

export interface MotionState {
  readonly previous: Uint8Array | undefined;
  /** The one before: a glitch of the stream changes twice, and is back at it. */
  readonly earlier: Uint8Array | undefined;
  /** Mean absolute difference of cells that did not change. */
  readonly noise: number;
  /** When something last changed; undefined before. */
  readonly changedMs: number | undefined;
  /** Since when something moves; undefined while nothing does. */
  readonly movingSinceMs: number | undefined;
}

export const initialMotion: MotionState = {
  previous: undefined,
  earlier: undefined,
  noise: 2,
  changedMs: undefined,
  movingSinceMs: undefined,
};

/** @param grey {@link MOTION_CELLS} brightnesses, row by row; not kept */
export function motionStep(state: MotionState, grey: Uint8Array, nowMs: number): MotionState {
  if (grey.length !== MOTION_CELLS) throw new RangeError(`a picture of ${grey.length} cells, not of ${MOTION_CELLS}`);
  const { previous, earlier, changedMs, movingSinceMs } = state;
  const kept = Uint8Array.from(grey);
  if (previous === undefined) return { ...state, previous: kept };
  const { share, noise } = changeBetween(previous, kept, state.noise);
  const isChange = (part: number): boolean => part >= LEAST_SHARE && part <= MOST_SHARE;
  const hasChanged = isChange(share) && (earlier === undefined || isChange(changeBetween(earlier, kept, state.noise).share));
  if (hasChanged) {
    const isSecond = changedMs !== undefined && nowMs - changedMs <= TOGETHER_MS;
    const since = movingSinceMs ?? (isSecond ? changedMs : undefined);
    return { previous: kept, earlier: previous, noise, changedMs: nowMs, movingSinceMs: since };
  }
  const isOver = changedMs === undefined || nowMs - changedMs > STILL_MS;
  return { previous: kept, earlier: previous, noise, changedMs, movingSinceMs: isOver ? undefined : movingSinceMs };
}

function changeBetween(before: Uint8Array, after: Uint8Array, known: number): { share: number; noise: number } {
  let sum = 0;
  for (let cell = 0; cell < MOTION_CELLS; cell++) sum += after[cell]! - before[cell]!;
  const lighter = sum / MOTION_CELLS;
  const threshold = Math.max(LEAST_DIFFERENCE, TIMES_NOISE * known);
  let changed = 0;
  let still = 0;
  for (let cell = 0; cell < MOTION_CELLS; cell++) {
    const difference = Math.abs(after[cell]! - before[cell]! - lighter);
    if (difference > threshold) changed++;
    else still += difference;
  }
  const noise = changed === MOTION_CELLS ? known : known + NOISE_SHARE * (still / (MOTION_CELLS - changed) - known);
  return { share: changed / MOTION_CELLS, noise };
}

/** The brightness of an I420 picture in cells, each the mean of a few of its pixels; into `grey`. */
export function greyOf(frame: Uint8ClampedArray, width: number, height: number, grey: Uint8Array): void {
  /** Pixels looked at in each direction of a cell: more tells no more. */
  const looks = 4;
  for (let row = 0; row < MOTION_HEIGHT; row++)
    for (let column = 0; column < MOTION_WIDTH; column++) {
      let sum = 0;
      for (let look = 0; look < looks * looks; look++) {
        const y = Math.floor(((row + ((look >> 2) + 0.5) / looks) * height) / MOTION_HEIGHT);
        const x = Math.floor(((column + ((look & 3) + 0.5) / looks) * width) / MOTION_WIDTH);
        sum += frame[y * width + x]!;
      }
      grey[row * MOTION_WIDTH + column] = sum / (looks * looks);
    }
}
