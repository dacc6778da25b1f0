/**
 * Which rhythmic seconds are walking. Desk work, dressing and driving repeat for a moment too; what tells a walk is that its rhythm holds. So
 * rhythm must once be strong over seven seconds, and then weaker rhythm within ten seconds of it (turning round, opening a door) counts too,
 * before and after. Who turns round between two such stretches steps on: what moves as strongly between them counts at their pace. A walk's first and last second and a half, which no whole window covers, count as far as the movement is as strong.
 *
 * Time is counted in half seconds ("blocks"). A window of four seconds speaks of the second in its middle.
 */
import type { Rhythm } from './rhythm.ts';

export interface WalkLimits {
  /** Score at which a window is rhythmic, and at which it still is after one that was, at about the same rate. */
  readonly starts: number;
  readonly goesOn: number;
  /** Mean score of {@link strongWindows} windows that makes a walk beyond doubt. */
  readonly strong: number;
  readonly strongWindows: number;
  /** Change of rate from one second to the next that a walker makes, as a part. */
  readonly mostChange: number;
  /** Seconds from a walk beyond doubt within which weaker rhythm is part of it. */
  readonly nearS: number;
  /** Seconds without rhythm between two stretches of a walk that may have been a turn: two seconds of it spoil each window that has a part of it. */
  readonly turnS: number;
  /** Movement of a half second that still is walking, as part of the movement around it. */
  readonly edge: number;
}

export const walkLimits: WalkLimits = {
  starts: 0.4,
  goesOn: 0.25,
  strong: 0.65,
  strongWindows: 4,
  mostChange: 0.15,
  nearS: 10,
  turnS: 6,
  edge: 0.4,
};

/** A window alone may be chance. */
const LEAST_WINDOWS = 2;
/** Beyond the middle second of a walk's first or last window: two seconds. */
const EDGE_BLOCKS = 4;
/** A window's middle second begins so many blocks after the window, and lasts two. */
const MIDDLE = 3;
/** Weak rhythm is held at most so long for a walk to come: it bounds memory, and how late a step is told. */
const MOST_HELD_S = 40;
const KEPT_BLOCKS = 2 * (MOST_HELD_S + 8);

/** Steps of a half second, decided. */
export interface BlockSteps {
  /** Number of the half second since the start. */
  readonly block: number;
  readonly stepsHz: number;
}

interface Run {
  from: number;
  to: number;
  walking: boolean;
}

/** Plain numbers, to be kept as JSON. */
export interface WalkState {
  /** Windows seen. */
  windows: number;
  /** Of the last windows, the newest last; beginning with number {@link WalkState.first}. */
  readonly rhythms: Rhythm[];
  first: number;
  /** RMS of each of the last blocks, and whether its steps were told; beginning with {@link WalkState.firstBlock}. */
  readonly rmsG: number[];
  readonly told: boolean[];
  firstBlock: number;
  wasRhythmic: boolean;
  run: Run | undefined;
  /** Earlier runs, not older than {@link MOST_HELD_S}. */
  readonly runs: Run[];
}

export const startWalks = (): WalkState => ({
  windows: 0,
  rhythms: [],
  first: 0,
  rmsG: [],
  told: [],
  firstBlock: 0,
  wasRhythmic: false,
  run: undefined,
  runs: [],
});

/** Takes the movement of the next half second. */
export function walkBlock(state: WalkState, rmsG: number): void {
  state.rmsG.push(rmsG);
  state.told.push(false);
  if (state.rmsG.length > KEPT_BLOCKS) {
    state.rmsG.shift();
    state.told.shift();
    state.firstBlock++;
  }
}

/** Takes the rhythm of the next window, whose blocks are all in. Returns half seconds of walking that are now decided, in no order. */
export function walkWindow(state: WalkState, rhythm: Rhythm, limits: WalkLimits = walkLimits): BlockSteps[] {
  const out: BlockSteps[] = [];
  const number = state.windows++;
  const before = state.rhythms.at(-1);
  const isSteady = before !== undefined && before.stepsHz > 0 && Math.abs(rhythm.stepsHz / before.stepsHz - 1) < limits.mostChange;
  const isRhythmic =
    rhythm.stepsHz > 0 && (rhythm.score >= limits.starts || (state.wasRhythmic && isSteady && rhythm.score >= limits.goesOn));
  keep(state, rhythm);
  if (state.run !== undefined && !(isRhythmic && isSteady)) endRun(state, out, limits);
  state.wasRhythmic = isRhythmic;
  if (!isRhythmic) return out;
  state.run ??= { from: number, to: number, walking: false };
  const { run } = state;
  run.to = number + 1;
  run.from = Math.max(run.from, state.first);
  if (run.walking) tellWindow(state, number, out, limits);
  else if (isStrong(state, run, limits) || isNearWalk(state, run, limits)) becomeWalk(state, run, out, limits);
  return out;
}

