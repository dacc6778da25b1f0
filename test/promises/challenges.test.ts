import { generateKeyPairSync, sign } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { openHousehold } from '../../hub/people/household.ts';
import { createLooking } from '../../hub/rights/challenges/looking.ts';
import { reading } from '../hub/rights/filled.ts';
import { type Person, personOf } from '../hub/web/partner.ts';
import { NOON, openWeb, type TestWeb } from '../hub/web/web.ts';

const DAY_MS = 86_400_000;
const iso = (ms: number): string => new Date(ms).toISOString();
interface Standing {
  readonly members: readonly { readonly name: string; readonly isYou: boolean; readonly state: string; readonly steps: number | null }[];
  readonly sum: number | null;
}
interface Home extends TestWeb {
  readonly origin: string;
  readonly person: Person;
  /** Everything that this hub answered to another hub. */
  readonly answered: string[];
  person2(name: string): Promise<Person>;
}

/** A hub that answers on the loopback, with one person and some steps of theirs. */
async function home(t: Test, steps: number): Promise<Home> {
  const answered: string[] = [];
  const hub = await openWeb(t, {}, (web) =>
    web.addHook('onSend', async (request, _reply, payload) => {
      if (request.url.includes('challenge-peers')) answered.push(String(payload));
    }),
  );
  await hub.claim();
  await hub.web.listen({ host: '127.0.0.1', port: 0 });
  const person = personOf(hub, hub.idOf('Ada'));
  const walked = async (id: string, value: number) => {
    const span = { spanMs: 600_000, device: 'tracker-1' };
    await hub.store
      .vault(id)
      .commit([
        reading('steps', 1, value - 100, NOON - 3_600_000, span),
        reading('steps', 2, 100, NOON - 1_800_000, span),
        reading('steps', 3, 55_555, NOON - 9 * DAY_MS, span),
        reading('steps', 1, 40, NOON - 3_600_000, { ...span, device: 'phone-1' }),
        reading('weight', 4, 61.5, NOON - 3_600_000),
      ]);
  };
  await walked(person.id, steps);
  return {
    ...hub,
    origin: `http://127.0.0.1:${(hub.web.server.address() as AddressInfo).port}`,
    person,
    answered,
    async person2(name) {
      const { id } = await hub.join(name);
      await walked(id, steps + 1000);
      return personOf(hub, id);
    },
  };
}

const days = { from: iso(NOON - 2 * DAY_MS), to: iso(NOON + 2 * DAY_MS) };
const make = async (person: Person, body: object = {}) =>
  (await person.ask('POST', '/api/v1/challenges', { name: 'May walk', kind: 'friends', ...days, ...body })).json<{
    challenge: { id: string; terms: string };
    receipt: string;
  }>();
const invite = async (person: Person, id: string): Promise<string> =>
  (await person.ask('POST', `/api/v1/challenges/${id}/invitations`)).json<{ link: string }>().link;
async function join(person: Person, link: string, more: object = {}) {
  const { termsHash } = (await person.ask('POST', '/api/v1/challenges/terms', { link })).json<{ termsHash: string }>();
  const joined = await person.ask('POST', '/api/v1/challenges/join', { link, termsHash, ...more });
  return { status: joined.status, body: joined.body, ...joined.json<{ challenge: { id: string }; receipt: string }>() };
}
const look = async (person: Person, id: string): Promise<Standing> =>
  (await person.ask('GET', `/api/v1/challenges/${id}`)).json<Standing>();

/** Everything that a hub keeps, opened: each table of the household, each entry of each vault, each file. */
function keptBy(hub: TestWeb): string {
  const database = openHousehold(hub.folder);
  const tables = database.prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  const rows = tables.map(({ name }) => JSON.stringify(database.prepare(`SELECT * FROM "${name}"`).all()));
  database.close();
  const entries = hub.store.subjects().flatMap((subject) =>
    hub.store
      .vault(subject)
      .entries(0, 1000)
      .map((entry) => JSON.stringify(entry)),
  );
  const files = readdirSync(hub.folder, { recursive: true, encoding: 'utf8' })
    .map((name) => `${hub.folder}/${name}`)
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, 'latin1'));
  return [...rows, ...entries, ...files].join('\n');
}

