/**
 * An edge as a program. Inside a hub it listens on loopback without TLS; grown, it listens for hubs that it enrolled. All by
 * environment: HEARTH_EDGE_DIR (its identity, and the records when they are in SQLite), HEARTH_EDGE_TOKEN (of its operator),
 * HEARTH_EDGE_REGION, HEARTH_EDGE_PORT (0: any), HEARTH_EDGE_DATABASE (`postgres://…`; without it SQLite), HEARTH_EDGE_HOST (any but
 * loopback needs names), HEARTH_EDGE_QUEUE (`nats://…`, JetStream before the database), HEARTH_EDGE_NAMES (host names of its certificate, by commas; turns TLS on),
 * HEARTH_EDGE_VIDEO=false (records alone, without the WebRTC engine), HEARTH_EDGE_JANUS (video by Janus instead of the engine within: `run`
 * starts Debian's here, `ws://…` is one that runs on this machine, with HEARTH_EDGE_JANUS_SECRET), HEARTH_EDGE_PUBLIC_ADDRESS and
 * HEARTH_EDGE_MEDIA_PORTS (`20000-20999`) of a Janus that is started here, HEARTH_EDGE_ICE_SERVERS (`stun:…,turn:…`) for who cannot reach
 * this machine by UDP, with HEARTH_EDGE_TURN_SECRET.
 *
 * Says `{"listening": port}` once it is ready. With a task it does that on the same storage instead: `code HUB` prints an enrolment code,
 * `hubs` lists them, `revoke HUB` takes nothing more from one, `region` prints the signed statement. `hearth edge --help` says the same.
 */
import type { AddressInfo } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import { systemClock } from '../../firmware/clock.ts';
import { newCode } from './enrolment.ts';
import { type IceServersFor, iceServersOf } from './ice-servers.ts';
import { openIdentity } from './identity.ts';
import { createEdge } from './server.ts';
import { openStorage } from './storage/open.ts';
import type { VideoEngine } from './video-engine.ts';

const { env } = process;
const {
  HEARTH_EDGE_DIR: folder,
  HEARTH_EDGE_TOKEN: token = '',
  HEARTH_EDGE_REGION: region = 'home',
  HEARTH_EDGE_HOST: host = '127.0.0.1',
} = env;
const names = (env.HEARTH_EDGE_NAMES ?? '').split(',').filter((name) => name !== '');
const DAY_MS = 86_400_000;
const [, , task, hubName] = process.argv;

function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}
if (folder === undefined) refuse('HEARTH_EDGE_DIR (a folder) is needed');
if (task === undefined && token.length < 20) refuse('HEARTH_EDGE_TOKEN (20 characters or more) is needed');
if (host !== '127.0.0.1' && names.length === 0)
  refuse(`HEARTH_EDGE_HOST is ${host}: outside this machine HEARTH_EDGE_NAMES is needed too, so that hubs come by TLS`);

const now = Date.now;
const identity = await openIdentity(folder, region, now()).catch((error: Error) => refuse(error.message));
const storage = await openStorage(folder, env.HEARTH_EDGE_DATABASE, env.HEARTH_EDGE_QUEUE).catch((error: Error) => refuse(error.message));

const named = (): string => {
  if (/^[a-z0-9][a-z0-9-]{0,63}$/.test(hubName ?? '')) return hubName!;
  return refuse(`'${hubName ?? ''}' is no hub's name: lower-case letters, digits and hyphens`);
};
const day = (ms: number | null): string => (ms === null ? '-' : new Date(ms).toISOString().slice(0, 10));
const tasks: Readonly<Record<string, () => Promise<string>>> = {
  async code() {
    const { code, ends } = await newCode(storage, identity, named(), now());
    return `${code}\nfor hub '${hubName}', once, until ${ends}`;
  },
  async hubs() {
    const hubs = await storage.hubs();
    if (hubs.length === 0) return 'no hub enrolled yet';
    return hubs
      .map(
        ({ hub, enrolledMs, revokedMs, vaults }) =>
          `${hub}  enrolled ${day(enrolledMs)}  ${vaults} vaults${revokedMs === null ? '' : `  revoked ${day(revokedMs)}`}`,
      )
      .join('\n');
  },
  async revoke() {
    const hub = named();
    const known = (await storage.hubs()).map((one) => one.hub);
    if (!known.includes(hub)) refuse(`no hub called '${hub}' enrolled here: ${known.join(', ') || 'none did'}`);
    await storage.revoke(hub, now());
    return `${hub}: nothing more is taken from it until it enrols again with a new code`;
  },
  region: async () => `${identity.region}\nauthority ${identity.fingerprint}\n${await identity.statement(now())}`,
};
if (task !== undefined) {
  const run = tasks[task] ?? (() => refuse(`'${task}' is not known: one of ${Object.keys(tasks).join(', ')}, or nothing to run the edge`));
  console.log(await run());
  await storage[Symbol.asyncDispose]();
  process.exit(0);
}

