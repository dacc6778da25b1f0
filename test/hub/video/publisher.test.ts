import t, { type Test } from 'tap';
import { createEar } from '../../../hub/video/ear.ts';
import type { IceServer } from '../../../hub/video/ice-links.ts';
import type { Peer, PeerState } from '../../../hub/video/peer.ts';
import { keepPublished, type PublisherState } from '../../../hub/video/publisher.ts';
import { createTestClock } from '../../clock.ts';

interface FakePeer extends Peer {
  readonly iceServers: readonly IceServer[];
  readonly answers: string[];
  isClosed: boolean;
  isMute: boolean;
  become(state: PeerState): void;
}

/** A publisher whose time, network and engine are the test's. */
function open(t: Test, answers: () => Response | Error, canRestart = false) {
  const clock = createTestClock();
  const stop = new AbortController();
  const peers: FakePeer[] = [];
  const states: PublisherState[] = [];
  const asked: { method: string; token: string; atMs: number }[] = [];
  let tokens = 0;
  let renewSession = (): void => undefined;
  let named = '';
  let patched = (): Response => new Response(null, { status: 405 });
  const done = keepPublished({
    url: 'http://edge.test/whip',
    token: async () => `token-${++tokens}`,
    openPeer(iceServers) {
      let state: PeerState = 'connecting';
      const peer: FakePeer = {
        iceServers,
        isClosed: false,
        offer: async () => 'v=0\r\n',
        answer: async (sdp) => void peer.answers.push(sdp),
        answers: [],
        ...(canRestart ? { restart: async () => 'v=0\r\na=ice-ufrag:new\r\na=ice-pwd:newer\r\nm=video 9 X 0\r\n' } : {}),
        get state() {
          return state;
        },
        isSilent: () => peer.isMute,
        isMute: false,
        onState: () => undefined,
        onCandidate: () => undefined,
        close() {
          peer.isClosed = true;
        },
        become(next) {
          state = next;
          peer.onState(next);
        },
      };
      peers.push(peer);
      return peer;
    },
    onSession: (renew) => {
      renewSession = renew;
    },
    onState: (state) => states.push(state),
    clock,
    random: () => 0.5,
    signal: stop.signal,
    fetcher: (async (_url: unknown, init: RequestInit = {}) => {
      const { method = 'GET', headers } = init;
      if (method === 'OPTIONS') return new Response(null, { status: 204, headers: { link: named } });
      asked.push({ method, token: String((headers as Record<string, string>).authorization ?? ''), atMs: clock.monotonic() });
      if (method === 'PATCH') return patched();
      if (method !== 'POST') return new Response(null, { status: 200 });
      const answer = answers();
      if (answer instanceof Error) throw answer;
      return answer;
    }) as typeof fetch,
  });
  const end = async (): Promise<void> => {
    stop.abort();
    await done;
  };
  t.teardown(end);
  return {
    ...{ clock, peers, states, asked, end, last: () => states.at(-1), renew: () => renewSession() },
    name(link: string) {
      named = link;
    },
    onPatch(answer: () => Response) {
      patched = answer;
    },
  };
}
const taken = (headers: Record<string, string> = {}): Response =>
  new Response('v=0\r\nm=video 9 X 0\r\n', { status: 201, headers: { location: '/r', ...headers } });

t.test('a lost connection is taken up again within 5 s, each time with a token of its own; the old session is deleted', async (t) => {
  const { clock, peers, asked, last } = open(t, () => taken());
  await clock.advance(0);
  peers[0]!.become('connected');
  t.equal(last()?.kind, 'live');
  peers[0]!.become('lost');
  await clock.advance(1000);
  t.equal(peers.length, 2);
  t.ok(peers[0]!.isClosed);
  peers[1]!.become('connected');
  t.equal(last()?.kind, 'live');
  t.same(
    asked.map(({ method, token }) => `${method} ${token}`),
    ['POST Bearer token-1', 'DELETE Bearer token-1', 'POST Bearer token-2'],
  );
});

t.test('an edge that was gone for an hour is found again within 5 s, and was not pestered meanwhile', async (t) => {
  let isGone = true;
  const { clock, peers, asked, last } = open(t, () => (isGone ? new TypeError('fetch failed') : taken()));
  await clock.advance(3_600_000);
  t.match(last(), { kind: 'fault', message: /does not answer/ });
  t.ok(asked.length < 1500, `${asked.length} tries in an hour`);
  t.ok(
    peers.slice(0, -1).every(({ isClosed }) => isClosed),
    'no engine is left open',
  );
  isGone = false;
  const from = peers.length;
  await clock.advance(5000);
  peers.at(-1)!.become('connected');
  t.ok(peers.length > from);
  t.equal(last()?.kind, 'live');
});

t.test(
  'a token that is refused is replaced at once; a wrong URL is asked for more and more seldom; a busy server when it said',
  async (t) => {
    const expired = open(t, () => new Response('', { status: 401 }));
    await expired.clock.advance(10_000);
    t.ok(
      new Set(expired.asked.map(({ token }) => token)).size === expired.asked.length && expired.asked.length >= 4,
      'a fresh token each time',
    );
    const wrong = open(t, () => new Response('', { status: 404 }));
    await wrong.clock.advance(3_600_000);
    t.ok(wrong.asked.length < 80, `${wrong.asked.length} tries in an hour`);
    const busy = open(t, () => new Response('', { status: 503, headers: { 'retry-after': '20' } }));
    await busy.clock.advance(59_000);
    t.same(
      busy.asked.map(({ atMs }) => Math.round(atMs / 1000)),
      [0, 20, 40],
    );
  },
);