t.test('E4, B8: two hubs compare steps: one number of the agreed days crosses, live, and is kept nowhere', async (t) => {
  const [one, two] = [await home(t, 64_321), await home(t, 73_913)];
  const made = await make(one.person, { as: 'Ada of one' });
  const link = `${one.origin}/${await invite(one.person, made.challenge.id)}`;
  const terms = (await two.person.ask('POST', '/api/v1/challenges/terms', { link })).json<{ terms: string }>().terms;
  t.match(
    terms,
    /One number of yours crosses.*kept nowhere else.*Every member sees.*leave at any time.*ends by itself/s,
    'read before one agrees',
  );
  const said: string[] = [];
  const [log, error] = [console.log, console.error];
  console.log = (...words) => said.push(words.join(' '));
  console.error = console.log;
  t.teardown(() => Object.assign(console, { log, error }));
  const joined = await join(two.person, link, { as: 'Ada of two', address: two.origin });
  t.equal(joined.status, 201);
  t.match(await two.people.key.check(joined.receipt), { kind: 'challenge', text: terms }, 'agreed to by a signed receipt');
  t.match(await look(one.person, made.challenge.id), {
    members: [
      { name: 'Ada of two', steps: 73_913, isYou: false },
      { name: 'Ada of one', steps: 64_321, isYou: true },
    ],
    sum: 138_234,
  });
  t.match(
    await look(two.person, joined.challenge.id),
    { members: [{ steps: 73_913, isYou: true }, { steps: 64_321 }] },
    'each sees the same',
  );
  t.notOk(keptBy(one).includes('73913'), 'the friend’s number is in no table, vault or file of the one');
  t.notOk(keptBy(two).includes('64321'), 'nor of the other');
  t.notMatch(said.join('\n'), /73913|64321/, 'nor in what a hub says');
  const crossed = [...one.answered, ...two.answered].join('\n');
  t.notMatch(crossed, /61\.5|55555|weight|tracker|phone|person-/, 'and nothing else of anybody crossed');
  t.match(two.answered.at(-1), /73913/, 'but the number itself');

  await two.store.vault(two.person.id).commit([reading('steps', 9, 87, NOON - 60_000, { device: 'tracker-1' })]);
  t.match((await look(one.person, made.challenge.id)).members[0], { steps: 74_000 }, 'it is asked anew each time');
  const shares = (await two.person.ask('GET', '/api/v1/shares')).json<{ given: object[] }>().given;
  t.match(shares, [{ kind: 'challenge', name: 'May walk', categories: ['activity'], rowsRead: 3 }], 'and stands among the shares');
});

t.test('E4: one leaves at any time, also from the page of shares; it ends by itself at its day', async (t) => {
  const [one, two] = [await home(t, 4000), await home(t, 6000)];
  const made = await make(one.person);
  const link = async () => `${one.origin}/${await invite(one.person, made.challenge.id)}`;
  const first = await join(two.person, await link(), { address: two.origin });
  await two.person.ask('DELETE', `/api/v1/shares/${first.challenge.id}`);
  t.match(await look(one.person, made.challenge.id), { members: [{ isYou: true }], sum: 4000 }, 'who left is no longer there');
  t.equal((await two.person.ask('GET', `/api/v1/challenges/${first.challenge.id}`)).status, 410);
  const second = await join(two.person, await link(), { address: two.origin });
  for (const hub of [one, two]) hub.later(3 * DAY_MS + 1);
  t.equal((await one.person.ask('GET', `/api/v1/challenges/${made.challenge.id}`)).status, 410, 'over');
  t.equal((await two.person.ask('GET', `/api/v1/challenges/${second.challenge.id}`)).status, 410);
  const asked = two.answered.length;
  await one.person.ask('GET', '/api/v1/challenges');
  t.equal(two.answered.length, asked, 'nobody asks any more');
  t.notOk(keptBy(one).includes(two.origin), 'and the other hub is forgotten');

  const [three, four] = [await home(t, 100), await home(t, 200)];
  const third = await make(three.person);
  const fourth = await join(four.person, `${three.origin}/${await invite(three.person, third.challenge.id)}`, { address: four.origin });
  await three.person.ask('DELETE', `/api/v1/challenges/${third.challenge.id}`);
  t.equal((await four.person.ask('GET', `/api/v1/challenges/${fourth.challenge.id}`)).status, 410, 'who made it ends it for all');
});

