/** A hub's vaults with something in them, and the clock that sync runs on in a test. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { openStore, type Store } from '../../../hub/store/store.ts';
import type { NewMeasurement } from '../../../hub/store/vault.ts';
import { createTestClock, type TestClock } from '../../clock.ts';

export const NOON = Date.UTC(2026, 10, 24, 12);

export const row = (sequence: number, more: Partial<NewMeasurement> = {}): NewMeasurement => ({
  device: 'scale-1',
  boot: 7,
  sequence,
  code: 1,
  value: 70 + sequence / 100,
  endUtcMs: NOON + sequence * 60_000,
  spanMs: 2000,
  timeQuality: 'synced',
  ...more,
});

export interface TestHome {
  readonly folder: string;
  readonly store: Store;
  readonly clock: TestClock;
  readonly stop: AbortController;
}

/** A folder in memory where there is one: these tests end processes, never the machine, and a busy disk makes each flush wait. */
export function quickFolder(t: Test): string {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'hearth-sync-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** @param startUtcMs beside TLS, which goes by the machine's own clock, near now */
export function openHome(t: Test, startUtcMs = NOON): TestHome {
  const folder = quickFolder(t);
  const store = openStore(folder);
  const stop = new AbortController();
  t.teardown(() => {
    stop.abort(new Error('the test is over'));
    store[Symbol.dispose]();
  });
  return { folder, store, clock: createTestClock(startUtcMs), stop };
}

const STEP_MS = 1000;
const MOST_STEPS = 2000;
/** Programs at the other end run by the machine's own clock, which other tests slow down. */
const MOST_REAL_MS = 60_000;
/** From here on the other end is left some of the processor. */
const MANY_STEPS = 100;

/** Lets time pass in steps until something holds: real I/O goes on between. */
export async function passing(
  clock: TestClock,
  holds: () => boolean | Promise<boolean>,
  what: string,
  describe: () => unknown = () => '',
): Promise<void> {
  const startMs = performance.now();
  for (let step = 0; step < MOST_STEPS || performance.now() - startMs < MOST_REAL_MS; step++) {
    if (await holds()) return;
    await clock.advance(STEP_MS);
    await new Promise<void>((resolve) => (step < MANY_STEPS ? setImmediate(resolve) : setTimeout(resolve, 2)));
  }
  throw new Error(`${what}: not within ${MOST_STEPS} steps of ${STEP_MS} ms ${JSON.stringify(describe())}`);
}

/** Numbers in [0, 1) by a seed (Park and Miller, 1988). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
