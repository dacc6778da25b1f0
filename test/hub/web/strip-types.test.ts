import t from 'tap';
import { importsIn } from '../../../hub/web/page-files.ts';
import { createTypeStripper } from '../../../hub/web/strip-types.ts';
import { until } from '../../e2e/hub.ts';
import { openWeb } from './web.ts';

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

t.test('a browser is told at once of the modules that the page begins with, so that it need not find one after the other', async (t) => {
  t.same(
    importsIn(
      "import { html } from 'lit';\nimport './a.ts';\nexport { b } from '../b.ts';\nconst c = import('./c.ts');",
      '/page/parts/x.ts',
    ),
    ['/page/parts/a.ts', '/page/b.ts'],
  );
  const { ask, web } = await openWeb(t);
  let body = '';
  // The first who comes is not kept waiting for them.
  await until(
    async () => {
      body = (await ask('GET', '/')).body;
      return body.includes('modulepreload');
    },
    'the modules are named',
    30_000,
  );
  const base = /src="(\/v\/[0-9a-f]{12})\/page\/app\.ts"/.exec(body)![1]!;
  for (const path of ['/page/whep.ts', '/page/parts/camera-card.ts', '/page/app.ts']) t.ok(body.includes(`href="${base}${path}"`), path);
  t.ok(body.indexOf('importmap') < body.indexOf('modulepreload'), 'some browsers take no import map after a module');
  t.notOk(body.includes('/page/views/people-view.ts"'), 'what is opened later is not among them');

  const kept = async (path: string): Promise<unknown> => {
    const { statusCode, headers } = await web.inject(path);
    return [statusCode, headers['cache-control']];
  };
  const forEver = [200, 'public, max-age=31536000, immutable'];
  t.same(await kept(`${base}/page/whep.ts`), forEver, 'a browser that has this version of it asks no more');
  t.same(await kept(`${base}/vendor/lit/index.js`), forEver);
  t.same(await kept('/v/0123456789ab/page/whep.ts'), [200, 'no-cache'], 'of another version it has what there is now');
  t.same(await kept('/'), [200, 'no-cache'], 'which version it is, is asked each time');
  for (const path of ['vendor/fastify/package.json', 'other/lit/index.js', 'vendor/lit/../fastify/fastify.js'])
    t.equal((await ask('GET', `${base}/${path}`)).status, 404, path);
});