t.test('a server that answers and never connects is given up after 10 s; ICE servers that it named are used the next time', async (t) => {
  const { clock, peers, last } = open(t, () => taken({ link: '<stun:s.example>; rel="ice-server"' }));
  await clock.advance(9000);
  t.equal(peers.length, 1);
  await clock.advance(2000);
  t.ok(peers.length >= 2);
  t.same(peers[1]!.iceServers, [{ url: 'stun:s.example' }]);
  t.not(last()?.kind, 'live');
});

const restarted = (): Response =>
  new Response('a=ice-ufrag:theirs\r\na=ice-pwd:secret\r\nm=video 9 X 0\r\na=mid:0\r\na=candidate:1 1 udp 5 10.0.0.9 9 typ host\r\n', {
    status: 200,
    headers: { etag: '"2"' },
  });

t.test('a lost path: the same session goes on over another one, as often as it must', async (t) => {
  const { clock, peers, asked, states, last, onPatch } = open(t, () => taken(), true);
  onPatch(restarted);
  await clock.advance(0);
  const peer = peers[0]!;
  peer.become('connected');
  for (const loss of ['lost', 'silent']) {
    if (loss === 'lost') peer.become('lost');
    else peer.isMute = true;
    await clock.advance(600);
    t.match(peer.answers.at(-1), /a=candidate:1 1 udp 5 10.0.0.9 9 typ host/);
    t.equal(last()?.kind, 'connecting', loss);
    peer.isMute = false;
    peer.become('connected');
    t.equal(last()?.kind, 'live');
    await clock.advance(60_000);
  }
  t.equal(peers.length, 1);
  t.same(
    asked.map(({ method }) => method),
    ['POST', 'PATCH', 'PATCH'],
  );
  t.notOk(
    states.some(({ kind }) => kind === 'fault'),
    'nobody is told of a fault',
  );
});

t.test(
  'a path that is not found within two seconds, or a server that will not: another session, within five seconds of the loss',
  async (t) => {
    const cases: [string, () => Response][] = [
      ['no path', restarted],
      ['over', () => new Response(null, { status: 404 })],
      ['nonsense', () => new Response('hello', { status: 200 })],
    ];
    for (const [name, patched] of cases) {
      const { clock, peers, asked, last, onPatch } = open(t, () => taken(), true);
      onPatch(patched);
      await clock.advance(0);
      peers[0]!.become('connected');
      peers[0]!.become('lost');
      await clock.advance(name === 'no path' ? 3000 : 400);
      t.equal(peers.length, 2, name);
      t.ok(peers[0]!.isClosed);
      peers[1]!.become('connected');
      t.equal(last()?.kind, 'live');
      t.same(
        asked.map(({ method }) => method),
        ['POST', 'PATCH', 'DELETE', 'POST'],
      );
    }
  },
);

t.test('ICE servers that are named by OPTIONS are there before the engine gathers, anew for each session', async (t) => {
  const { clock, peers, name } = open(t, () => taken());
  name('<stun:first.example>; rel="ice-server"');
  await clock.advance(0);
  // The first was opened before anything could be named.
  peers[0]!.become('connected');
  peers[0]!.become('lost');
  await clock.advance(1000);
  t.same(peers[1]!.iceServers, [{ url: 'stun:first.example' }]);
});

t.test('a server that falls silent without a word is left within a second, and another session opened', async (t) => {
  const { clock, peers, last } = open(t, () => taken());
  await clock.advance(0);
  peers[0]!.become('connected');
  await clock.advance(60_000);
  t.equal(peers.length, 1);
  peers[0]!.isMute = true;
  await clock.advance(1500);
  t.equal(peers.length, 2);
  t.ok(peers[0]!.isClosed);
  peers[1]!.become('connected');
  t.equal(last()?.kind, 'live');
});

t.test('silence: three seconds of one who spoke each second, longer of one who spoke seldom, never of one who never spoke', async (t) => {
  const clock = createTestClock();
  const never = createEar(clock);
  const often = createEar(clock);
  const seldom = createEar(clock);
  for (let second = 1; second <= 10; second++) {
    await clock.advance(1000);
    often.hear();
    if (second % 5 === 0) seldom.hear();
  }
  t.same([never.isSilent(), often.isSilent(), seldom.isSilent()], [false, false, false]);
  await clock.advance(3001);
  t.same([never.isSilent(), often.isSilent(), seldom.isSilent()], [false, true, false]);
  await clock.advance(12_000);
  t.same([never.isSilent(), seldom.isSilent()], [false, true]);
  often.hear();
  t.equal(often.isSilent(), false, 'heard again');
});

t.test('stopping ends the session at the server and closes the engine', async (t) => {
  const { clock, peers, asked, end } = open(t, () => taken());
  await clock.advance(0);
  peers[0]!.become('connected');
  await end();
  t.ok(peers[0]!.isClosed);
  t.equal(asked.at(-1)?.method, 'DELETE');
});

t.test('what the session carries has changed: it is ended without a fault, and another is opened within a second', async (t) => {
  const { clock, peers, asked, states, renew } = open(t, () => taken());
  await clock.advance(0);
  peers[0]!.become('connected');
  renew();
  await clock.advance(1000);
  t.equal(peers.length, 2);
  t.ok(peers[0]!.isClosed);
  peers[1]!.become('connected');
  t.same(
    states.map(({ kind }) => kind),
    ['connecting', 'live', 'connecting', 'live'],
  );
  t.ok(asked.some(({ method, token }) => method === 'DELETE' && token === 'Bearer token-1'));
});
