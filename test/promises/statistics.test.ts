import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import t from 'tap';
import { discreteLaplace } from '../../hub/rights/statistics/discrete-laplace.ts';
import { openStatistics } from '../../hub/rights/statistics/statistics.ts';
import { type Contribution, clockChange, resultsOf, sleepDifference, studies } from '../../hub/rights/statistics/studies.ts';
import type { Store } from '../../hub/store/store.ts';
import { reading } from '../hub/rights/filled.ts';
import { startEdge } from '../hub/sync/edge-process.ts';
import { seeded } from '../hub/sync/hub.ts';
import { NOON, openWeb } from '../hub/web/web.ts';
import fc from '../property.ts';

const DAY_MS = 86_400_000;
const STUDY = studies['sleep-clock-change'];
/** The change in Paris of 2026: 25 October, 1:00 UTC. */
const CHANGE = Date.UTC(2026, 9, 25, 1);
interface Studies {
  studies: { joined: string | null }[];
  budget: { spent: number };
  ledger: { number: number; state: string; to: string | null; payload: string }[];
}

/** Seven nights before of seven hours, seven after that are `more` minutes longer. */
async function sleep(store: Store, subject: string, more: number): Promise<void> {
  const nights = [-7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6];
  await store.vault(subject).commit(
    nights.map((night, index) =>
      reading('sleep_duration', index + 1, (420 + (night < 0 ? 0 : more)) * 60, CHANGE + night * DAY_MS + 5 * 3_600_000, {
        device: 'tracker-1',
      }),
    ),
  );
}

t.test('D8: the noise is whole-numbered and as the mechanism says, whatever the source of randomness gives', async (t) => {
  const random = seeded(7);
  const below = (most: number): number => Math.floor(random() * most);
  const draws = Array.from({ length: 20_000 }, () => discreteLaplace(2, 1000, below));
  // P(x) = (1 - a) / (1 + a) * a^|x| with a = exp(-epsilon / sensitivity).
  const a = Math.exp(-1 / 2);
  for (const x of [-3, -1, 0, 1, 3]) {
    const expected = ((1 - a) / (1 + a)) * a ** Math.abs(x);
    const seen = draws.filter((one) => one === x).length / draws.length;
    t.ok(Math.abs(seen - expected) < 0.01, `${x}: ${seen.toFixed(4)} for ${expected.toFixed(4)}`);
  }
  t.ok(draws.every(Number.isInteger));
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 1, max: 10_000 }),
      fc.integer({ min: 1, max: 1000 }),
      (sensitivity, milli, seed) => {
        const own = seeded(seed);
        return Number.isInteger(discreteLaplace(sensitivity, milli, (most) => Math.floor(own() * most)));
      },
    ),
    { numRuns: 50 },
  );
  for (const [sensitivity, milli] of [
    [0, 1000],
    [1.5, 1000],
    [2, 0],
    [2, Number.NaN],
  ] as const)
    t.throws(() => discreteLaplace(sensitivity, milli, below), RangeError);
});

