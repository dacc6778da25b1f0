import { existsSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { openAccounts } from '../../../hub/people/accounts.ts';
import { openHousehold } from '../../../hub/people/household.ts';
import { createPasswords } from '../../../hub/people/passwords.ts';
import { openSessions } from '../../../hub/people/sessions.ts';
import { CHEAP, PASSWORD } from '../web/web.ts';

const passwords = createPasswords(CHEAP);

t.test('the account of a hub that knew one person is taken over, with its password, and its file goes', async (t) => {
  const folder = t.testdir({});
  const { salt, hash } = await passwords.keep(PASSWORD);
  const former = `${folder}/accounts.json`;
  writeFileSync(former, JSON.stringify({ name: 'Ada', salt: salt.toString('base64'), hash: hash.toString('base64') }));
  const household = openHousehold(folder);
  t.teardown(() => household.close());
  const accounts = openAccounts(household, passwords, former);
  t.match(await accounts.check(undefined, PASSWORD), { id: 'person-1', name: 'Ada', role: 'owner', state: 'active' });
  t.equal(await accounts.check('Ada', 'another'), undefined);
  t.notOk(existsSync(former));
  await t.rejects(accounts.claim('Eve', PASSWORD, 0), { name: 'AccountError', message: /an owner already/ });
});

t.test('names are the same whatever their case and accents are made of, and are each taken once', async (t) => {
  const household = openHousehold(t.testdir({}));
  t.teardown(() => household.close());
  const accounts = openAccounts(household, passwords, '');
  await accounts.claim('Zoë', PASSWORD, 0);
  t.match(await accounts.check('  ZOE\u0308', PASSWORD), { name: 'Zoë' });
  await t.rejects(accounts.add({ name: 'zoë', password: PASSWORD, role: 'member', state: 'active' }, 1), {
    name: 'AccountError',
    message: /called zoë already/,
  });
  const made = await accounts.add({ name: 'Ben', password: PASSWORD, role: 'member', state: 'active' }, 1);
  t.match(made.id, /^person-[0-9a-f]{12}$/, 'an id says nothing of its person');
  t.equal(await accounts.check(undefined, PASSWORD), undefined, 'of two people nobody is meant without a name');
  for (let guest = accounts.list().length; guest < 50; guest++)
    await accounts.add({ name: `guest ${guest}`, password: PASSWORD, role: 'guest', state: 'active' }, 2);
  await t.rejects(accounts.add({ name: 'one more', password: PASSWORD, role: 'guest', state: 'active' }, 2), {
    name: 'AccountError',
    message: /has 50 accounts/,
  });
});

t.test('a person’s sessions push out their own oldest, never another’s, and are known by their token alone', async (t) => {
  const household = openHousehold(t.testdir({}));
  t.teardown(() => household.close());
  const accounts = openAccounts(household, passwords, '');
  const ada = await accounts.claim('Ada', PASSWORD, 0);
  const ben = await accounts.add({ name: 'Ben', password: PASSWORD, role: 'member', state: 'active' }, 0);
  const sessions = openSessions(household);
  const adas = sessions.start(ada.id, 'Firefox on Linux', 1);
  const bens = Array.from({ length: 30 }, (_, index) => sessions.start(ben.id, 'Chrome on Android', 2 + index));
  t.equal(sessions.list(ben.id, 100).length, 20);
  t.equal(sessions.find(bens[0]!, 100), undefined);
  t.match(sessions.find(adas, 100), { account: ada.id, browser: 'Firefox on Linux' });
  t.equal(sessions.find(`${adas.slice(0, -1)}x`, 100), undefined);
  accounts.remove(ben.id);
  t.equal(sessions.find(bens.at(-1)!, 100), undefined, 'they go with their account');
});
