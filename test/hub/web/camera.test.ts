import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import type { HomeVideo } from '../../../hub/ops/video-program.ts';
import type { Choices } from '../../../hub/people/choices.ts';
import { openLiveSound } from '../../../hub/people/live-sound.ts';
import type { CameraState } from '../../../hub/video/camera-state.ts';
import { ownVideoEdge } from '../../../hub/video/video-edge.ts';
import { until } from '../video/stage.ts';
import { openWeb } from './web.ts';

/** A camera whose switch remembers. */
function switchable() {
  const live: CameraState = { state: 'live', fps: 25, width: 640, height: 360, message: '', name: 'Camera', region: 'home' };
  let state = live;
  const video: HomeVideo = {
    state: () => state,
    pid: () => undefined,
    async switchOff(by) {
      state = { ...live, state: 'private', off: { sinceUtcMs: Date.UTC(2026, 10, 24, 12), by } };
    },
    async switchOn() {
      state = live;
    },
    stream: async () => ({
      isPublished: true,
      codec: 'video/H264',
      packets: 7,
      bytes: 700,
      soundPackets: 0,
      viewers: [
        { id: 'a', name: 'machine', since: '2026-11-24T12:00:00.000Z', isConnected: true, packets: 5 },
        { id: 'b', name: 'machine', since: '2026-11-24T12:00:00.000Z', isConnected: false, packets: 0 },
      ],
    }),
    lookAtSessions: async () => undefined,
    regionChanged: async () => undefined,
    edge: () => ownVideoEdge({ url: '', token: '', region: 'home' }),
    tellWishes: () => undefined,
    shutterChanged: () => undefined,
    setMicrophone: () => undefined,
    seal: () => undefined,
    watchToken: async () => 'token',
    done: Promise.resolve(),
  };
  return { camera: () => state, video: () => video };
}

t.test('whoever lives here switches the camera off at once; the log says who, and a guest may not', async (t) => {
  const { claim, join, machine, idOf } = await openWeb(t, switchable());
  const ada = await claim();
  const ben = await join('Ben');
  const gil = await join('Gil', { role: 'guest' });
  t.equal((await gil.ask('POST', '/api/v1/camera/off')).status, 403);
  const off = await ben.ask('POST', '/api/v1/camera/off');
  t.match(off.json(), { state: 'private', off: { since: '2026-11-24T12:00:00.000Z', by: 'Ben' } });
  const { rows } = (await ada('GET', '/api/v1/operations')).json<{ rows: { kind: string; actor: string }[] }>();
  t.match(rows[0], { kind: 'camera-off', actor: idOf('Ben') });
  t.equal((await machine('POST', '/api/v1/camera/on')).json<CameraState>().state, 'live');
  const after = (await ada('GET', '/api/v1/operations')).json<{ rows: { kind: string; actor: string }[] }>();
  t.match(after.rows[0], { kind: 'camera-on', actor: 'machine' });
});

t.test('who has a second secret gives it before the camera is switched on, never before it is switched off', async (t) => {
  const { claim, later } = await openWeb(t, switchable());
  const ada = await claim();
  await ada('PUT', '/api/v1/second-secrets/pin', { pin: '482915' });
  later(3_600_000);
  t.equal((await ada('POST', '/api/v1/camera/off')).status, 200);
  const refused = await ada('POST', '/api/v1/camera/on');
  t.equal(refused.error?.code, 'second-secret');
  t.equal((await ada('GET', '/api/v1/camera')).json<CameraState>().state, 'private');
  await ada('POST', '/api/v1/again/pin', { pin: '482915' });
  t.equal((await ada('POST', '/api/v1/camera/on')).status, 200);
});

t.test('the list of viewers names who watches now; a camera that is off is not watched; a hub without a camera says so', async (t) => {
  const { claim } = await openWeb(t, switchable());
  const ada = await claim();
  const stream = (await ada('GET', '/api/v1/camera/viewers')).json<{ viewers: { name: string }[] }>();
  t.same(
    stream.viewers.map(({ name }) => name),
    ['the hub’s command line'],
    'who is still connecting does not see yet',
  );
  await ada('POST', '/api/v1/camera/off');
  const offer = { headers: { 'content-type': 'application/sdp' }, payload: 'v=0' };
  t.equal((await ada('POST', '/api/v1/camera/whep', undefined, offer)).error?.code, 'private');
  const bare = await openWeb(t);
  const owner = await bare.claim();
  t.equal((await owner('POST', '/api/v1/camera/off')).error?.code, 'no-camera');
  t.same((await owner('GET', '/api/v1/camera/ice-servers')).json(), []);
});

