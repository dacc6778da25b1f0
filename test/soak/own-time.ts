/**
 * How long a process was let work, whatever else the machine does: a program that is not given a processor is not slow, and one that
 * has it for minutes and answers nothing is at fault. Source: proc(5), `/proc/PID/schedstat` (nanoseconds run, nanoseconds waited for a
 * processor, of the main thread).
 */
import { readFileSync } from 'node:fs';
import { systemClock as clock } from '../../firmware/clock.ts';

const LOOK_MS = 50;
/** No soak waits longer, however busy the machine is. */
const LONGEST_MS = 15 * 60_000;

function scheduled(pid: number | undefined): { readonly ranMs: number; readonly waitedMs: number } | undefined {
  try {
    const [ran = 0, waited = 0] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ').map(Number);
    return { ranMs: ran / 1e6, waitedMs: waited / 1e6 };
  } catch {
    return undefined;
  }
}

/**
 * Waits for `done`. Rejects, saying how long the process worked and waited, once it had `mostMs` of time of its own: time in which neither
 * it nor we stood in line for a processor. One that ended had none left.
 */
export async function patiently(done: Promise<void>, pid: number | undefined, mostMs: number): Promise<void> {
  const startMs = performance.now();
  const start = scheduled(pid);
  let isDone = false;
  const over = done.finally(() => {
    isDone = true;
  });
  // Its failure is the caller's, below.
  over.catch(() => undefined);
  let ownMs = 0;
  let [lastMs, lastWaitedMs] = [startMs, start?.waitedMs ?? 0];
  while (!isDone) {
    await Promise.race([over, clock.sleep(LOOK_MS)]);
    const now = scheduled(pid);
    const nowMs = performance.now();
    const waitedMs = now?.waitedMs ?? lastWaitedMs;
    ownMs += Math.max(0, Math.min(nowMs - lastMs, 2 * LOOK_MS) - (waitedMs - lastWaitedMs));
    [lastMs, lastWaitedMs] = [nowMs, waitedMs];
    if (isDone || (ownMs < mostMs && nowMs - startMs < LONGEST_MS)) continue;
    const [ranMs, stoodMs] = [(now?.ranMs ?? 0) - (start?.ranMs ?? 0), waitedMs - (start?.waitedMs ?? 0)];
    throw new Error(
      `not within ${seconds(ownMs)} s of its own (${seconds(nowMs - startMs)} s by the clock: it worked ${seconds(ranMs)} s and stood in line ${seconds(stoodMs)} s)`,
    );
  }
  await over;
}

/** Waits until the process worked for so long, or did not want to for ten times as long, or is gone. */
export async function workedFor(pid: number | undefined, ms: number): Promise<void> {
  const start = scheduled(pid);
  let idleMs = 0;
  for (let now = start; start !== undefined && now !== undefined && now.ranMs - start.ranMs < ms && idleMs < 10 * ms; ) {
    const before = now;
    await clock.sleep(Math.min(LOOK_MS, Math.max(1, ms / 4)));
    now = scheduled(pid);
    if (now !== undefined && now.waitedMs - before.waitedMs < 1 && now.ranMs - before.ranMs < 1) idleMs += LOOK_MS;
  }
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);
