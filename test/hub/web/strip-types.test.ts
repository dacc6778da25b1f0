import t from 'tap';
import { createTypeStripper } from '../../../hub/web/strip-types.ts';

t.test('types go and the rest of the line stays where it was', async (t) => {
  const strip = createTypeStripper();
  const [one, two] = await Promise.all([strip('const a: number = 1;'), strip('export const b = (c: string): string => c;')]);
  t.equal(one, 'const a         = 1;');
  t.match(two, /^export const b = \(c {8}\) {9}=> c;$/);
});

t.test('what is no TypeScript is refused, and the next file is read all the same', async (t) => {
  const strip = createTypeStripper();
  await t.rejects(strip('const = ;'));
  t.equal(await strip('let x: 1;'), 'let x   ;');
});
