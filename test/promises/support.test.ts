import { Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import t from 'tap';
import { createRedactor } from '../../hub/rights/support/redact.ts';
import { reading } from '../hub/rights/filled.ts';
import { type Ask, NOON, openWeb } from '../hub/web/web.ts';
import fc from '../property.ts';

const DAY_MS = 86_400_000;
interface Preview {
  text: string;
  sha256: string;
}
interface Made {
  grant: { id: string };
  link: string;
  receipt: string;
}
const preview = async (ask: Ask, body: object = {}): Promise<Preview> =>
  (await ask('POST', '/api/v1/support/preview', body)).json<Preview>();

t.test(
  'B12, D5: a bundle says nothing of who and where unless ticked, is sealed as it was shown, and opens by the helper’s key alone',
  async (t) => {
    const devices = [
      {
        id: 'scale-1f3a',
        kind: 'scale',
        name: 'Ada’s scale',
        firmware: '1',
        quantities: [],
        connected: false,
        state: 'fault' as const,
        message: 'no answer of mqtt://ada:pass@nas.local:1883 at 192.168.1.20 (ada@example.org), see /home/ada/data',
        lastSeenUtcMs: NOON,
      },
    ];
    const { ask, claim, idOf, people, store } = await openWeb(t, { devices: () => devices });
    const ada = await claim();
    const id = idOf('Ada');
    people.identities.set(id, { firstName: 'Augusta', surname: 'King', email: 'ada@example.org' });
    await store.vault(id).commit([reading('weight', 1, 71.23, NOON - 1000)]);
    const shown = await preview(ada, { problem: 'Augusta King cannot weigh' });
    for (const secret of ['Ada', 'ada', 'Augusta', 'King', 'example.org', '192.168', 'nas.local', '71.23', 'scale-1f3a', id])
      t.notOk(shown.text.includes(secret), secret);
    t.match(shown.text, /"kind": "scale"/);
    const key = await generateX25519Identity();
    const recipient = await identityToRecipient(key);
    const make = (body: object) => ada('POST', '/api/v1/support/grants', { sha256: shown.sha256, recipient, days: 7, ...body });
    t.match((await make({ recipient: 'age1qqq' })).error, { code: 'recipient' });
    t.match((await make({ recipient: recipient.replace(/.$/, (last) => (last === 'q' ? 'p' : 'q')) })).error, { code: 'recipient' });
    t.match((await make({ sha256: '0'.repeat(64) })).error, { code: 'preview' }, 'nothing is sealed that was not shown');
    const made = (await make({})).json<Made>();
    t.match(await people.key.check(made.receipt), { kind: 'support', subject: id });
    const sealed = await ask('GET', made.link);
    t.equal(sealed.status, 200);
    const { armor } = await import('age-encryption');
    const decrypter = new Decrypter();
    decrypter.addIdentity(key);
    t.equal(await decrypter.decrypt(armor.decode(sealed.body), 'text'), shown.text);
    const other = new Decrypter();
    other.addIdentity(await generateX25519Identity());
    await t.rejects(other.decrypt(armor.decode(sealed.body)));
    t.match((await ada('GET', '/api/v1/support/grants')).json(), [{ id: made.grant.id, ended: null, left: [{ how: 'link' }] }]);
    const wide = await preview(ada, { sections: ['contact', 'values'] });
    t.match(wide.text, /Augusta King[\s\S]*71\.23/, 'what is ticked is in it');
  },
);

t.test('B12: a grant ends by itself and by a word; then nothing is handed out, and what that cannot undo is said', async (t) => {
  const { ask, claim, join, idOf, later, people } = await openWeb(t);
  const ada = await claim();
  const ben = await join('Ben');
  const recipient = await identityToRecipient(await generateX25519Identity());
  const make = async (by: Ask, days: number): Promise<Made> =>
    (
      await by('POST', '/api/v1/support/grants', { sha256: (await preview(by, { problem: `${days}` })).sha256, recipient, days })
    ).json<Made>();
  const [never, twice] = [await make(ada, 3), await make(ada, 5)];
  const bens = await make(ben.ask, 3);
  t.equal((await ada('GET', `/api/v1/support/grants/${bens.grant.id}/file`)).status, 404, 'another’s bundle is nobody’s');
  t.equal((await ada('GET', `/api/v1/support/grants/${twice.grant.id}/file`)).status, 200);
  const { words } = (await ada('DELETE', `/api/v1/support/grants/${twice.grant.id}`)).json<{ words: string }>();
  t.match(words, /It left the hub once .* ask them to delete it/);
  t.equal((await ask('GET', twice.link)).status, 404);
  later(3 * DAY_MS + 1);
  t.equal((await ask('GET', never.link)).status, 404, 'its time is over');
  const [, ended] = (await ada('GET', '/api/v1/support/grants')).json<{ words: string }[]>();
  t.match(ended?.words, /never left the hub, and the hub’s copy is gone: nobody can read it any more/);
  t.same(people.papers.list(idOf('Ada')), []);
});

t.test('B12: redaction never throws, leaves no address or name, and names one thing alike', async (t) => {
  const { text, standIn } = createRedactor(['Zoë', 'a', 'x.y']);
  t.equal(text('Zoë met zoë at 10.0.0.7 and 10.0.0.8'), '[name-1] met [name-1] at [address-1] and [address-2]');
  t.equal(text('fe80::1ff:fe23:4567:890a, AA:BB:CC:DD:EE:01, pi.local'), '[address-3], [mac-1], [host-1]');
  t.equal(text('zoë@example.org and /home/zoë/x'), '[e-mail-1] and [folder-1]', 'a name within an address leaves none of it');
  t.equal(text('x.y and xzy'), '[name-2] and xzy');
  t.equal(standIn('device', 'a'), standIn('device', 'A'));
  t.equal(text('the scale is at 12:30 after 3.5 s, version 1.2.3'), 'the scale is at 12:30 after 3.5 s, version 1.2.3');
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.ipV4(),
      fc.emailAddress(),
      (noise, address, mail) => !text(`${noise} ${address} ${mail} `).includes(mail),
    ),
  );
});
