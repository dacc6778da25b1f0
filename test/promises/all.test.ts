/** That no promise is without its test, its check and its line in the README. */
import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { type Promised, promises } from '../../hub/rights/promises.ts';

const folder = new URL('./', import.meta.url);
const all = Object.entries(promises) as [string, Promised][];
t.test('each promise that a hub can keep has a test here that carries its id', (t) => {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.test.ts') && file !== 'all.test.ts')
    .flatMap((file) => [...readFileSync(new URL(file, folder), 'utf8').matchAll(/\.test\(\s*(['"`])(.*?)\1/gs)].map(([, , name]) => name!));
  const tested = new Set(names.flatMap((name) => name.match(/\b[A-H]\d{1,2}\b/g) ?? []));
  const missing = all.filter(([id, { beyond }]) => !tested.has(id) && beyond === undefined);
  for (const [id, { beyond }] of all) if (!tested.has(id)) t.comment(`${id}: ${beyond ?? 'no test'}`);
  t.same(
    missing.map(([id]) => id),
    [],
  );
  t.ok(tested.size >= 60, `${tested.size} of ${all.length}`);
  t.end();
});

t.test('the README lists each promise in the words of the code, with what was seen on the virtual household', (t) => {
  const readme = readFileSync(new URL('../../README.md', folder), 'utf8');
  const rows = [...readme.matchAll(/^\| ([A-H]\d{1,2}) +\| (.+?) +\| (kept|not kept|cannot be kept by a hub) +\| (.+?) *\|$/gm)].map(
    ([, id = '', words = '', state = '', evidence = '']) => ({ id, words, state, evidence }),
  );
  t.same(
    rows.map(({ id, words }) => [id, words]),
    all.map(([id, { words }]) => [id, words]),
  );
  for (const { id, state, evidence } of rows) {
    const { beyond } = promises[id as keyof typeof promises] as Promised;
    t.equal(state === 'cannot be kept by a hub', beyond !== undefined, id);
    t.notMatch(state === 'kept' ? evidence : '', /no check looks|failed/, id);
  }
  t.end();
});
