import { readFileSync } from 'node:fs';
import t from 'tap';
import { UNUSED_MS } from '../../hub/rights/protect.ts';
import { keyOfKit } from '../../hub/store/recovery-kit.ts';
import type { Sync } from '../../hub/sync/sync.ts';
import { reading, START } from '../hub/rights/filled.ts';
import { openWeb, PASSWORD } from '../hub/web/web.ts';

const SECRET = 'a passphrase of hers';

t.test(
  'C6, C7: a vault with a lock: said before what is lost, measured on while locked, read by nobody, opened by secret or kit',
  async (t) => {
    const erased: string[] = [];
    const kept: number[] = [];
    const hub = await openWeb(t, {
      sync: () =>
        ({
          erase: (subject: string, only?: string) => erased.push(`${subject} at ${only}`),
          state: () => [],
          wake: () => undefined,
        }) as unknown as Sync,
      kept: (rows) => kept.push(...rows.map(({ value }) => value)),
    });
    const { claim, machine, people, store, later, folder } = hub;
    const ada = await claim();
    const measure = (sequence: number, value: number) =>
      people.attribution.keep('scale-1', 7, [reading('weight', sequence, value, START + sequence)]);
    await measure(1, 70.25);
    t.match((await ada('GET', '/api/v1/protect')).json(), {
      state: 'plain',
      lost: /lost for ever. Nobody can open it/,
      stops: /signs? out|sign out/,
    });

    t.equal((await ada('POST', '/api/v1/protect', { secret: SECRET })).error?.code, 'password-again');
    await ada('POST', '/api/v1/again/password', { password: PASSWORD });
    t.equal((await ada('POST', '/api/v1/protect', { secret: 'short' })).status, 400);
    t.equal((await machine('POST', '/api/v1/protect', { secret: SECRET })).error?.code, 'no-session', 'nobody locks another out');
    const { kit } = (await ada('POST', '/api/v1/protect', { secret: SECRET })).json<{ kit: string }>();
    t.equal(keyOfKit(kit).length, 32);
    t.same(erased, ['person-1 at embedded'], 'the open copy beside it goes');
    t.equal((await ada('GET', '/api/v1/latest?subject=person-1')).status, 200, 'unlocked for now');

    t.equal((await ada('POST', '/api/v1/protect/lock')).status, 204);
    await measure(2, 71.5);
    const closed = [
      'latest?subject=person-1',
      'series?quantity=weight&subject=person-1',
      'measurements?quantity=weight&subject=person-1',
      'export?format=csv',
      'measurements/1/history',
    ];
    for (const path of closed) for (const ask of [ada, machine]) t.equal((await ask('GET', `/api/v1/${path}`)).error?.code, 'locked', path);
    for (const [path, body] of [
      ['exports', { home: false }],
      ['forget/copy', { passphrase: 'long enough to be' }],
      ['measurements', { quantity: 'weight', value: 80 }],
      ['measurements/removal', { seqs: [1] }],
    ] as const)
      t.equal((await ada('POST', `/api/v1/${path}`, body)).error?.code, 'locked', path);
    t.same((await ada('GET', '/api/v1/latest')).json(), [], 'the page of the home goes on without it');
    t.match((await ada('GET', '/api/v1/protect')).json(), { state: 'locked' });
    t.ok((await ada('GET', '/api/v1/protect')).json<{ waitingBytes: number }>().waitingBytes > 100);
    t.notMatch(readFileSync(`${folder}/locks/person-1.inbox`).toString('latin1'), /71\.5|scale-1/);

    t.equal((await ada('POST', '/api/v1/protect/unlock', { secret: 'not it' })).error?.code, 'wrong-secret');
    t.same((await ada('POST', '/api/v1/protect/unlock', { secret: SECRET })).json(), { added: 1 });
    t.same(kept, [71.5], 'pages, derived values and targets hear of it as if it came now');
    t.match((await ada('GET', '/api/v1/latest?subject=person-1')).json(), [{ quantity: 'weight', value: 71.5 }]);

    later(UNUSED_MS / 2);
    await ada('GET', '/api/v1/session');
    later(UNUSED_MS / 2);
    t.equal((await ada('GET', '/api/v1/latest?subject=person-1')).status, 200, 'in use it stays open');
    later(UNUSED_MS);
    await machine('GET', '/api/v1/devices');
    t.equal(store.lockState('person-1'), 'locked', 'unused it does not');
    t.same((await ada('POST', '/api/v1/protect/unlock', { secret: kit })).json(), { added: 0 }, 'the kit opens it too');
    await ada('DELETE', '/api/v1/session');
    t.equal(store.lockState('person-1'), 'locked', 'signing out locks it');

    await ada('POST', '/api/v1/session', { password: PASSWORD });
    await ada('POST', '/api/v1/protect/unlock', { secret: SECRET });
    await ada('POST', '/api/v1/again/password', { password: PASSWORD });
    t.equal((await ada('DELETE', '/api/v1/protect')).status, 204);
    t.match((await ada('GET', '/api/v1/protect')).json(), { state: 'plain', since: null });
    const kinds = people.operations
      .read({ id: 'person-1', wards: [], runsHub: false }, 1e9, 50)
      .map(({ kind, actor }) => `${kind} by ${actor}`);
    for (const kind of [
      'vault-locked by person-1',
      'vault-unlocked by person-1',
      'vault-closed by hub',
      'vault-lock-removed by person-1',
      'secret-refused by person-1',
    ])
      t.ok(kinds.includes(kind), kind);
  },
);

t.test('C10: a locked vault can be deleted without its secret; on a shared scale nothing of it is noted outside', async (t) => {
  const { claim, join, people, store, folder, now } = await openWeb(t);
  const ada = await claim();
  const { ask: ben, id } = await join('Ben');
  await people.attribution.keep('scale-1', 7, [reading('weight', 1, 91.375, now() - 1000)]);
  await people.attribution.assign(people.attribution.inbox()[0]!.number, id, id);
  t.match(people.attribution.reasons(id, 9), [{ reason: { weightKg: 91.375 } }]);
  await ben('POST', '/api/v1/again/password', { password: `${PASSWORD} Ben` });
  await ben('POST', '/api/v1/protect', { secret: SECRET });
  await ben('POST', '/api/v1/protect/lock');
  t.notMatch(JSON.stringify(people.attribution.reasons(id, 9)), /91\.375/);
  t.equal((await ada('GET', `/api/v1/latest?subject=${id}`)).status, 403);
  t.equal((await ben('POST', '/api/v1/forget', { copy: 'declined', name: 'Ben' })).status, 200);
  t.equal(store.lockState(id), 'plain');
  t.throws(() => readFileSync(`${folder}/locks/${id}.json`), { code: 'ENOENT' });
});