t.test('D9: the worked example finds the change of the clocks of each zone, and compares the weeks around it', async (t) => {
  t.same(clockChange('Europe/Paris', NOON), { id: '2026-10-25 back', atMs: CHANGE });
  t.same(clockChange('America/New_York', NOON), { id: '2026-11-01 back', atMs: Date.UTC(2026, 10, 1, 6) });
  t.same(clockChange('Europe/Paris', Date.UTC(2026, 3, 10)), { id: '2026-03-29 forward', atMs: Date.UTC(2026, 2, 29, 1) });
  t.same(
    clockChange('Australia/Lord_Howe', Date.UTC(2026, 9, 20)),
    { id: '2026-10-04 forward', atMs: Date.UTC(2026, 9, 3, 15, 30) },
    'by half an hour',
  );
  t.equal(clockChange('Asia/Tokyo', NOON), undefined);
  t.equal(clockChange('Europe/Paris', CHANGE + 6 * DAY_MS), undefined, 'not before the week after is over');
  const nights = (before: number, after: number, count = 7) =>
    Array.from({ length: count * 2 }, (_, index) => {
      const night = index - count;
      return { endMs: CHANGE + night * DAY_MS + 5 * 3_600_000, minutes: night < 0 ? before : after };
    });
  t.equal(sleepDifference(nights(420, 455), CHANGE, 'Europe/Paris', STUDY), 35);
  t.equal(sleepDifference(nights(420, 1000), CHANGE, 'Europe/Paris', STUDY), 90, 'cut off');
  t.equal(sleepDifference(nights(420, 455, 4), CHANGE, 'Europe/Paris', STUDY), undefined, 'too few nights');
  t.equal(sleepDifference([...nights(420, 455), ...nights(60, 60)], CHANGE, 'Europe/Paris', STUDY), 35, 'a nap is no night');
});

