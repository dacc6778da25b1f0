import { writeFileSync } from 'node:fs';
import t from 'tap';
import { openPeople } from '../../hub/people/people.ts';
import { differenceOf, purposesIn } from '../../hub/people/policy.ts';
import { messageTypes } from '../../hub/rights/messages.ts';
import { reading } from '../hub/rights/filled.ts';
import { CHEAP, NOON, openWeb } from '../hub/web/web.ts';
import fc from '../property.ts';

interface Changes {
  agreed: { hash: string };
  current: { hash: string };
  difference: { kind: string; text: string }[];
  waiting: { id: string }[];
}
interface Notice {
  id: string;
  text: string;
  stop?: { type: string; channel: string };
}
const DAY_MS = 86_400_000;
/** Their own text: the first names no sleep, the second does. */
const FIRST = '# Ours\n\n- `record` Keeping it.\n- `heart-rate` Telling heart rate.\n- `body-composition` Computing.\n\nWe sell nothing.\n';
const SECOND = FIRST.replace('We sell', '- `sleep` Telling sleep from movement.\n\nWe never sell');
const sleepCode = reading('sleep_duration', 1, 1, 1).code;

t.test('F7: a change is told with the difference, and a new purpose waits for each person’s yes, with a receipt', async (t) => {
  const { claim, folder, idOf, join, later, people } = await openWeb(t);
  const ada = await claim();
  const id = idOf('Ada');
  t.same((await ada('GET', '/api/v1/notices')).json(), [], 'who joined by the text in force has nothing to be told');
  t.equal(people.objections.mayMake(id, sleepCode), true);
  writeFileSync(`${folder}/policy.md`, FIRST);
  later(DAY_MS);
  await ada('GET', '/api/v1/policy');
  t.equal(people.objections.mayMake(id, sleepCode), false, 'what the text does not name is not done');
  const ben = await join('Ben');
  later(DAY_MS);
  writeFileSync(`${folder}/policy.md`, SECOND);
  t.match((await ben.ask('GET', '/api/v1/notices')).json<Notice[]>(), [{ id: 'policy', text: /One new purpose waits/ }]);
  const told = (await ben.ask('GET', '/api/v1/policy/changes')).json<Changes>();
  t.same(
    told.waiting.map((one) => one.id),
    ['sleep'],
  );
  t.same(
    told.difference.filter(({ kind, text }) => kind !== 'same' && text !== '').map(({ kind, text }) => `${kind} ${text}`),
    ['gone We sell nothing.', 'new - `sleep` Telling sleep from movement.', 'new We never sell nothing.'],
  );
  t.equal(people.objections.mayMake(ben.id, sleepCode), false, 'not before a yes');
  const answer = (yes: string[], hash = told.current.hash) => ben.ask('POST', '/api/v1/policy/answer', { hash, yes });
  t.match((await answer(['sleep'], told.agreed.hash)).error, { code: 'changed' });
  t.match((await answer(['mind-reading'])).error, { code: 'no-purpose' });
  await answer([]);
  t.same((await ben.ask('GET', '/api/v1/notices')).json(), [], 'read, and not told again');
  t.equal(people.objections.mayMake(ben.id, sleepCode), false, 'reading it is no yes');
  const { receipt } = (await answer(['sleep'])).json<{ receipt: string }>();
  t.match(await people.key.check(receipt), { kind: 'policy', subject: ben.id, text: /Telling sleep/ });
  t.equal(people.objections.mayMake(ben.id, sleepCode), true);
  t.equal(people.objections.mayMake(id, reading('heart_rate', 1, 1, 1).code), true);
  t.same((await ben.ask('GET', '/api/v1/policy/changes')).json<Changes>(), {
    agreed: told.current,
    current: told.current,
    difference: [],
    waiting: [],
  } as never);
  t.match((await ada('GET', '/api/v1/operations')).json<{ rows: object[] }>().rows, [{ kind: 'policy' }, {}, {}]);
});

