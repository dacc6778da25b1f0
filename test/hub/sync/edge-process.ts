/** A whole edge on loopback within the test's process, as a hub of the test reaches it. */
import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { newCode } from '../../../hub/edge/enrolment.ts';
import { type EdgeIdentity, openIdentity } from '../../../hub/edge/identity.ts';
import { createEdge } from '../../../hub/edge/server.ts';
import { openSqliteStorage } from '../../../hub/edge/storage/sqlite.ts';
import type { EdgeStorage } from '../../../hub/edge/storage/storage.ts';

export const TOKEN = 'token-of-the-operator-of-this-edge';

export interface TestEdge extends AsyncDisposable {
  readonly url: string;
  readonly storage: EdgeStorage;
  readonly identity: EdgeIdentity;
  code(hub: string): Promise<string>;
}

export interface TestEdgeOptions {
  readonly folder: string;
  readonly region?: string;
  readonly tls?: boolean;
  readonly port?: number;
  readonly now?: () => number;
}

export async function startEdge({ folder, region = 'home', tls = false, port = 0, now = Date.now }: TestEdgeOptions): Promise<TestEdge> {
  mkdirSync(folder, { recursive: true });
  const storage = openSqliteStorage(`${folder}/records.db`);
  const identity = await openIdentity(folder, region, now());
  const secure = tls ? { tls: await identity.serverTls(['localhost', '127.0.0.1'], now()) } : {};
  const edge: FastifyInstance = await createEdge({
    storage,
    identity,
    token: TOKEN,
    video: false,
    statisticsFile: `${folder}/statistics.jsonl`,
    now,
    ...secure,
  });
  await edge.listen({ host: '127.0.0.1', port });
  const at = (edge.server.address() as AddressInfo).port;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${at}/`,
    storage,
    identity,
    code: async (hub) => (await newCode(storage, identity, hub, now())).code,
    async [Symbol.asyncDispose]() {
      await edge.close();
      await storage[Symbol.asyncDispose]();
    },
  };
}
