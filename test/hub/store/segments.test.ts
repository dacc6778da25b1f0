import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { openStore, type Store } from '../../../hub/store/store.ts';
import { skipWithoutVectors } from '../../vectors.ts';
import { recordedWalks } from './motion.ts';

const NOON = Date.UTC(2026, 10, 24, 12);
const wave = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => Math.round(100 * Math.sin((from + index) / 9)));
const append = (store: Store, from: number, count: number): void =>
  store.segments('person-1').append('tracker-1', ['x', 'y'], 100, NOON + from * 10, [wave(from, count), wave(from + 3, count)]);
const readAll = (store: Store, file: string): number[][] => {
  const columns: number[][] = [[], []];
  for (const chunk of store.segments('person-1').read(file)) for (const [index, column] of chunk.entries()) columns[index]!.push(...column);
  return columns;
};
const opened = (t: Test) => {
  const folder = t.testdir({});
  return { folder, segments: `${folder}/segments/person-1`, open: () => openStore(folder, { now: () => NOON }) };
};

t.test('samples that follow on one another are one recording, referenced from the log, and come back exactly', async (t) => {
  const { open } = opened(t);
  const store = open();
  for (let from = 0; from < 5000; from += 250) append(store, from, 250);
  append(store, 9000, 100);
  await store.segments('person-1').close();
  const entries = store.vault('person-1').entries(0, 10);
  t.match(entries, [
    { kind: 'segment', by: 'device:tracker-1', samples: 5000, rateHz: 100, startMs: NOON, channels: ['x', 'y'] },
    { kind: 'segment', samples: 100, startMs: NOON + 90_000 },
  ]);
  const [first] = store.segments('person-1').list();
  t.same(readAll(store, first?.file ?? ''), [wave(0, 5000), wave(3, 5000)]);
  store[Symbol.dispose]();
});

t.test('what a converter missed stands as no number in its place, and comes back so', async (t) => {
  const { open } = opened(t);
  const store = open();
  const missed = wave(0, 3000).map((value, index) => (index % 7 === 0 || (index > 900 && index < 1400) ? Number.NaN : value / 3));
  const nothing = missed.map(() => Number.NaN);
  store.segments('person-1').append('scale-1', ['counts', 'z'], 40, NOON, [missed, nothing]);
  await store.segments('person-1').close();
  const [segment] = store.segments('person-1').list();
  t.same(readAll(store, segment?.file ?? ''), [missed, nothing]);
  store[Symbol.dispose]();
});

t.test('a recorded walk comes back exactly, in two bytes a sample or fewer', { skip: skipWithoutVectors }, async (t) => {
  const { open } = opened(t);
  const store = open();
  const segments = store.segments('person-1');
  const walk = recordedWalks().next().value;
  if (walk === undefined) throw new Error('no walk is recorded');
  segments.append('phone', ['x', 'y', 'z'], walk.rateHz, NOON, walk.axes);
  await segments.close();
  const [segment] = segments.list();
  const columns: number[][] = [[], [], []];
  for (const chunk of segments.read(segment?.file ?? '')) for (const [index, column] of chunk.entries()) columns[index]!.push(...column);
  t.same(columns, walk.axes);
  t.ok((segment?.bytes ?? 0) <= 2 * 3 * walk.axes[0].length);
  store[Symbol.dispose]();
});

t.test('a file that was torn loses its tail alone, and is referenced when the hub comes back', async (t) => {
  const { open, segments } = opened(t);
  let store = open();
  append(store, 0, 5000);
  // The power goes: nothing is closed, and the last chunk is half written.
  const [file = ''] = readdirSync(segments);
  truncateSync(`${segments}/${file}`, statSync(`${segments}/${file}`).size - 20);
  store = open();
  t.equal(await store.segments('person-1').adopt(), 1);
  t.match(store.vault('person-1').entries(0, 10), [{ kind: 'segment', samples: 3072 }]);
  t.same(readAll(store, file), [wave(0, 3072), wave(3, 3072)]);
  t.equal(await store.segments('person-1').adopt(), 0, 'once');
  store[Symbol.dispose]();
});

t.test('a byte that changed ends the reading there; nothing wrong is given out', async (t) => {
  const { open, segments } = opened(t);
  const store = open();
  append(store, 0, 5000);
  await store.segments('person-1').close();
  const [file = ''] = readdirSync(segments);
  const bytes = readFileSync(`${segments}/${file}`);
  t.notMatch(bytes.toString('latin1').split('\n').slice(1).join(), /tracker/);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = bytes[at]! ^ 1;
  writeFileSync(`${segments}/${file}`, bytes);
  const [x] = readAll(store, file);
  t.ok(x!.length < 5000 && x!.length % 1024 === 0);
  t.same(x, wave(0, x!.length));
  store[Symbol.dispose]();
});

t.test('the oldest go first, and not the one that is being written', async (t) => {
  const { open, segments } = opened(t);
  const store = open();
  append(store, 0, 100);
  append(store, 9000, 100);
  await store.segments('person-1').close();
  append(store, 20_000, 2000);
  t.equal(readdirSync(segments).length, 3);
  t.ok(store.dropSegment() > 0);
  t.ok(store.dropSegment() > 0);
  t.equal(store.dropSegment(), 0);
  store[Symbol.dispose]();
});

t.test('samples that cannot be one recording are refused in words', (t) => {
  const { open } = opened(t);
  const segments = open().segments('person-1');
  t.throws(() => segments.append('a', ['x'], 100, 0, [[1], [2]]), /2 columns for 1 channels of a/);
  t.throws(() => segments.append('a', ['x', 'y'], 100, 0, [[1], [2, 3]]), /differ in length/);
  t.throws(() => segments.append('a', ['x'], 0, 0, [[1]]), /a rate of 0 Hz/);
  t.throws(() => segments.read('../../keys/home.key'), /is no segment/);
  t.end();
});
