/** The camera through an edge outside the home: by TLS, in the region that who lives here chose, and nowhere else. */
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { systemClock } from '../../../firmware/clock.ts';
import { newCode } from '../../../hub/edge/enrolment.ts';
import { openIdentity } from '../../../hub/edge/identity.ts';
import { createEdge } from '../../../hub/edge/server.ts';
import { openSqliteStorage } from '../../../hub/edge/storage/sqlite.ts';
import { startHomeVideo } from '../../../hub/ops/video-program.ts';
import type { ViewSession } from '../../../hub/people/view-sessions.ts';
import { chosenEdge, NOT_ENROLLED, outsideVideoEdge, type VideoEdge } from '../../../hub/video/video-edge.ts';
import { closesOnce, encodedCamera, root, TOKEN, until } from './stage.ts';

/** A grown edge on loopback, reached by TLS alone. */
async function openGrown(t: Test, folder: string, region: string, port = 0) {
  const storage = openSqliteStorage(`${folder}/${region}.db`);
  const identity = await openIdentity(`${folder}/${region}`, region, Date.now());
  const tls = await identity.serverTls(['localhost', '127.0.0.1'], Date.now());
  const edge = await createEdge({ storage, identity, token: TOKEN, tls, now: Date.now });
  await edge.listen({ host: '127.0.0.1', port });
  const close = closesOnce(t, edge, storage);
  const at = (edge.server.address() as AddressInfo).port;
  const code = async (): Promise<string> => (await newCode(storage, identity, 'attic', Date.now())).code;
  return { url: `https://127.0.0.1:${at}`, port: at, storage, code, close };
}

t.test(
  'who has not chosen its region sends it nothing; who has, streams to it sealed, with its receipts; another edge there is refused',
  async (t) => {
    const folder = t.testdir({});
    const grown = await openGrown(t, folder, 'ireland');
    const code = await grown.code();
    const stop = new AbortController();
    const place = { url: grown.url, region: 'ireland', folder: `${folder}/pinned`, now: Date.now, signal: stop.signal };
    const edge = outsideVideoEdge({ ...place, code: () => code });
    const refusals: string[] = [];
    const kept = new Map<string, ViewSession>();
    let allowed = '';
    const video = startHomeVideo({
      root,
      data: folder,
      camera: encodedCamera,
      edges: [edge],
      outOfRegion: (region) => (region === allowed ? undefined : `'${region}' may not have the video`),
      onRefused: (why) => refusals.push(why),
      isSealed: (region) => region !== 'home',
      sessions: { keep: (session) => void kept.set(session.id, session), open: () => [] },
      onChange: () => undefined,
      clock: systemClock,
      signal: stop.signal,
    });
    t.teardown(async () => {
      stop.abort();
      await video.done;
    });
    await until(() => refusals.length > 0, 'it is refused, and said', 60_000);
    t.match(refusals[0], /'ireland' may not have the video/);
    await until(() => /may not have the video/.test(video.state().message), 'the page is told', 60_000);
    t.same(await grown.storage.hubs(), [], 'nobody made this hub known there');

    allowed = 'ireland';
    await video.regionChanged();
    await until(() => video.state().state === 'live', 'live through the edge outside', 60_000);
    t.equal(video.state().region, 'ireland');
    t.equal((await grown.storage.hubs())[0]?.hub, 'attic');
    t.ok(video.seal() !== undefined, 'sealed before it leaves the home');
    await until(async () => (await video.stream()).packets > 0, 'packets', 60_000);
    await video.switchOff('ada');
    const [session] = [...kept.values()];
    t.match(session, { camera: 'home', region: 'ireland', receipt: /^ey/ });

    await grown.close();
    const other = await openGrown(t, folder, 'brazil', grown.port);
    await t.rejects(edge.ask('GET', '/healthz', {}), { name: 'TargetError', kind: 'refused' });
    t.same(await other.storage.hubs(), []);
    const elsewhere = outsideVideoEdge({ ...place, folder: `${folder}/new`, code: () => otherCode });
    const otherCode = await other.code();
    await t.rejects(elsewhere.ask('GET', '/healthz', {}), { kind: 'refused', message: /in 'brazil', not in 'ireland'/ });
  },
);

t.test('of several edges the one is taken whose region all who live here allow; where there is none, none is asked', async (t) => {
  const at = (region: string): VideoEdge => ({
    whip: () => '',
    isProven: true,
    region,
    camera: () => NOT_ENROLLED,
    ask: () => Promise.reject(new Error('asked')),
  });
  const edges = [at('brazil'), at('ireland')] as const;
  t.equal(chosenEdge(edges, (region) => (region === 'ireland' ? undefined : 'no')).region, 'ireland');
  t.equal(chosenEdge(edges, () => undefined).region, 'brazil');
  t.equal(chosenEdge(edges, () => 'no').region, 'brazil', 'and refused by the gate');
});