const isVideo = env.HEARTH_EDGE_VIDEO !== 'false';
const ended = new AbortController();
const iceServers = namedIceServers();
const media = await openMedia().catch((error: Error) => refuse(error.message));
const tls = names.length === 0 ? undefined : await identity.serverTls(names, now());
const edge = await createEdge({
  storage,
  identity,
  token,
  video: isVideo,
  iceServers,
  ...(media === undefined ? {} : { engine: media.engine }),
  now,
  statisticsFile: `${folder}/statistics.jsonl`,
  ...(tls === undefined ? {} : { tls }),
});
await edge.listen({ host, port: Number(env.HEARTH_EDGE_PORT ?? '0') });
console.log(JSON.stringify({ listening: (edge.server.address() as AddressInfo).port }));
// A process that runs for years must not end up with a certificate of last year.
const renewal = setInterval(() => {
  if (tls === undefined) return;
  identity.serverTls(names, now()).then(
    (next) => (edge.server as unknown as TlsServer).setSecureContext({ ...next, ca: identity.authority.certificate }),
    (error: Error) => console.error(`the server's certificate was not renewed: ${error.message}`),
  );
}, DAY_MS);

const stop = async (): Promise<void> => {
  clearInterval(renewal);
  await edge.close();
  await storage[Symbol.asyncDispose]();
  ended.abort();
  await media?.done;
  process.exit(0);
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

function namedIceServers(): IceServersFor {
  try {
    return iceServersOf(env.HEARTH_EDGE_ICE_SERVERS ?? '', env.HEARTH_EDGE_TURN_SECRET, now);
  } catch (error) {
    return refuse((error as Error).message);
  }
}

/** What carries video where it is not the engine within this process. */
async function openMedia(): Promise<{ engine: VideoEngine; done: Promise<void> } | undefined> {
  const {
    HEARTH_EDGE_JANUS: janus = '',
    HEARTH_EDGE_JANUS_SECRET: secret,
    HEARTH_EDGE_PUBLIC_ADDRESS: publicAddress,
    HEARTH_EDGE_MEDIA_PORTS,
  } = env;
  if (!isVideo || janus === '') return undefined;
  const { janusEngine } = await import('./janus/engine.ts');
  if (janus !== 'run') {
    if (!/^wss?:\/\/\S+$/.test(janus) || !URL.canParse(janus)) throw new Error(`HEARTH_EDGE_JANUS is '${janus}': 'run' or a ws://… URL`);
    return { engine: janusEngine({ url: janus, ...(secret === undefined ? {} : { secret }) }), done: Promise.resolve() };
  }
  const { startJanus } = await import('./janus/program.ts');
  const mediaPorts = HEARTH_EDGE_MEDIA_PORTS === undefined ? undefined : portsIn(HEARTH_EDGE_MEDIA_PORTS);
  const started = await startJanus({
    folder: `${folder}/janus`,
    ...(mediaPorts === undefined ? {} : { mediaPorts }),
    ...(publicAddress === undefined ? {} : { publicAddress }),
    clock: systemClock,
    signal: ended.signal,
  });
  return { engine: janusEngine(started), done: started.done };
}

function portsIn(text: string): readonly [number, number] {
  const [low = 0, high = 0] = (/^(\d{1,5})-(\d{1,5})$/.exec(text) ?? []).slice(1).map(Number);
  if (low < 1024 || high > 65_535 || high - low < 10) throw new Error(`HEARTH_EDGE_MEDIA_PORTS is '${text}': two ports, as 20000-20999`);
  return [low, high];
}