t.test('D8, D9: nothing is made before one joins, nothing goes before one read it, and what arrives is what was read', async (t) => {
  const folder = mkdtempSync(path(tmpdir(), 'hearth-study-'));
  await using edge = await startEdge({ folder });
  const { claim, idOf, join, people, store } = await openWeb(t, { statisticsUrl: edge.url });
  const ada = await claim();
  const ben = await join('Ben');
  const id = idOf('Ada');
  await sleep(store, id, 30);
  await sleep(store, ben.id, 30);
  openStatistics({ people, store, now: () => NOON }).draw();
  t.same((await ada('GET', '/api/v1/studies')).json<Studies>().ledger, [], 'off until one joins');
  await ada('PUT', '/api/v1/studies/sleep-clock-change', { join: true });
  const told = (await ada('GET', '/api/v1/studies')).json<Studies>();
  const [waits] = told.ledger;
  t.match(told, { ledger: [{ state: 'waits' }], budget: { spent: 0 } });
  t.match((await ada('GET', '/api/v1/notices')).json(), [{ id: 'study' }]);
  for (const telling of [id, 'Ada', 'hub', 'tracker']) t.notOk(waits!.payload.includes(telling), telling);
  t.same(Object.keys(JSON.parse(waits!.payload) as object).sort(), [
    'epsilon',
    'form',
    'mechanism',
    'nonce',
    'round',
    'sensitivity',
    'study',
    'unit',
    'value',
    'version',
  ]);
  t.throws(() => readFileSync(`${folder}/statistics.jsonl`), 'nothing left');
  t.equal((await ben.ask('POST', `/api/v1/statistics/${waits!.number}`, { send: true })).status, 404, 'another’s number is nobody’s');
  t.match((await ada('POST', `/api/v1/statistics/${waits!.number}`, { send: true })).json(), { state: 'sent' });
  t.equal(readFileSync(`${folder}/statistics.jsonl`, 'utf8').trim(), waits!.payload);
  t.equal((await ada('POST', `/api/v1/statistics/${waits!.number}`, { send: true })).status, 409);
  const after = (await ada('GET', '/api/v1/studies')).json<Studies>();
  t.match(after, { budget: { spent: 1 }, ledger: [{ state: 'sent', to: new URL(edge.url).host, payload: waits!.payload }] });

  const contribution = JSON.parse(waits!.payload) as Contribution;
  const post = async (body: object) =>
    (
      await fetch(`${edge.url}v1/statistics/sleep-clock-change`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    ).status;
  const rounds = async () => ((await (await fetch(`${edge.url}v1/statistics/sleep-clock-change`)).json()) as { rounds: object[] }).rounds;
  for (let home = 1; home < STUDY.leastHomes - 1; home++) await post({ ...contribution, nonce: String(home).padStart(32, '0') });
  t.equal(await post(contribution), 204, 'again is as good as once');
  t.same(await rounds(), [], '19 homes are too few to be shown');
  t.equal(await post({ ...contribution, nonce: 'f'.repeat(32) }), 204);
  t.match(await rounds(), [{ round: '2026-10-25 back', homes: STUDY.leastHomes }]);
  t.equal(await post({ ...contribution, epsilon: '9' }), 422, 'with less noise than the study says');
  t.equal(await post({ ...contribution, hub: 'mine' }), 400);
  t.same(resultsOf([], STUDY), []);
});

t.test('D8: noise is drawn once, the year’s budget ends, and what may have arrived counts as gone', async (t) => {
  const web = await openWeb(t, { statisticsUrl: 'http://127.0.0.1:9/' });
  const { claim, idOf, people, store, now, later } = web;
  const ada = await claim();
  const id = idOf('Ada');
  await sleep(store, id, 30);
  const join = (on: boolean) => ada('PUT', '/api/v1/studies/sleep-clock-change', { join: on });
  await join(true);
  const statistics = openStatistics({ people, store, now });
  const [entry] = statistics.ledger(id);
  const answer = await ada('POST', `/api/v1/statistics/${entry!.number}`, { send: true });
  t.match([answer.status, answer.error], [502, { code: 'away', message: /may not have arrived/ }]);
  t.match(statistics.ledger(id), [{ state: 'sending', contribution: entry!.contribution }]);
  t.equal(statistics.spentMilli(id), 1000, 'spent before it goes');
  await join(false);
  await join(true);
  t.equal(statistics.ledger(id).length, 1, 'and no other is drawn');
  const handed = await ada('POST', `/api/v1/statistics/${entry!.number}/file`);
  t.same(handed.json(), entry!.contribution);
  t.equal(statistics.spentMilli(id), 1000, 'the same number twice is one');
  // Another number left in the same year.
  const second = people.records.add(
    id,
    'statistics',
    { ...entry, state: 'waits', sentUtcMs: null, contribution: { ...entry!.contribution, round: '2026-03-29 forward' } },
    now(),
  );
  await statistics.send(id, second, 'test', async () => undefined);
  for (const { number, body } of people.records.list<{ contribution: Contribution }>(id, 'statistics', 10))
    people.records.replace(id, number, { ...body, contribution: { ...body.contribution, round: 'long ago' } });
  t.equal(statistics.draw(), 0, 'two in a year are the end of it');
  later(366 * DAY_MS - 30 * DAY_MS);
  t.equal(statistics.spentMilli(id), 2000);
  later(31 * DAY_MS);
  t.equal(statistics.spentMilli(id), 0);
});

t.test('D8: for a minor the guardian says yes, and where no address is set nothing goes', async (t) => {
  const { claim, ask, idOf, people, store, now } = await openWeb(t);
  const ada = await claim();
  const { code } = (await ada('POST', '/api/v1/invitations', { role: 'member', child: true })).json<{ code: string }>();
  await ask('POST', '/api/v1/join', { code, name: 'Mia', password: 'a fine password', birthDate: '2011-02-03' });
  const mia = idOf('Mia');
  await people.guardians.consent(mia, idOf('Ada'), now());
  await sleep(store, mia, -20);
  const headers = { cookie: `hearth=${people.sessions.start(mia, 'test', now())}` };
  t.match((await ask('PUT', '/api/v1/studies/sleep-clock-change', { join: true }, { headers })).error, { code: 'guardian' });
  t.equal((await ada('PUT', `/api/v1/studies/sleep-clock-change?subject=${mia}`, { join: true })).status, 200);
  const [entry] = (await ada('GET', `/api/v1/studies?subject=${mia}`)).json<Studies>().ledger;
  t.match((await ada('POST', `/api/v1/statistics/${entry!.number}?subject=${mia}`, { send: true })).error, { code: 'nowhere' });
  t.match(
    (await ask('POST', `/api/v1/statistics/${entry!.number}`, { send: false }, { headers })).json(),
    { state: 'kept' },
    'anybody may say no',
  );
});