/** When no more windows come: ends what is under way. */
export function endWalks(state: WalkState, limits: WalkLimits = walkLimits): BlockSteps[] {
  const out: BlockSteps[] = [];
  if (state.run !== undefined) endRun(state, out, limits);
  return out;
}

function keep(state: WalkState, rhythm: Rhythm): void {
  state.rhythms.push(rhythm);
  if (state.rhythms.length > MOST_HELD_S) {
    state.rhythms.shift();
    state.first++;
  }
  while (state.runs.length > 0 && state.runs[0]!.from < state.first) state.runs.shift();
}

const rhythmAt = (state: WalkState, window: number): Rhythm => state.rhythms[window - state.first]!;

function isStrong(state: WalkState, run: Run, { strong, strongWindows }: WalkLimits): boolean {
  if (run.to - run.from < strongWindows) return false;
  let sum = 0;
  for (let window = run.to - strongWindows; window < run.to; window++) sum += rhythmAt(state, window).score;
  return sum / strongWindows >= strong;
}

function isNearWalk(state: WalkState, run: Run, { nearS }: WalkLimits): boolean {
  const last = state.runs.findLast(({ walking }) => walking);
  return last !== undefined && run.to - run.from >= LEAST_WINDOWS && run.from - last.to < nearS;
}

/** The run is a walk: tells it from its beginning, and the weaker runs and turns not long before it, from the last backwards. */
function becomeWalk(state: WalkState, run: Run, out: BlockSteps[], limits: WalkLimits): void {
  run.walking = true;
  for (let window = run.from; window < run.to; window++) tellWindow(state, window, out, limits);
  tellEdge(state, run.from, -1, out, limits);
  let next = run;
  for (const earlier of state.runs.toReversed()) {
    if (next.from - earlier.to >= limits.nearS) return;
    tellTurn(state, earlier, next, out, limits);
    if (earlier.walking) return;
    earlier.walking = true;
    for (let window = earlier.from; window < earlier.to; window++) tellWindow(state, window, out, limits);
    tellEdge(state, earlier.from, -1, out, limits);
    tellEdge(state, earlier.to - 1, 1, out, limits);
    next = earlier;
  }
}

function endRun(state: WalkState, out: BlockSteps[], limits: WalkLimits): void {
  const run = state.run!;
  state.run = undefined;
  if (run.walking) tellEdge(state, run.to - 1, 1, out, limits);
  if (run.to - run.from >= LEAST_WINDOWS) state.runs.push(run);
}

function tellWindow(state: WalkState, window: number, out: BlockSteps[], limits: WalkLimits): void {
  const { stepsHz, sdG } = rhythmAt(state, window);
  for (const block of [2 * window + MIDDLE, 2 * window + MIDDLE + 1])
    if (moves(state, block, sdG, limits)) tell(state, block, stepsHz, out);
}

/** Whether a half second moves about as strongly as the walk around it: who stands still does not step. */
function moves(state: WalkState, block: number, sdG: number, { edge }: WalkLimits): boolean {
  const rmsG = state.rmsG[block - state.firstBlock];
  return rmsG !== undefined && rmsG >= edge * sdG;
}

/** From the middle second of a window outwards while it moves as strongly. */
function tellEdge(state: WalkState, window: number, direction: -1 | 1, out: BlockSteps[], limits: WalkLimits): void {
  const { stepsHz, sdG } = rhythmAt(state, window);
  const from = 2 * window + MIDDLE + (direction === 1 ? 2 : -1);
  for (let k = 0; k < EDGE_BLOCKS; k++) {
    const block = from + k * direction;
    if (!moves(state, block, sdG, limits)) return;
    tell(state, block, stepsHz, out);
  }
}

/** Between two stretches of a walk, while it moves as strongly as the calmer of them. */
function tellTurn(state: WalkState, before: Run, after: Run, out: BlockSteps[], limits: WalkLimits): void {
  if (after.from - before.to > limits.turnS) return;
  const last = rhythmAt(state, before.to - 1);
  const first = rhythmAt(state, after.from);
  for (let block = 2 * before.to + MIDDLE; block < 2 * after.from + MIDDLE; block++)
    if (moves(state, block, Math.min(last.sdG, first.sdG), limits)) tell(state, block, (last.stepsHz + first.stepsHz) / 2, out);
}

function tell(state: WalkState, block: number, stepsHz: number, out: BlockSteps[]): void {
  const at = block - state.firstBlock;
  if (state.told[at] !== false) return;
  state.told[at] = true;
  out.push({ block, stepsHz });
}
