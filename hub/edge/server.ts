/** The regional edge's API: enrols hubs, takes vaults' logs idempotently against signed receipts, shows what it has, forwards video. */
import swagger from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { Type } from '../../firmware/schema/type.ts';
import { checkingCompiler } from '../web/schema-compilers.ts';
import { type Caller, callerOf } from './access.ts';
import { MOST_BODY_BYTES, type Received, readBody } from './body.ts';
import { ENROL, HubParams, Name, registerEnrolment } from './enrolment.ts';
import { type Entry, MOST_ENTRIES } from './entry.ts';
import type { IceServersFor } from './ice-servers.ts';
import type { EdgeIdentity } from './identity.ts';
import { createEdgeMetrics } from './metrics.ts';
import { registerOperatorRoutes } from './operator.ts';
import { entriesOf, Pack } from './pack.ts';
import { problemOf, Refused } from './refused.ts';
import { rowJson } from './row-json.ts';
import { Senml, senmlEntries } from './senml.ts';
import type { EdgeStorage } from './storage/storage.ts';
import { registerStudies } from './studies.ts';
import type { VideoEngine } from './video-engine.ts';
import { videoWords } from './video-words.ts';

const VaultParams = Type.Object({ hub: Name, vault: Name });
const PageQuery = Type.Object({
  after: Type.Optional(Type.Integer({ minimum: 0 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_ENTRIES })),
});
const Receipt = Type.Object({
  upTo: Type.Integer(),
  receipt: Type.String({ description: 'JWS (ES256) by the key of the region statement' }),
});
const Problem = Type.Object({
  error: Type.Object({
    code: Type.String(),
    message: Type.String(),
    upTo: Type.Optional(Type.Integer({ description: 'from where to go on' })),
  }),
});

export interface EdgeOptions {
  readonly storage: EdgeStorage;
  readonly identity: EdgeIdentity;
  /** Of the edge's operator: gives out codes, reads metrics; within one machine (no TLS) also stands for a hub. */
  readonly token: string;
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly video?: boolean;
  /** STUN and TURN servers for who cannot reach this machine by UDP; left out: none. */
  readonly iceServers?: IceServersFor;
  /** What carries video; left out: the engine within this process. */
  readonly engine?: VideoEngine;
  /** Where contributions to studies are kept; without it none are taken. */
  readonly statisticsFile?: string;
  readonly now: () => number;
}

declare module 'fastify' {
  interface FastifyRequest {
    received: Received | null;
  }
}