t.test('F7: texts are kept by their hash over a restart; a text that names no purpose takes no other’s place', async (t) => {
  const { claim, ask, folder, later, people, store } = await openWeb(t);
  await claim();
  const first = (await ask('GET', '/api/v1/policy')).json<{ hash: string; text: string }>();
  t.match(first.text, /in your profile|your profile/);
  later(DAY_MS);
  writeFileSync(`${folder}/policy.md`, SECOND);
  const second = (await ask('GET', '/api/v1/policy')).json<{ hash: string; versions: object[] }>();
  t.equal(second.versions.length, 2);
  writeFileSync(`${folder}/policy.md`, 'Trust us.');
  t.equal((await ask('GET', '/api/v1/policy')).json<{ hash: string }>().hash, second.hash);
  t.match(people.policy.trouble, /names no purpose/);
  t.equal((await ask('GET', `/api/v1/policy?hash=${first.hash}`)).json<{ text: string }>().text, first.text);
  t.equal((await ask('GET', `/api/v1/policy?hash=${'0'.repeat(64)}`)).status, 404);
  const again = openPeople({ data: folder, store, zone: 'UTC', now: () => NOON, passwordCost: CHEAP });
  t.same(
    again.policy.versions().map(({ hash }) => hash),
    [first.hash, second.hash],
  );
  again[Symbol.dispose]();
});

t.test('F7: a minor’s new purpose needs the guardian’s yes', async (t) => {
  const { claim, ask, folder, idOf, later, now, people } = await openWeb(t);
  const ada = await claim();
  writeFileSync(`${folder}/policy.md`, FIRST);
  later(1000);
  await ask('GET', '/api/v1/policy');
  const { code } = (await ada('POST', '/api/v1/invitations', { role: 'member', child: true })).json<{ code: string }>();
  await ask('POST', '/api/v1/join', { code, name: 'Mia', password: 'a fine password', birthDate: '2011-02-03' });
  const mia = idOf('Mia');
  await people.guardians.consent(mia, idOf('Ada'), now());
  later(1000);
  writeFileSync(`${folder}/policy.md`, SECOND);
  const { hash } = (await ask('GET', '/api/v1/policy')).json<{ hash: string }>();
  const asMia = { cookie: `hearth=${people.sessions.start(mia, 'test', now())}` };
  t.match((await ask('POST', '/api/v1/policy/answer', { hash, yes: ['sleep'] }, { headers: asMia })).error, { code: 'guardian' });
  t.equal((await ada('POST', `/api/v1/policy/answer?subject=${mia}`, { hash, yes: ['sleep'] })).status, 200);
  t.equal(people.objections.mayMake(mia, sleepCode), true);
});

t.test('F7: the difference of two texts holds both, in order', async () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 }).map((all) => all.join('\n'));
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const all = differenceOf(before, after);
      const side = (left: string) =>
        all
          .filter(({ kind }) => kind !== left)
          .map(({ text }) => text)
          .join('\n');
      return side('new') === before && side('gone') === after;
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => Array.isArray(purposesIn(text))));
});

t.test('D6: each kind of message is off until switched on, says how to stop it, and is one’s own', async (t) => {
  const { claim, join, idOf, store, people } = await openWeb(t);
  const ada = await claim();
  const ben = await join('Ben');
  await store.vault('home').commit([reading('battery', 1, 9, NOON - DAY_MS, { device: 'air-1' })]);
  const kinds = (await ada('GET', '/api/v1/messages')).json<{ type: string; channels: { on: boolean }[] }[]>();
  t.same(
    kinds.map(({ type }) => type),
    Object.keys(messageTypes),
  );
  t.ok(kinds.every(({ channels }) => channels.length > 0 && channels.every(({ on }) => !on)));
  t.same((await ada('GET', '/api/v1/notices')).json(), []);
  await ada('PUT', '/api/v1/messages/devices/page', { on: true });
  const [notice] = (await ada('GET', '/api/v1/notices')).json<Notice[]>();
  t.match(notice, { id: 'devices', text: 'the battery of air-1 is at 9 %.', stop: { type: 'devices', channel: 'page' } });
  t.same((await ben.ask('GET', '/api/v1/notices')).json(), []);
  await ada('PUT', `/api/v1/messages/${notice!.stop!.type}/${notice!.stop!.channel}`, { on: false });
  t.same((await ada('GET', '/api/v1/notices')).json(), []);
  t.equal((await ada('PUT', '/api/v1/messages/offers/page', { on: true })).status, 404, 'there are no offers to switch on');
  t.match(people.operations.read({ id: idOf('Ada'), wards: [], runsHub: false }, 1e9, 1), [{ kind: 'message', detail: { on: false } }]);
});
