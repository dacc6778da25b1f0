import { readdirSync } from 'node:fs';
import t from 'tap';
import { quantities } from '../../firmware/protocol/quantities.ts';
import { ageGroup, ageOn, birthDateOf, dayIn } from '../../hub/people/age.ts';
import { openWeb, PASSWORD } from '../hub/web/web.ts';

const day = (year: number, month: number, date: number) => ({ year, month, day: date });

t.test('F4: on the 13th birthday one is 13, the day before one is not; born on 29 February that day is 1 March in common years', (t) => {
  const birth = day(2013, 11, 24);
  t.same([ageOn(birth, day(2026, 11, 23)), ageOn(birth, day(2026, 11, 24)), ageOn(birth, day(2026, 11, 25))], [12, 13, 13]);
  t.same(
    [ageGroup(birth, day(2026, 11, 23)), ageGroup(birth, day(2026, 11, 24)), ageGroup(birth, day(2031, 11, 24))],
    ['under-age', 'minor', 'adult'],
  );
  const leap = day(2012, 2, 29);
  t.same([ageOn(leap, day(2025, 2, 28)), ageOn(leap, day(2025, 3, 1)), ageOn(leap, day(2024, 2, 29))], [12, 13, 12]);
  t.throws(() => birthDateOf('2013-02-29', day(2026, 1, 1)), /there was no 2013-02-29/);
  t.throws(() => birthDateOf('2026-01-02', day(2026, 1, 1)), /in the future/);
  t.throws(() => birthDateOf('1890-01-01', day(2026, 1, 1)), /130 years/);
  t.throws(() => birthDateOf('24.11.2013', day(2026, 1, 1)), /write it like/);
  t.end();
});

t.test('F4: the day is the home’s: the same moment is the birthday in Auckland and not yet in Honolulu', (t) => {
  const moment = Date.UTC(2026, 10, 23, 20);
  t.same(dayIn('Pacific/Auckland', moment), day(2026, 11, 24));
  t.same(dayIn('Pacific/Honolulu', moment), day(2026, 11, 23));
  t.same(dayIn('Europe/Paris', Date.UTC(2026, 2, 29, 1, 30)), day(2026, 3, 29), 'on the night the clocks change too');
  t.end();
});

t.test(
  'F4: somebody under 13 gets no account, nothing they entered is kept, and on their birthday the same invitation is good',
  async (t) => {
    const { ask, claim, people, folder, later, machine } = await openWeb(t);
    const ada = await claim();
    const { code } = (await ada('POST', '/api/v1/invitations', { role: 'member', child: true })).json<{ code: string }>();
    const join = (birthDate: string) => ask('POST', '/api/v1/join', { code, name: 'Zebulon', password: PASSWORD, birthDate });
    // Noon of 24 November: thirteen tomorrow.
    t.match(await join('2013-11-25'), { status: 403, error: { code: 'under-age', remedy: /Nothing .* was kept/ } });
    t.equal(people.accounts.list().length, 1);
    t.notOk(readdirSync(`${folder}/identities`).length > 0);
    t.match((await machine('GET', '/api/v1/operations')).body, 'under-age-refused');
    t.match(await join(''), { status: 400, error: { code: 'birth-date' } });
    later(12 * 3_600_000);
    t.match((await join('2013-11-25')).json(), { standing: 'waiting' }, 'midnight in Paris has passed');
  },
);