t.test('E5: a team agrees to terms by their hash and sees the sum alone, unless a member shows theirs', async (t) => {
  const hub = await home(t, 1000);
  const [ben, cleo] = [await hub.person2('Ben'), await hub.person2('Cleo')];
  const made = await make(hub.person, { kind: 'team', words: 'The losers cook.' });
  t.match(made.challenge.terms, /sum of all.*The losers cook/s);
  const stale = await ben.ask('POST', '/api/v1/challenges/join', {
    link: await invite(hub.person, made.challenge.id),
    termsHash: 'other words',
  });
  t.match(stale.json(), { error: { code: 'terms' } });
  const bens = await join(ben, await invite(hub.person, made.challenge.id));
  t.match(await look(hub.person, made.challenge.id), { sum: null }, 'of two, the sum would tell the other’s number');
  const cleos = await join(cleo, await invite(hub.person, made.challenge.id));
  const seen = await look(hub.person, made.challenge.id);
  t.equal(seen.sum, 5000);
  t.match(
    seen.members.filter(({ isYou }) => !isYou).map(({ steps }) => steps),
    [null, null],
    'nobody’s own number',
  );
  await cleo.ask('DELETE', `/api/v1/challenges/${cleos.challenge.id}`);
  t.match(await look(hub.person, made.challenge.id), { sum: null });
  const again = await join(cleo, await invite(hub.person, made.challenge.id), { showsOwn: true });
  t.match((await look(hub.person, made.challenge.id)).members, [
    { name: 'Cleo', steps: 2000 },
    { isYou: true, steps: 1000 },
    { name: 'Ben', steps: null },
  ]);
  t.equal((await look(ben, bens.challenge.id)).sum, null, 'for Ben the sum would tell Ada’s number');
  hub.people.challenges.forget(cleo.id);
  t.equal(hub.people.challenges.remains(cleo.id), 0);
  t.equal((await cleo.ask('GET', `/api/v1/challenges/${again.challenge.id}`)).status, 404);
});

