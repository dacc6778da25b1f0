import t from 'tap';
import { type Access, rules, type Standing } from '../../../hub/web/access.ts';
import { openWeb, TOKEN } from './web.ts';

type Operations = Record<string, { 'x-hearth-access'?: Access } | undefined>;
const methods = ['get', 'put', 'post', 'delete'] as const;
type About = 'nothing' | 'own' | 'other' | 'ward';

/** Who asks, and the ids that they ask about. */
interface Asker {
  readonly standing: Standing | 'guardian' | 'partner';
  readonly headers: () => Record<string, string>;
  readonly own: string;
  /** Whom nobody but themselves may read. */
  readonly other: string;
}

/** What a rule must give, said independently of the code that decides: by standing, for one's own id and for another's. */
const household = ['member', 'guardian', 'owner', 'machine'];
const expected: Readonly<Record<Access, (asker: Asker['standing'], about: About) => boolean>> = {
  anyone: () => true,
  'any-account': (asker) => asker !== 'nobody' && asker !== 'partner',
  'signed-in': (asker) => asker === 'guest' || household.includes(asker),
  household: (asker) => household.includes(asker),
  camera: (asker) => household.includes(asker),
  own: (asker, about) =>
    (about === 'nothing' && asker === 'guest') ||
    (household.includes(asker) && (about === 'nothing' || about === 'own' || (about === 'ward' && asker === 'guardian'))),
  self: (asker, about) => asker !== 'nobody' && asker !== 'partner' && (about === 'own' || about === 'nothing'),
  guardian: (asker, about) => asker === 'guardian' && about === 'ward',
  'guardian-or-machine': (asker, about) => asker === 'machine' || (asker === 'guardian' && about === 'ward'),
  'set-up': (asker) => ['owner', 'machine'].includes(asker),
  owner: (asker) => ['owner', 'machine'].includes(asker),
  partner: (asker) => asker === 'partner',
};

