import { rmSync, writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { openHousehold } from '../../hub/people/household.ts';
import { openOperationsLog } from '../../hub/people/operations-log.ts';
import { openHubKey } from '../../hub/people/receipts.ts';
import { openWeb } from '../hub/web/web.ts';

function openLog(t: Test) {
  const folder = t.testdir({});
  const household = openHousehold(folder);
  const key = openHubKey(`${folder}/keys`);
  let nowMs = 0;
  const log = openOperationsLog(household, folder, key, () => ++nowMs);
  t.teardown(() => household.close());
  for (let index = 0; index < 5; index++) log.append({ kind: 'export', actor: 'person-2', subject: 'person-2', detail: { index } });
  return { folder, household, log, key };
}

t.test('D4: a changed, removed, inserted or cut row of the operations log is found', (t) => {
  const tampering: readonly [what: string, sql: string, found: RegExp][] = [
    ['who did it', "UPDATE operation SET actor = 'person-3' WHERE seq = 2", /row 2 was changed/],
    ['what it says', "UPDATE operation SET detail = '{}' WHERE seq = 3", /what row 3 says was changed/],
    ['when', 'UPDATE operation SET at = 99 WHERE seq = 1', /row 1 was changed/],
    ['a row taken out', 'DELETE FROM operation WHERE seq = 4', /rows 4 to 4 are missing/],
    ['the end cut off', 'DELETE FROM operation WHERE seq >= 4', /the end of the log is missing: it had 5 rows and has 3/],
    ['the beginning cut off', 'DELETE FROM operation WHERE seq <= 2', /rows 1 to 2 are missing/],
  ];
  for (const [what, sql, found] of tampering) {
    const { household, log } = openLog(t);
    t.same(log.verify(), []);
    household.exec(sql);
    t.match(log.verify().join('; '), found, what);
  }
  t.end();
});

t.test('D4: a log written anew from its first row is not the one that was sealed, and a seal of another key is forged', (t) => {
  const { household, log, folder } = openLog(t);
  household.exec('DELETE FROM operation');
  const other = openHubKey(`${folder}/other-keys`);
  const forger = openOperationsLog(household, folder, other, () => 0);
  for (let index = 0; index < 6; index++) forger.append({ kind: 'admin', actor: 'person-1', subject: 'home' });
  t.same(forger.verify(), [], 'sound in itself');
  t.same(log.verify(), ['the seal of the log is forged']);
  writeFileSync(`${folder}/operations.seal`, '{');
  t.same(log.verify(), ['the seal of the log cannot be read']);
  rmSync(`${folder}/operations.seal`);
  t.same(log.verify(), ['the seal of the log is missing']);
  t.end();
});

t.test('D4: forgetting a person takes what rows say and leaves the chain whole', (t) => {
  const { log, folder, household } = openLog(t);
  log.append({ kind: 'admin', actor: 'person-1', subject: 'home', detail: { what: 'zone' } });
  t.equal(log.forget('person-2'), 5);
  t.equal(log.remains('person-2'), 0);
  t.same(log.verify(), []);
  const rows = log.read({ id: 'person-2', wards: [], runsHub: false }, 1e9, 10);
  t.ok(rows.every(({ detail }) => detail === undefined));
  t.equal(log.read({ id: 'person-1', wards: [], runsHub: true }, 1e9, 10)[0]?.detail?.what, 'zone');
  t.ok(folder.length > 0 && household.open);
  t.end();
});

t.test('D4: each reads what is about them; others’ private acts are hidden, also from who runs the hub', async (t) => {
  const { claim, join, machine } = await openWeb(t);
  const ada = await claim();
  const ben = await join('Ben');
  await ben.ask('GET', '/api/v1/export?format=csv');
  await machine('GET', '/api/v1/latest');
  type Log = { rows: { kind: string; actorName: string; subject: string }[] };
  const own = (await ben.ask('GET', '/api/v1/operations')).json<Log>().rows;
  t.same(
    own.map(({ kind }) => kind),
    ['export', 'account-made'],
  );
  const owner = (await ada('GET', '/api/v1/operations')).json<Log>().rows;
  t.notOk(
    owner.some(({ kind }) => kind === 'export'),
    'Ben’s copy is Ben’s',
  );
  t.match(
    owner.find(({ kind }) => kind === 'read'),
    { actorName: 'the hub’s command line', subject: 'person-1' },
    'a read by another is told',
  );
  t.match((await ada('GET', '/api/v1/operations/check')).json(), { whole: true, faults: [] });
});

t.test('every promise is looked at by a check or is said to be open, and the checks of people hold on a living hub', async (t) => {
  const { claim, machine, web } = await openWeb(t);
  await claim();
  await web.listen({ host: '127.0.0.1', port: 0 });
  const proofs = (await machine('GET', '/api/v1/prove')).json<{ id: string; state: string; evidence: string }[]>();
  t.equal(proofs.length, 68);
  for (const { id, state, evidence } of proofs) {
    t.ok(evidence.length > 10, id);
    if (/^(A\d|B[13-9]|C[67]|D4|F[456]|G1|H9)$/.test(id)) t.equal(state, 'kept', `${id}: ${evidence}`);
  }
});