t.test(
  'attacks on challenges: a replayed invitation, forged receipts, another’s id, stolen and wrong tokens, a hub that answers in another’s place',
  async (t) => {
    const [one, two] = [await home(t, 10), await home(t, 20)];
    const ben = await one.person2('Ben');
    const made = await make(one.person);
    const link = `${one.origin}/${await invite(one.person, made.challenge.id)}`;
    const peer = (path: string, payload: object) => one.web.inject({ method: 'POST', url: `/api/v1/challenge-peers/${path}`, payload });
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const key = JSON.stringify(publicKey.export({ format: 'jwk' }));
    const receiptOf = (text: string, kind = 'challenge', by = privateKey): string => {
      const parts = [{ alg: 'EdDSA' }, { kind, text }].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
      return `${parts}.${sign(null, Buffer.from(parts), by).toString('base64url')}`;
    };
    const { termsHash, terms } = (await two.person.ask('POST', '/api/v1/challenges/terms', { link })).json<{
      termsHash: string;
      terms: string;
    }>();
    const body = {
      code: link.slice(-24),
      termsHash,
      key,
      name: 'Eve',
      showsOwn: true,
      url: 'https://eve.example',
      member: 'm',
      token: 'a-token-of-eve',
    };
    const stranger = generateKeyPairSync('ed25519').privateKey;
    for (const [receipt, why] of [
      [receiptOf(terms, 'challenge', stranger), 'signed by another key'],
      [receiptOf(`${terms} And a pony.`), 'for other terms'],
      [receiptOf(terms, 'erasure'), 'for another thing'],
      ['a.b.c', 'no receipt'],
    ] as const)
      t.match(JSON.parse((await peer('join', { ...body, receipt })).body), { error: { code: 'receipt' } }, why);
    t.match(JSON.parse((await peer('join', { ...body, receipt: receiptOf(terms), url: 'http://10.0.0.1@evil.example' })).body), {
      error: { code: 'address' },
    });
    const joined = await join(two.person, link, { address: two.origin });
    t.equal(joined.status, 201, 'none of them used the invitation up');
    t.match(
      JSON.parse((await peer('join', { ...body, receipt: receiptOf(terms) })).body),
      { error: { code: 'no-invitation' } },
      'which works once',
    );
    t.equal((await ben.ask('POST', '/api/v1/challenges/terms', { link })).status, 410);

    t.equal((await ben.ask('GET', `/api/v1/challenges/${made.challenge.id}`)).status, 404, 'another’s challenge is not there');
    t.equal((await ben.ask('DELETE', `/api/v1/challenges/${made.challenge.id}`)).json<{ left: boolean }>().left, false);
    t.equal((await ben.ask('POST', `/api/v1/challenges/${made.challenge.id}/invitations`)).status, 404);
    const [atOne] = one.people.challenges
      .members(one.people.challenges.of(one.person.id)[0]!.challenge.id)
      .filter(({ account }) => account === null);
    const nonce = 'a-nonce-of-mine';
    t.equal((await peer('standing', { member: atOne!.id, token: 'not-the-token-at-all', nonce })).statusCode, 410);
    t.equal(
      (await peer('steps', { member: made.challenge.id, token: 'not-the-token-at-all', nonce })).statusCode,
      410,
      'a member of this hub has no token',
    );
    const shown = atOne!.peer!;
    t.equal(
      (
        await two.web.inject({
          method: 'POST',
          url: '/api/v1/challenge-peers/standing',
          payload: { member: shown.member, token: shown.token, nonce },
        })
      ).statusCode,
      410,
      'a token for a number is one for that alone',
    );

    t.match(
      (await look(one.person, made.challenge.id)).members.map(({ state }) => state),
      ['here', 'here'],
    );
    // Somebody else answers at the friend's address, or with an answer that was heard before.
    const heard = JSON.parse(two.answered.at(-1)!) as object;
    const { key: hubKey, accounts, challenges } = one.people;
    for (const [answer, why] of [
      [heard, 'heard before'],
      [{ answer: JSON.stringify({ nonce, steps: 99_999 }), signature: 'AAAA' }, 'not signed'],
      [
        {
          answer: JSON.stringify({ nonce, steps: 99_999 }),
          signature: hubKey.sign(`challenge ${JSON.stringify({ nonce, steps: 99_999 })}`),
        },
        'signed by another hub',
      ],
      [{ nonsense: true }, 'no answer'],
      ['text', 'no answer'],
    ] as const) {
      const isAccount = (id: string): boolean => accounts.get(id) !== undefined;
      const looking = createLooking({ challenges, store: one.store, isAccount, askPeer: async () => answer, now: one.now });
      const { members } = await looking.standing(challenges.of(one.person.id)[0]!.challenge, made.challenge.id);
      t.match(
        members.map(({ name, state }) => `${name} ${state}`),
        ['Ada here', 'Ada away'],
        `an answer that is ${why} is none`,
      );
    }
  },
);
