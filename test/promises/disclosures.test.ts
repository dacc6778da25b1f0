import t from 'tap';
import { openDisclosures } from '../../hub/rights/disclosures.ts';
import { erasePerson } from '../../hub/rights/erase.ts';
import { processors, unlisted } from '../../hub/rights/processors.ts';
import { type Ask, NOON, openWeb, PASSWORD } from '../hub/web/web.ts';

const DAY_MS = 86_400_000;
const again = (ask: Ask) => ask('POST', '/api/v1/again/password', { password: PASSWORD });
const order = { authority: 'District court', basis: 'order 12/26', what: 'weights of March' };

t.test('E9: a disclosure is told at once, or on the day from which that is allowed, and nothing tells it before', async (t) => {
  const { claim, join, later, people, store, now } = await openWeb(t);
  const ada = await claim();
  const ben = await join('Ben');
  const record = (more: object = {}) => ada('POST', '/api/v1/disclosures', { person: ben.id, ...order, ...more });
  t.match((await record()).error, { code: 'password-again' });
  await again(ada);
  t.equal((await ben.ask('POST', '/api/v1/disclosures', { person: ben.id, ...order })).status, 403);
  t.equal((await record({ person: 'person-none' })).status, 404);
  t.match((await record({ tell: new Date(NOON + 30 * DAY_MS).toISOString() })).json(), { told: false });
  const everything = async () =>
    (await Promise.all(['disclosures', 'notices', 'operations'].map((path) => ben.ask('GET', `/api/v1/${path}`))))
      .map(({ body }) => body)
      .join();
  t.notMatch(await everything(), /District|disclos/i, 'nothing tells it before its day');
  t.notMatch(JSON.stringify(people.records.all(ben.id)), /District/, 'their archive neither');
  t.match((await ada('GET', '/api/v1/disclosures/recorded')).json(), [{ name: 'Ben', authority: 'District court', told: null }]);
  later(29 * DAY_MS);
  t.equal(openDisclosures(people, now).tell(), 0);
  later(DAY_MS);
  t.equal(openDisclosures(people, now).tell(), 1);
  t.equal(openDisclosures(people, now).tell(), 0, 'once');
  const cookie = { headers: { cookie: `hearth=${people.sessions.start(ben.id, 'test', now())}` } };
  t.match((await ben.ask('GET', '/api/v1/notices', undefined, cookie)).json(), [{ id: 'disclosure', link: '#/you/recipients' }]);
  t.match((await ben.ask('GET', '/api/v1/disclosures', undefined, cookie)).json(), [{ ...order, disclosed: new Date(NOON).toISOString() }]);
  t.match(people.operations.read({ id: ben.id, wards: [], runsHub: false }, 1e9, 1), [{ kind: 'disclosure', detail: order }]);
  await ben.ask('PUT', '/api/v1/disclosures/seen', undefined, cookie);
  t.same((await ben.ask('GET', '/api/v1/notices', undefined, cookie)).json(), []);
  openDisclosures(people, now).record({ subject: ben.id, ...order, disclosedUtcMs: now(), tellUtcMs: null }, 'person-1');
  t.equal(openDisclosures(people, now).told(ben.id).length, 2, 'without a day: at once');
  const { places } = await erasePerson({ store, people, tellTargets: () => undefined }, ben.id, 'home', 'test', now());
  t.same(
    places.filter(({ state }) => state === 'remains'),
    [],
  );
  t.same(openDisclosures(people, now).recorded(), []);
});

t.test('E8: every way out is listed in one file and shown; none gets who somebody is', async (t) => {
  const { claim } = await openWeb(t);
  const ada = await claim();
  const shown = (await ada('GET', '/api/v1/processors')).json<{ id: string; gets: string[]; used: string[]; needs: string }[]>();
  t.same(
    shown.map(({ id }) => id),
    Object.keys(processors),
  );
  t.same(unlisted(), []);
  t.ok(shown.every(({ gets, needs }) => !gets.includes('identity') && needs.length > 10));
  t.same(
    shown.flatMap(({ used }) => used),
    [],
    'none is used until set up',
  );
});
