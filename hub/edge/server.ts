/** The regional edge's API: takes vault logs idempotently, shows what it has, forwards video. */
import { timingSafeEqual } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';
import { registerVideo } from './forwarder.ts';
import { type Ledger, openLedger, type ShippedRow } from './ledger.ts';

/** A batch of 500 rows is 150 kB; several times that. */
const MOST_BODY_BYTES = 1024 * 1024;
const MOST_ROWS = 1000;
const Name = { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,63}$' } as const;
const vaultParams = { type: 'object', properties: { hub: Name, vault: Name } } as const;

export interface EdgeOptions {
  readonly folder: string;
  readonly token: string;
  readonly region: string;
}

export async function createEdge({ folder, token, region }: EdgeOptions): Promise<FastifyInstance> {
  const ledger: Ledger = openLedger(`${folder}/edge.db`);
  const edge = Fastify({ bodyLimit: MOST_BODY_BYTES, forceCloseConnections: true });
  edge.setErrorHandler((error: unknown, _request, reply) => {
    const { statusCode = 500, message = '' } = error as { statusCode?: number; message?: string };
    return reply.code(statusCode).send({
      error: { code: statusCode < 500 ? 'refused' : 'fault', message: statusCode < 500 ? message : 'the edge could not do this' },
    });
  });
  edge.addHook('onRequest', async (request, reply) => {
    if (request.url === '/healthz' || isSame(request.headers.authorization ?? '', `Bearer ${token}`)) return;
    await reply
      .code(401)
      .header('www-authenticate', 'Bearer')
      .send({ error: { code: 'token', message: 'a bearer token of this edge is needed' } });
  });
  edge.get('/healthz', async () => ({ status: 'ok', region }));
  edge.post<{ Params: { hub: string; vault: string }; Body: { rows: ShippedRow[] } }>(
    '/v1/hubs/:hub/vaults/:vault/log',
    {
      schema: {
        params: vaultParams,
        body: {
          type: 'object',
          required: ['rows'],
          properties: {
            rows: {
              type: 'array',
              maxItems: MOST_ROWS,
              items: {
                type: 'object',
                required: ['seq'],
                properties: { seq: { type: 'integer', minimum: 1 } },
                additionalProperties: true,
              },
            },
          },
        },
      },
    },
    async ({ params: { hub, vault }, body: { rows } }) => ({ upTo: ledger.take(hub, vault, rows) }),
  );
  edge.get<{ Params: { hub: string } }>('/v1/hubs/:hub/vaults', async ({ params: { hub } }) => ledger.vaults(hub));
  edge.get<{ Params: { hub: string; vault: string }; Querystring: { after: number; limit: number } }>(
    '/v1/hubs/:hub/vaults/:vault/log',
    {
      schema: {
        params: vaultParams,
        querystring: {
          type: 'object',
          properties: { after: { type: 'integer', default: 0 }, limit: { type: 'integer', default: 100, minimum: 1, maximum: MOST_ROWS } },
        },
      },
    },
    async ({ params: { hub, vault }, query: { after, limit } }) => ledger.rows(hub, vault, after, limit),
  );
  const video = registerVideo(edge);
  edge.addHook('onClose', async () => {
    await video.close();
    ledger[Symbol.dispose]();
  });
  return edge;
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
