/** Run by turn.test.ts in a network namespace of its own. */
import { once } from 'node:events';
import { availableParallelism, loadavg } from 'node:os';
import t from 'tap';
import { systemClock } from '../../../firmware/clock.ts';
import { newCode } from '../../../hub/edge/enrolment.ts';
import { openIdentity } from '../../../hub/edge/identity.ts';
import { openSqliteStorage } from '../../../hub/edge/storage/sqlite.ts';
import { startHomeVideo } from '../../../hub/ops/video-program.ts';
import type { ViewSession } from '../../../hub/people/view-sessions.ts';
import type { Camera } from '../../../hub/sources/camera.ts';
import { parseIceLinks } from '../../../hub/video/ice-links.ts';
import { outsideVideoEdge } from '../../../hub/video/video-edge.ts';
import { EDGE, EDGE_PORT, MIDDLE, openApartNetworks, TURN_SECRET } from './apart-networks.ts';
import { connectTo, encodedCamera, rawCamera, root, TOKEN, until } from './stage.ts';

const MOST_MOVES = 3;

t.test('both ways to the edge, and to who watches, through coturn alone; at another address a raw camera’s session goes on', async (t) => {
  const folder = t.testdir({ edge: {} });
  const networks = await openApartNetworks(t, folder);
  const env = {
    HEARTH_EDGE_DIR: `${folder}/edge`,
    HEARTH_EDGE_TOKEN: TOKEN,
    HEARTH_EDGE_REGION: 'ireland',
    HEARTH_EDGE_HOST: EDGE,
    HEARTH_EDGE_NAMES: MIDDLE,
    HEARTH_EDGE_PORT: String(EDGE_PORT),
    HEARTH_EDGE_ICE_SERVERS: `turn:${MIDDLE}:3478?transport=udp`,
    HEARTH_EDGE_TURN_SECRET: TURN_SECRET,
  };
  const program = ['--disable-warning=ExperimentalWarning', `${root}hub/edge/main.ts`];
  const storage = await openSqliteStorage(`${env.HEARTH_EDGE_DIR}/records.db`);
  const identity = await openIdentity(env.HEARTH_EDGE_DIR, 'ireland', Date.now());
  const { code } = await newCode(storage, identity, 'attic', Date.now());
  await storage[Symbol.asyncDispose]();
  const edgeProgram = networks.atEdge(process.execPath, program, env);
  await once(edgeProgram.stdout!, 'data');
  const stop = new AbortController();
  const edge = outsideVideoEdge({
    ...{ url: `https://${MIDDLE}:${EDGE_PORT}`, region: 'ireland', folder: `${folder}/pinned`, now: Date.now, signal: stop.signal },
    code: () => code,
  });
  const kept = new Map<string, ViewSession>();
  let plugged: Camera | undefined;
  const video = startHomeVideo({
    ...{ root, data: folder, camera: rawCamera, edges: [edge], clock: systemClock, signal: stop.signal, onChange: () => undefined },
    changed() {
      const found = plugged;
      plugged = undefined;
      return found;
    },
    sessions: { keep: (session) => void kept.set(session.id, session), open: () => [] },
  });
  t.teardown(async () => {
    stop.abort();
    await video.done;
  });
  const isLive = (): boolean => video.state().state === 'live';
  /** Asks anew after some seconds without a picture, as the page does. */
  const watches = async (): Promise<void> => {
    for (;;) {
      const token = await video.watchToken('ada');
      const named = await edge.ask('OPTIONS', `/v1/whep/${edge.camera()}`, { authorization: `Bearer ${token}` });
      const viewer = await connectTo(t, edge, token, 'whep', edge.camera(), parseIceLinks(named.headers.get('link') ?? ''));
      const seen = await until(() => viewer.packets() > 0, 'it is seen', 10_000).then(viewer.way, () => undefined);
      await viewer.close();
      if (seen !== undefined) return void t.equal(seen, 'relay', 'it is seen through TURN');
    }
  };
  const present = async (): Promise<string | undefined> => {
    await video.lookAtSessions();
    return [...kept.values()].find(({ until: ends }) => ends === null)?.id;
  };

  let address = 2;
  /** Comes to another network: the session by which the picture is back. */
  const move = async (): Promise<string | undefined> => {
    networks.move(`10.77.1.${address}`, `10.77.1.${++address}`);
    await until(() => !isLive(), 'the path is lost', 60_000);
    await until(isLive, 'and another one found', 60_000);
    return present();
  };

  await until(isLive, 'raw pictures arrive', 60_000);
  await watches();
  // A machine that is busy may take longer to restart than the hub waits, which then opens another session.
  const isBusy = (): boolean => loadavg()[0]! > 2 * availableParallelism();
  let isSame = false;
  for (let before = await present(), moves = 0; moves < MOST_MOVES && !isSame; moves++) {
    const after = await move();
    isSame = after === before;
    before = after;
  }
  if (isSame || !isBusy()) t.ok(isSame, 'the session goes on over another path');
  else t.comment('this machine was too busy to keep the session over another path');

  plugged = encodedCamera;
  await until(() => isLive() && video.state().name === encodedCamera.name, 'encoded pictures arrive', 60_000);
  await watches();
  const encoded = await present();
  t.not(await move(), encoded, 'another session: this engine cannot begin ICE anew');
});