t.test(
  'who watches hears the room once everybody who lives here agrees, each by themselves; one who takes it back, or moves in, ends it; a guest has no say',
  async (t) => {
    const { claim, join, machine, people, later } = await openWeb(t, switchable());
    t.equal(people.liveSound.isAgreed, false, 'nobody lives here yet');
    const ada = await claim();
    const gil = await join('Gil', { role: 'guest' });
    const set = async (ask: typeof ada, isAgreed: boolean): Promise<boolean> => {
      t.equal((await ask('PUT', '/api/v1/camera/sound', { isAgreed })).status, 200);
      return people.liveSound.isAgreed;
    };
    t.equal(people.liveSound.isAgreed, false, 'nobody was asked');
    t.equal((await gil.ask('PUT', '/api/v1/camera/sound', { isAgreed: true })).status, 403);
    t.equal(await set(ada, true), true, 'she lives here alone');
    const ben = await join('Ben');
    t.equal(people.liveSound.isAgreed, false, 'he has not said yes');
    t.equal(await set(ben.ask, true), true);
    later(1000);
    t.equal(await set(ben.ask, false), false);
    t.equal(await set(machine, false), false, 'the command line speaks for who runs the hub');
    t.equal(await set(ben.ask, true), false);
    t.equal(await set(machine, true), true);
    const { rows } = (await ada('GET', '/api/v1/operations')).json<{ rows: { kind: string; actor: string }[] }>();
    const said = rows.filter(({ kind }) => kind.startsWith('live-sound')).map(({ kind, actor }) => `${kind} ${actor}`);
    t.same(said.slice(0, 2), ['live-sound-agreed machine', `live-sound-agreed ${ben.id}`]);
    t.equal(said.filter((row) => row.startsWith('live-sound-withdrawn')).length, 2);
    people.choices.forget(ben.id);
    t.equal(people.liveSound.isAgreed, false);
  },
);

t.test('what the household’s policy does not name is not done: nobody hears the room', async (t) => {
  const bare = openLiveSound(
    { list: () => [{ id: 'a', name: 'Ada', role: 'owner', state: 'active', createdUtcMs: 0, watches: false }] },
    { get: () => ({ kind: 'purpose', id: 'live-sound', value: true, atUtcMs: 1 }) } as unknown as Choices,
    { current: () => ({ hash: '', text: '', fromUtcMs: 0, purposes: [] }) },
  );
  t.same([bare.isNamed, bare.isAgreed], [false, false]);
});

/** An edge that gives each viewer a view of its own, and remembers which were ended. */
async function edgeOfViews(t: Test): Promise<{ url: string; ended: string[] }> {
  const ended: string[] = [];
  let views = 0;
  const edge = createServer((request, response) => {
    if (request.method === 'DELETE') ended.push(request.url!);
    request
      .resume()
      .on('end', () =>
        request.method === 'POST'
          ? response.writeHead(201, { location: `/v1/whep/home/view${++views}` }).end('v=0\r\n')
          : response
              .writeHead(200, { link: '<turn:t.test>; rel="ice-server"; username="9:x"; credential="y"; credential-type="password"' })
              .end(),
      );
  });
  await new Promise<void>((resolve) => edge.listen(0, '127.0.0.1', resolve));
  t.teardown(() => edge.close());
  const url = `http://127.0.0.1:${(edge.address() as AddressInfo).port}`;
  return { url, ended };
}

t.test('a right that is taken, or a session that is ended, ends the picture with it; others keep theirs', async (t) => {
  const { url, ended } = await edgeOfViews(t);
  let region = 'ireland';
  const { claim, join } = await openWeb(t, { ...switchable(), whep: () => ownVideoEdge({ url, token: 'x', region }) });
  const ada = await claim();
  const ben = await join('Ben');
  const gil = await join('Gil', { role: 'guest' });
  await ada('PUT', `/api/v1/people/${gil.id}/camera`, { watches: true });
  const offer = { headers: { 'content-type': 'application/sdp' }, payload: 'v=0' };
  const servers = await gil.ask('GET', '/api/v1/camera/ice-servers');
  t.same(servers.json(), [{ urls: 'turn:t.test', username: '9:x', credential: 'y' }], 'by which the page reaches the edge');
  region = 'home';
  t.same((await gil.ask('GET', '/api/v1/camera/ice-servers')).json(), [], 'within the home it needs none');
  for (const ask of [gil.ask, ben.ask, ada]) t.equal((await ask('POST', '/api/v1/camera/whep', undefined, offer)).status, 201);
  t.equal((await ben.ask('DELETE', '/api/v1/camera/whep/view1')).status, 403, 'nobody ends another’s view');
  t.same(ended, []);
  await ada('PUT', `/api/v1/people/${gil.id}/camera`, { watches: false });
  await until(() => ended.length > 0, 'the guest’s view ends', 5000);
  t.same(ended, ['/v1/whep/home/view1']);
  await ben.ask('DELETE', '/api/v1/session');
  await until(() => ended.length > 1, 'the view of who signed out ends', 5000);
  t.same(ended, ['/v1/whep/home/view1', '/v1/whep/home/view2']);
  await ada('DELETE', '/api/v1/camera/whep/view3');
  t.equal(ended.length, 3);
});