export async function createEdge({
  storage,
  identity,
  token,
  tls,
  video = true,
  engine,
  iceServers = () => [],
  statisticsFile,
  now,
}: EdgeOptions): Promise<FastifyInstance> {
  const metrics = createEdgeMetrics();
  const common = { bodyLimit: MOST_BODY_BYTES, forceCloseConnections: true } as const;
  // Whoever has no certificate yet may come in to enrol; each route says whom it needs.
  const secure =
    tls === undefined
      ? undefined
      : { ...tls, ca: identity.authority.certificate, requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.3' as const };
  const server = (secure === undefined ? Fastify(common) : Fastify({ ...common, https: secure })) as unknown as FastifyInstance;
  const edge = server.withTypeProvider<TypeBoxTypeProvider>();
  edge.setValidatorCompiler(checkingCompiler as never);
  await edge.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Hearth edge', version: '1', description: 'Takes the logs of hubs of one region, each entry once.' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' }, certificate: { type: 'mutualTLS' } as never } },
    },
    transform: ({ schema, url, route }) => {
      const summary = videoWords[`${route.method} ${url}`];
      return { url, schema: summary === undefined ? schema : { summary, ...schema } };
    },
  });
  edge.decorateRequest('received', null);
  edge.addContentTypeParser(['application/json', 'application/senml+json'], { parseAs: 'buffer' }, (request, body, done) => {
    try {
      const received = readBody(body as Buffer, request.headers['content-encoding']);
      request.received = received;
      done(null, received.json);
    } catch (error) {
      done(error as Error);
    }
  });
  edge.setErrorHandler((error: unknown, request, reply) => {
    const { status, code, message, upTo } = problemOf(error);
    metrics.refused(code);
    if (status >= 500) console.error(`${request.method} ${request.url.split('?')[0]}: ${error instanceof Error ? error.message : error}`);
    return reply.code(status).send({ error: { code, message, ...(upTo === undefined ? {} : { upTo }) } });
  });

  const caller = (request: FastifyRequest): Exclude<Caller, { kind: 'nobody' }> => {
    const found = callerOf(request, token);
    if (found.kind === 'nobody') throw new Refused(401, 'unknown', found.why);
    return found;
  };
  const needOperator = (request: FastifyRequest): void => {
    if (caller(request).kind !== 'operator') throw new Refused(403, 'operator', "only the edge's operator may do this");
  };
  const needHub = (request: FastifyRequest, hub: string): void => {
    const found = caller(request);
    if (found.kind === 'hub' && found.hub !== hub)
      throw new Refused(403, 'hub', `this certificate is of hub '${found.hub}', not of '${hub}'`);
    if (found.kind === 'operator' && tls !== undefined)
      throw new Refused(403, 'certificate', "a hub's data is reached with its own certificate alone");
  };

  // Before anything else, wherever it goes: a hub that was revoked does nothing here but enrol again.
  edge.addHook('onRequest', async (request) => {
    const found = callerOf(request, token);
    if (found.kind !== 'hub' || request.url === ENROL) return;
    const revokedMs = await storage.revokedAt(found.hub);
    if (revokedMs !== undefined && found.issuedMs <= revokedMs)
      throw new Refused(
        403,
        'revoked',
        `the edge's operator revoked the certificate of hub '${found.hub}' on ${new Date(revokedMs).toISOString().slice(0, 10)}: nothing is taken from it, ask the operator for a new code and enrol again`,
      );
  });
  registerOperatorRoutes(edge as unknown as FastifyInstance, { storage, needOperator, now });

  edge.get('/healthz', { schema: { summary: 'Whether it can keep what comes' } }, async (_request, reply) => {
    const trouble = await storage.check().then(
      () => '',
      (error: Error) => error.message,
    );
    return reply.code(trouble === '' ? 200 : 503).send({ status: trouble === '' ? 'ok' : 'degraded', region: identity.region });
  });
  edge.get('/metrics', { schema: { summary: 'Counts, for Prometheus' } }, async (request, reply) => {
    needOperator(request);
    return reply.type(metrics.contentType).send(await metrics.text());
  });
  edge.get('/v1/openapi.json', { schema: { hide: true } }, async () => edge.swagger());
  edge.get(
    '/v1/region',
    {
      schema: {
        summary: 'The signed statement of where this edge is',
        response: { 200: Type.Object({ region: Type.String(), authority: Type.String(), statement: Type.String() }) },
      },
    },
    async () => ({
      region: identity.region,
      authority: identity.authority.certificate,
      statement: await identity.statement(now()),
    }),
  );

  registerEnrolment(server, { storage, identity, needOperator, needHub, now });

  edge.post(
    '/v1/hubs/:hub/vaults/:vault/log',
    {
      schema: {
        summary: 'Keeps a batch, once',
        description: `Packed columns, or SenML with ?after=N. content-encoding: zstd, gzip. At most ${MOST_ENTRIES} entries. 409: go on from upTo. 410: the vault was erased.`,
        params: VaultParams,
        querystring: Type.Object({
          after: Type.Optional(Type.Integer({ minimum: 0, description: 'SenML: position before its first record' })),
        }),
        body: { content: { 'application/json': { schema: Pack }, 'application/senml+json': { schema: Senml } } } as never,
        response: { 200: Receipt, '4xx': Problem },
      },
      // The pack's own reading checks it, and says better what is wrong.
      validatorCompiler: ({ schema, httpPart, ...more }) =>
        httpPart === 'body' ? () => true : checkingCompiler({ schema, httpPart, ...more } as never),
    },
    async (request) => {
      const { hub, vault } = request.params;
      needHub(request, hub);
      const { received } = request;
      if (received === null) throw new Refused(400, 'body', 'a batch is needed');
      const isSenml = request.headers['content-type']?.startsWith('application/senml+json') === true;
      const batch = isSenml ? senmlBatch(received.json, request.query.after ?? 0) : entriesOf(received.json);
      const taken = await storage.take({ hub, vault, ...batch });
      if (taken.kind === 'ahead')
        throw new Refused(409, 'ahead', `this edge has '${vault}' up to ${taken.upTo}, the batch starts after ${batch.after}`, taken.upTo);
      if (taken.kind === 'erased') throw new Refused(410, 'erased', `'${vault}' was erased here and is taken no more`);
      metrics.batch(received.bytes, batch.entries.length, taken.added);
      const { region } = identity;
      const claims = { region, hub, vault, after: batch.after, upTo: batch.upTo, added: taken.added, sha256: received.sha256 };
      return { upTo: taken.upTo, receipt: await identity.receipt(claims, now()) };
    },
  );
  edge.get('/v1/hubs/:hub/vaults', { schema: { summary: 'What the edge has of a hub', params: HubParams } }, async (request) => {
    needHub(request, request.params.hub);
    return storage.vaults(request.params.hub);
  });
  edge.get(
    '/v1/hubs/:hub/vaults/:vault/log',
    { schema: { summary: 'Measurements as they now stand', params: VaultParams, querystring: PageQuery } },
    async (request) => {
      const {
        params: { hub, vault },
        query: { after = 0, limit = 100 },
      } = request;
      needHub(request, hub);
      return (await storage.rows(hub, vault, after, limit)).map(rowJson);
    },
  );
  edge.get(
    '/v1/hubs/:hub/vaults/:vault/notes',
    { schema: { summary: 'Gaps, calibrations and the like', params: VaultParams, querystring: PageQuery } },
    async (request) => {
      const {
        params: { hub, vault },
        query: { after = 0, limit = 100 },
      } = request;
      needHub(request, hub);
      return storage.notes(hub, vault, after, limit);
    },
  );
  edge.delete(
    '/v1/hubs/:hub/vaults/:vault',
    {
      schema: {
        summary: 'Erases a vault for ever',
        params: VaultParams,
        response: { 200: Type.Object({ rows: Type.Integer(), receipt: Type.String() }) },
      },
    },
    async (request) => {
      const { hub, vault } = request.params;
      needHub(request, hub);
      const rows = await storage.erase(hub, vault);
      const claims = { region: identity.region, hub, vault, after: 0, upTo: 0, added: -rows, sha256: '' };
      return { rows, receipt: await identity.receipt(claims, now()) };
    },
  );

  if (statisticsFile !== undefined) registerStudies(server, statisticsFile);

  if (video) {
    // A WebRTC engine: an edge that takes records alone does without.
    const { registerVideo } = await import('./forwarder.ts');
    const carrier = engine ?? (await import('./werift-engine.ts')).weriftEngine();
    let forwarder: { close(): Promise<void> } | undefined;
    const needGranter = (request: FastifyRequest, camera: string): void => {
      const found = caller(request);
      if (found.kind === 'hub' && camera !== found.hub && !camera.startsWith(`${found.hub}.`))
        throw new Refused(
          403,
          'hub',
          `this certificate is of hub '${found.hub}', whose cameras are called '${found.hub}' or '${found.hub}.…'`,
        );
    };
    await edge.register(async (inner) => {
      forwarder = registerVideo(inner as unknown as FastifyInstance, { needGranter, engine: carrier, identity, iceServers, now });
    });
    edge.addHook('onClose', () => forwarder?.close());
  }
  return server;
}

function senmlBatch(json: unknown, after: number): { after: number; upTo: number; entries: Entry[] } {
  const entries = senmlEntries(json, after);
  return { after, upTo: after + entries.length, entries };
}