t.test(
  'F5: a minor waits; nothing of them is collected until the guardian consents by a signed receipt; the guardian sees and withdraws; at 18 that ends',
  async (t) => {
    const web = await openWeb(t);
    const { people, claim, join, store, later, now } = web;
    const ada = await claim();
    const mia = await join('Mia', { birthDate: '2009-11-25', child: true });
    const ben = await join('Ben');
    let sequence = 0;
    const walk = () =>
      people.attribution.keep('tracker', 3, [
        {
          device: 'tracker',
          boot: 3,
          sequence: ++sequence,
          code: quantities.steps.code,
          value: 9,
          endUtcMs: now(),
          spanMs: 0,
          timeQuality: 'synced',
        },
      ]);
    t.match(await mia.ask('GET', '/api/v1/latest'), { status: 403, error: { code: 'consent' } });
    t.equal((await ada('PUT', '/api/v1/pairings/tracker', { subject: mia.id })).status, 404, 'nothing is paired to her');
    t.match(await mia.ask('POST', `/api/v1/people/${mia.id}/consent`, { agree: true }), { status: 403 }, 'not her own guardian');
    t.match(await ben.ask('POST', `/api/v1/people/${mia.id}/consent`, { agree: true }), { status: 403 }, 'nor anybody');
    const { receipt } = (await ada('POST', `/api/v1/people/${mia.id}/consent`, { agree: true })).json<{ receipt: string }>();
    t.match(await people.key.check(receipt), {
      kind: 'guardian-consent',
      subject: mia.id,
      by: 'person-1',
      text: /I am the parent or guardian/,
    });

    t.equal((await mia.ask('PUT', '/api/v1/pairings/tracker', { subject: mia.id })).status, 204);
    await walk();
    t.equal(store.vault(mia.id).count(), 1);
    t.match((await ada('GET', `/api/v1/latest?subject=${mia.id}`)).json(), [{ value: 9, subject: mia.id }]);
    t.match((await mia.ask('GET', '/api/v1/operations')).body, '"kind":"read"', 'and she can see that it was looked at');
    t.match(await ben.ask('GET', `/api/v1/latest?subject=${mia.id}`), { status: 403 });
    t.match(
      await mia.ask('PUT', `/api/v1/people/${mia.id}/profile`, { birthDate: '1990-01-01' }),
      { status: 403 },
      'nor does she make herself older',
    );

    t.equal((await ada('DELETE', `/api/v1/people/${mia.id}/consent`)).status, 204);
    await walk();
    t.equal(store.vault(mia.id).count(), 1, 'nothing more is collected');
    t.match(await ada('GET', `/api/v1/latest?subject=${mia.id}`), { status: 403 });
    await ada('POST', `/api/v1/people/${mia.id}/consent`, { agree: true });
    // 25 November 2027 in Paris.
    later(Date.UTC(2027, 10, 24, 23, 1) - now());
    const again = (await import('../hub/web/web.ts')).PASSWORD;
    const grown = web.browser();
    await grown('POST', '/api/v1/session', { name: 'Mia', password: `${again} Mia` });
    t.equal((await grown('GET', '/api/v1/latest')).status, 200);
    const adaAgain = web.browser();
    await adaAgain('POST', '/api/v1/session', { name: 'Ada', password: PASSWORD });
    t.match(await adaAgain('GET', `/api/v1/latest?subject=${mia.id}`), { status: 403 }, 'of age: her guardian no more');
    t.match((await grown('GET', '/api/v1/operations')).body, '"kind":"hand-over"');
  },
);

t.test('F5: a forged receipt, another hub’s, and one whose words were changed are refused', async (t) => {
  const { people } = await openWeb(t);
  const other = await openWeb(t);
  const claims = { kind: 'guardian-consent', atUtcMs: 1, subject: 'person-2', by: 'person-1', text: 'I agree' };
  const receipt = await people.key.issue(claims);
  t.match(await people.key.check(receipt), claims);
  const [head, body, signature] = receipt.split('.') as [string, string, string];
  const changed = Buffer.from(JSON.stringify({ ...claims, by: 'person-9' })).toString('base64url');
  const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'hearth-receipt' })).toString('base64url');
  for (const forged of [`${head}.${changed}.${signature}`, `${none}.${body}.`, 'a.b.c', '', await other.people.key.issue(claims)])
    await t.rejects(people.key.check(forged), { name: 'ReceiptError' }, forged.slice(0, 20));
});

t.test('F6: data of a child under 13 is erased by one command, everywhere, with a signed proof', async (t) => {
  const { people, store, claim, join, machine, folder, now } = await openWeb(t);
  const ada = await claim();
  const mia = await join('Mia', { birthDate: '2010-01-01', child: true });
  await ada('POST', `/api/v1/people/${mia.id}/consent`, { agree: true });
  await people.attribution.pair('tracker', mia.id, mia.id);
  await people.attribution.keep('tracker', 3, [
    { device: 'tracker', boot: 3, sequence: 1, code: quantities.steps.code, value: 9, endUtcMs: now(), spanMs: 0, timeQuality: 'synced' },
  ]);
  t.ok(store.subjects().includes(mia.id));
  const url = `/api/v1/people/${mia.id}/under-age-erasure`;
  t.match(await machine('POST', url, {}), { status: 409, error: { code: 'not-under-age' } }, 'not whoever, on a whim');
  t.match(
    await machine('POST', '/api/v1/people/person-1/under-age-erasure', { birthDate: '2020-01-01' }),
    { status: 404 },
    'nor who runs the hub',
  );
  t.match(
    await ada('POST', url, { birthDate: '2016-05-01' }),
    { status: 403, error: { code: 'password-again' } },
    'the guardian gives the password again',
  );
  await ada('POST', '/api/v1/again/password', { password: PASSWORD });
  const answer = (await ada('POST', url, { birthDate: '2016-05-01' })).json<{ places: { id: string; state: string }[]; receipt: string }>();
  t.same(
    answer.places.filter(({ state }) => state !== 'erased').map(({ id, state }) => `${id} ${state}`),
    ['targets told'],
  );
  const ids = answer.places.map(({ id }) => id);
  t.equal(ids[0], 'vault', 'first the measurements');
  t.same(ids.slice(-2), ['account', 'log'], 'last what could still ask for it again');
  for (const id of ['identity', 'attribution', 'guardian', 'shares', 'records', 'objections']) t.ok(ids.includes(id), id);
  t.match(await people.key.check(answer.receipt), { kind: 'erasure', subject: mia.id });
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  t.same(
    files.filter((file) => file.includes(mia.id)),
    [],
    'no file bears her id',
  );
  t.equal((await mia.ask('GET', '/api/v1/session')).json<{ signedIn: boolean }>().signedIn, false);
  t.same(people.operations.verify(), [], 'the log is whole without her');
});
