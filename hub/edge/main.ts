/**
 * An edge as a program. Inside a hub it listens on loopback without TLS; grown, it listens for hubs that it enrolled. All by
 * environment: HEARTH_EDGE_DIR (its identity, and the records when they are in SQLite), HEARTH_EDGE_TOKEN (of its operator),
 * HEARTH_EDGE_REGION, HEARTH_EDGE_PORT (0: any), HEARTH_EDGE_DATABASE (`postgres://…`; without it SQLite), HEARTH_EDGE_HOST (any but
 * loopback needs names), HEARTH_EDGE_QUEUE (`nats://…`, JetStream before the database), HEARTH_EDGE_NAMES (host names of its certificate, by commas; turns TLS on),
 * HEARTH_EDGE_VIDEO=false (records alone, without the WebRTC engine).
 *
 * Says `{"listening": port}` once it is ready. With a task it does that on the same storage instead: `code HUB` prints an enrolment code,
 * `hubs` lists them, `revoke HUB` takes nothing more from one, `region` prints the signed statement. `hearth edge --help` says the same.
 */
import type { AddressInfo } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import { openIdentity } from './identity.ts';
import { createEdge, newCode } from './server.ts';
import { openStorage } from './storage/open.ts';

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

const tls = names.length === 0 ? undefined : await identity.serverTls(names, now());
const edge = await createEdge({
  storage,
  identity,
  token,
  video: env.HEARTH_EDGE_VIDEO !== 'false',
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
  process.exit(0);
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