t.test('a guest may watch between two times, within hours of the day: asked anew each time, and the picture ends with it', async (t) => {
  const { url, ended } = await edgeOfViews(t);
  const { claim, join, later, people } = await openWeb(t, {
    ...switchable(),
    whep: () => ownVideoEdge({ url, token: 'x', region: 'home' }),
  });
  const ada = await claim();
  const gil = await join('Gil', { role: 'guest' });
  const offer = { headers: { 'content-type': 'application/sdp' }, payload: 'v=0' };
  const watch = async (): Promise<number> => (await gil.ask('POST', '/api/v1/camera/whep', undefined, offer)).status;
  const grant = (body: object) => ada('PUT', `/api/v1/people/${gil.id}/camera`, body);
  const hour = 3_600_000;
  // It is 13:00 in Paris.
  await grant({ watches: true, from: '2026-11-24T13:00:00Z', until: '2026-11-25T13:00:00Z', hours: '14:00-16:00' });
  t.equal(await watch(), 403, 'not yet');
  later(hour);
  t.equal(await watch(), 201);
  const [seen] = (await ada('GET', '/api/v1/people'))
    .json<{ name: string; watches: boolean; views: object[] }[]>()
    .filter(({ name }) => name === 'Gil');
  t.match(seen, { watches: true, views: [{ until: '2026-11-25T13:00:00.000Z', hours: '14:00-16:00' }] });
  later(2 * hour);
  await until(() => ended.length === 1, 'the view ends with its hours', 5000);
  t.equal(await watch(), 403, 'not at 16:00');
  later(22 * hour);
  t.equal(await watch(), 403, 'at 14:00 of the next day it is over');
  await grant({ watches: true, hours: '22:00-16:00' });
  t.equal(await watch(), 201, 'hours may go past midnight');
  await grant({ watches: false });
  await until(() => ended.length === 2, 'taken back: the view ends', 5000);
  t.equal(await watch(), 403);
  t.equal((await grant({ watches: true, until: '2026-11-24T12:00:00Z' })).error?.code, 'until');
  t.equal((await grant({ watches: true, hours: '25:00-26:00' })).status, 400);
  const views = people.operations.read({ id: 'x', wards: [], runsHub: true }, 1e9, 100).filter(({ kind }) => kind === 'camera-watched');
  t.equal(views.length, 2, 'each view is in the log');
});

t.test(
  'each session of the camera is kept for the household, with who watched by name; no guest reads it; erased with its person',
  async (t) => {
    const { claim, join, people } = await openWeb(t, switchable());
    const ada = await claim();
    const ben = await join('Ben');
    const gil = await join('Gil', { role: 'guest' });
    const since = '2026-11-24T10:00:00.000Z';
    const session = {
      id: 's1',
      camera: 'home',
      region: 'ireland',
      edgeKey: 'key',
      since,
      until: null,
      codec: 'video/H264',
      bytes: 10,
      receipt: null,
    };
    people.viewSessions.keep({ ...session, views: [{ name: ben.id, since, until: null, bytes: 5 }] });
    people.viewSessions.keep({
      ...session,
      until: since,
      bytes: 20,
      receipt: 'signed',
      views: [{ name: ben.id, since, until: since, bytes: 9 }],
    });
    people.viewSessions.keep({ ...session, bytes: 0, views: [] });
    type Listed = { region: string; bytes: number; receipt: string | null; views: { name: string }[] }[];
    const [listed] = (await ada('GET', '/api/v1/camera/sessions')).json<Listed>();
    t.match(
      listed,
      { region: 'ireland', edgeKey: 'key', bytes: 20, receipt: 'signed', views: [{ name: 'Ben', bytes: 9 }] },
      'what is signed stays',
    );
    t.equal((await gil.ask('GET', '/api/v1/camera/sessions')).status, 403);
    t.equal(people.viewSessions.remains(ben.id), 1);
    people.viewSessions.forget(ben.id);
    t.equal(people.viewSessions.remains(ben.id), 0);
    t.match((await ada('GET', '/api/v1/camera/sessions')).json<Listed>()[0], { receipt: null, views: [{ bytes: 9 }] });
  },
);
