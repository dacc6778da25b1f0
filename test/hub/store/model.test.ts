/**
 * Random commits, repetitions, amendments, removals, re-dates and restarts of a vault beside a plain list in memory that does the same:
 * whatever happened, both say the same.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import t, { type Test } from 'tap';
import { openStore, type Store } from '../../../hub/store/store.ts';
import { FOLD_ROWS, type NewMeasurement } from '../../../hub/store/vault.ts';

/** In memory: what is tested here is not the disk. */
function folderOf(t: Test): string {
  const folder = mkdtempSync(`${existsSync('/dev/shm') ? '/dev/shm' : tmpdir()}/hearth-model-`);
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

const START = Date.UTC(2026, 0, 1);
const CODES = [97, 98, 1];
const QUANTITIES = ['temperature', 'humidity', 'weight'] as const;

/** Mulberry32, so that a failure can be played again from its seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Known {
  readonly seq: number;
  readonly id: string;
  readonly code: number;
  readonly hubBoot: number;
  value: number;
  endMs: number;
  isUnset: boolean;
}

function play(seed: number, folder: string, rounds: number, bulk: number): { store: Store; known: Known[]; removed: number } {
  const random = randomOf(seed);
  const whole = (below: number): number => Math.floor(random() * below);
  let store = openStore(folder, { groupMs: 0, now: () => START });
  let known: Known[] = [];
  let removed = 0;
  let sequence = 0;
  let head = 0;
  let hubBoot = 1;
  const sent: NewMeasurement[] = [];
  const fresh = (): NewMeasurement => {
    const code = CODES[whole(CODES.length)]!;
    const value = whole(20) === 0 ? Number.NaN : code === 97 ? 20 + random() : 30 + whole(500) / 10;
    sequence++;
    return {
      device: `device-${whole(3)}`,
      boot: 1 + whole(2),
      sequence,
      code,
      value,
      endUtcMs: START + sequence * 20_000 + whole(50),
      spanMs: whole(2) * 1000,
      timeQuality: 'synced',
      hubBoot,
      isUnset: hubBoot % 3 === 0,
    };
  };
  const steps: Promise<unknown>[] = [];
  const note = (row: NewMeasurement): void => {
    head++;
    known.push({
      seq: head,
      id: `${row.device}/${row.boot}/${row.sequence}`,
      code: row.code,
      hubBoot: row.hubBoot ?? 0,
      value: row.value,
      endMs: row.endUtcMs,
      isUnset: row.isUnset === true,
    });
  };
  for (let round = 0; round < rounds; round++) {
    const vault = store.vault('home');
    const act = whole(10);
    if (act < 5) {
      const rows = Array.from({ length: act === 0 ? bulk : 1 + whole(200) }, fresh);
      sent.push(...rows);
      for (const row of rows) note(row);
      // The second time changes nothing.
      steps.push(vault.commit(rows), vault.commit(rows.slice(0, whole(rows.length))));
    } else if (act === 5 && sent.length > 0) {
      const from = whole(sent.length);
      steps.push(vault.commit(sent.slice(from, from + 50)));
    } else if (act === 6 && known.length > 0) {
      const one = known[whole(known.length)]!;
      one.value = 40 + whole(10);
      head++;
      steps.push(vault.amend(one.seq, one.value, 'person:ada'));
    } else if (act === 7 && known.length > 0) {
      const one = known[whole(known.length)]!;
      known = known.filter((other) => other !== one);
      removed++;
      head++;
      steps.push(vault.remove([one.seq], 'person:ada'));
    } else if (act === 8) {
      const own = known.filter((one) => one.hubBoot === hubBoot && one.isUnset);
      const shiftMs = whole(1_000_000);
      for (const one of own) {
        one.endMs += shiftMs;
        one.isUnset = false;
      }
      if (own.length > 0) head++;
      steps.push(vault.redate(hubBoot, shiftMs, 'hub'));
      hubBoot++;
    } else if (act === 9) {
      store[Symbol.dispose]();
      store = openStore(folder, { now: () => START });
    }
  }
  for (const step of steps) step.catch(() => undefined);
  return { store, known, removed };
}

function compare(t: Test, store: Store, known: Known[], seed: number): void {
  const vault = store.vault('home');
  const found = [...vault.range({})].map(({ seq, device, boot, sequence, value, end }) => [
    seq,
    `${device}/${boot}/${sequence}`,
    value,
    end,
  ]);
  t.same(
    found,
    known.map(({ seq, id, value, endMs }) => [seq, id, value, endMs]),
    `seed ${seed}: every row and no other`,
  );
  t.equal(vault.count(), known.length);
  t.same(vault.checkIntegrity(), []);
  CODES.forEach((code, index) => {
    const sound = known.filter((one) => one.code === code && !Number.isNaN(one.value));
    const last = sound.reduce((most, { endMs }) => Math.max(most, endMs), START);
    for (const points of [1, 7, 300, 2000]) {
      const series = vault.series({ quantity: QUANTITIES[index]!, fromMs: START, toMs: last + 86_400_000, points });
      const sum = series.reduce((total, point) => total + point.sum, 0);
      const expected = sound.reduce((total, { value }) => total + value, 0);
      t.equal(
        series.reduce((total, point) => total + point.count, 0),
        sound.length,
        `seed ${seed}: ${points} points of ${QUANTITIES[index]} count each once`,
      );
      t.ok(Math.abs(sum - expected) < 1e-6 * Math.max(1, expected), 'and sum up to the same');
    }
  });
  const newest = new Map<string, number>();
  for (const { id, code, endMs } of known) {
    const stream = `${code}/${id.split('/')[0]}`;
    newest.set(stream, Math.max(newest.get(stream) ?? 0, endMs));
  }
  t.same(
    vault
      .latest()
      .map(({ end }) => end as number)
      .sort(),
    [...newest.values()].sort(),
    `seed ${seed}: the newest of each`,
  );
}

t.test('a vault and a plain list agree after anything', async (t) => {
  for (let seed = 1; seed <= 5; seed++) {
    const { store, known, removed } = play(seed, folderOf(t), 100, 300);
    await new Promise((resolve) => setImmediate(resolve));
    compare(t, store, known, seed);
    t.ok(removed > 0);
    store[Symbol.dispose]();
  }
});

t.test('and so they do when most rows lie in blocks', async (t) => {
  for (let seed = 100; seed < 101; seed++) {
    const { store, known } = play(seed, folderOf(t), 60, FOLD_ROWS);
    await new Promise((resolve) => setImmediate(resolve));
    t.ok(known.length > 2 * FOLD_ROWS);
    compare(t, store, known, seed);
    store[Symbol.dispose]();
  }
});