t.test('every route has a rule, and keeps it: each route by each standing, about one’s own, another’s and a ward’s id', async (t) => {
  const { web, ask, claim, join, people, idOf, now } = await openWeb(t);
  await claim();
  const ben = await join('Ben');
  const grace = await join('Grace');
  const gil = await join('Gil', { role: 'guest' });
  // Grace's child, whose consent she gave, and Ada's, who waits.
  const invitation = await grace.ask('POST', '/api/v1/invitations', { role: 'member', child: true });
  const { code } = invitation.json<{ code: string }>();
  await ask('POST', '/api/v1/join', { code, name: 'Mia', password: 'a fine password', birthDate: '2011-02-03' });
  await people.guardians.consent(idOf('Mia'), grace.id, 0);
  const tom = await join('Tom', { birthDate: '2012-01-01', child: true });

  /** A session, and a new one once some route ended it. */
  const cookie = (id: string) => {
    let token = '';
    return () => {
      if (people.sessions.find(token, now()) === undefined) token = people.sessions.start(id, 'test', now());
      return { cookie: `hearth=${token}` };
    };
  };
  /** A partner under a link of somebody, and a new one once some route ended it. */
  const partnerOf = (owner: string) => () => {
    const token = 'an-access-token';
    if (people.partners.byToken(token, now()) === undefined) {
      const about = { name: 'Fit', policyUrl: 'https://fit.example/p', region: 'Ireland', redirectUris: ['https://fit.example/back'] };
      const { partner } = people.partners.add({ ...about, webhookUrl: null, isConfidential: false }, 'approved', now())!;
      const grant = `grant-of-${partner.id}`;
      const link = { grant, owner, partner: partner.id, partnerName: 'Fit', fromMs: null, toMs: null, endsMs: now() + 1e9 };
      for (const kind of ['reads', 'writes'] as const)
        people.partners.link({ ...link, kind, categories: ['body'], consentVersion: '1', consent: '' }, now());
      people.partners.tokens.put('AccessToken', token, { grantId: grant }, now() + 1e9, now());
    }
    return { authorization: `Bearer ${token}` };
  };
  const askers: readonly Asker[] = [
    { standing: 'nobody', headers: () => ({}), own: 'person-none', other: ben.id },
    { standing: 'waiting', headers: cookie(tom.id), own: tom.id, other: ben.id },
    { standing: 'guest', headers: cookie(gil.id), own: gil.id, other: ben.id },
    { standing: 'member', headers: cookie(ben.id), own: ben.id, other: grace.id },
    { standing: 'guardian', headers: cookie(grace.id), own: grace.id, other: ben.id },
    { standing: 'owner', headers: cookie(idOf('Ada')), own: idOf('Ada'), other: ben.id },
    { standing: 'partner', headers: partnerOf(ben.id), own: ben.id, other: grace.id },
    { standing: 'machine', headers: () => ({ authorization: `Bearer ${TOKEN}` }), own: idOf('Ada'), other: ben.id },
  ];

  /** Whether the access rules let a request through; what its route then thinks of it is another matter. */
  const isLetThrough = async (method: string, url: string, headers: Record<string, string>): Promise<boolean> => {
    // A body that no route takes: what is allowed gets as far as being told so, and nothing is done by asking.
    const body = method === 'put' || method === 'post' ? { payload: { 'no such field': true } } : {};
    const response = await web.inject({ method: method.toUpperCase() as 'GET', url, headers, ...body, payloadAsStream: true });
    const { statusCode, headers: head } = response;
    const stream = response.stream();
    // A stream of events has no end: its head is the answer.
    if (String(head['content-type']).startsWith('text/event-stream')) {
      stream.destroy();
      return true;
    }
    const text = (await stream.toArray()).join('');
    if (statusCode !== 401 && statusCode !== 403) return true;
    return !['sign-in', 'not-yours', 'consent', 'token'].includes((JSON.parse(text) as { error: { code: string } }).error.code);
  };

  const { paths } = web.swagger() as unknown as { paths: Record<string, Operations> };
  const wrong: string[] = [];
  const rows: string[] = [];
  let asked = 0;
  for (const [path, operations] of Object.entries(paths)) {
    for (const method of methods) {
      const operation = operations[method];
      if (operation === undefined) continue;
      // The guardian's own requests took it back.
      if (people.guardians.of(idOf('Mia'))?.state !== 'given') await people.guardians.consent(idOf('Mia'), grace.id, 0);
      const access = operation['x-hearth-access'];
      if (access === undefined) {
        wrong.push(`${method} ${path} declares no rule`);
        continue;
      }
      const isInPath = path.includes('{subject}');
      const isInQuery = JSON.stringify(operation).includes('"name":"subject"') && !isInPath;
      const abouts: About[] = isInPath ? ['own', 'other', 'ward'] : isInQuery ? ['nothing', 'own', 'other', 'ward'] : ['nothing'];
      const cells: string[] = [];
      for (const { standing, headers, own, other } of askers) {
        for (const about of abouts) {
          const subject = about === 'own' ? own : about === 'other' ? other : idOf('Mia');
          const named = path.replace('{subject}', subject).replaceAll(/\{\w+\}/g, 'x');
          const isThrough = await isLetThrough(method, isInPath || about === 'nothing' ? named : `${named}?subject=${subject}`, headers());
          asked++;
          cells.push(isThrough ? 'x' : '-');
          if (isThrough !== expected[access](standing, about))
            wrong.push(`${method} ${path} (${access}) ${isThrough ? 'lets' : 'refuses'} ${standing} about ${about}`);
        }
        cells.push(' ');
      }
      rows.push(`${cells.join('').padEnd(36)} ${method.padEnd(6)} ${path}  [${access}]`);
    }
  }
  t.comment(`columns: ${askers.map(({ standing }) => standing).join(', ')}; in each: nothing named, own, another's, a ward's`);
  for (const row of rows) t.comment(row);
  t.same(wrong, []);
  t.ok(rows.length > 30 && asked > 300, `${rows.length} routes, ${asked} requests`);
});

t.test('a route that declares no rule is for who runs the hub alone, and a subject said twice is nobody’s', async (t) => {
  const { claim, join, ask, machine } = await openWeb(t, {}, (web) => web.get('/api/v1/forgotten', async () => 'secret'));
  const ada = await claim();
  const ben = await join('Ben');
  t.equal((await ask('GET', '/api/v1/forgotten')).status, 401);
  t.equal((await ben.ask('GET', '/api/v1/forgotten')).status, 403);
  t.equal((await ada('GET', '/api/v1/forgotten')).status, 200);
  t.equal((await machine('GET', `/api/v1/latest?subject=person-1&subject=${ben.id}`)).status, 403);
  t.same(Object.keys(rules).sort(), Object.keys(expected).sort(), 'every rule is specified here');
});
