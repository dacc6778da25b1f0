/** How a hub becomes known to the edge: by a code of one use and a key pair that it made itself; and how its certificate is renewed. */
import { createHash, randomBytes } from 'node:crypto';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { Type } from '../../firmware/schema/type.ts';
import type { EdgeIdentity } from './identity.ts';
import { Refused } from './refused.ts';
import type { EdgeStorage } from './storage/storage.ts';

/** A person reads the code out and types it in: an hour is enough for that. */
const CODE_MS = 3_600_000;
const SECOND_MS = 1000;
export const ENROL = '/v1/enrol';

export const Name = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' });
export const HubParams = Type.Object({ hub: Name });
const Enrolment = Type.Object({
  hub: Name,
  region: Type.String(),
  certificate: Type.String({ description: "PEM, of the hub's key" }),
  authority: Type.String({ description: 'PEM, signs this edge’s and its hubs’ certificates' }),
  key: Type.Record(Type.String(), Type.Unknown(), { description: 'JWK that signs statements and receipts' }),
  statement: Type.String({ description: 'JWS: the region' }),
});

export interface EnrolmentOptions {
  readonly storage: EdgeStorage;
  readonly identity: EdgeIdentity;
  /** Throw where the request is of somebody else. */
  readonly needOperator: (request: FastifyRequest) => void;
  readonly needHub: (request: FastifyRequest, hub: string) => void;
  readonly now: () => number;
}

export function registerEnrolment(server: FastifyInstance, { storage, identity, needOperator, needHub, now }: EnrolmentOptions): void {
  const edge = server.withTypeProvider<TypeBoxTypeProvider>();
  edge.post(
    '/v1/codes',
    {
      schema: {
        summary: 'A code of one use by which a hub of that name enrols',
        body: Type.Object({ hub: Name }),
        response: { 201: Type.Object({ code: Type.String(), ends: Type.String() }) },
      },
    },
    async (request, reply) => {
      needOperator(request);
      return reply.code(201).send(await newCode(storage, identity, request.body.hub, now()));
    },
  );
  const certified = async (request: string, hub: string): Promise<Static<typeof Enrolment>> => {
    const certificate = await identity.certifyHub(request, hub, now()).catch((error: Error) => {
      throw new Refused(400, 'request', error.message);
    });
    const { region, authority, key } = identity;
    return { hub, region, certificate, authority: authority.certificate, key: { ...key }, statement: await identity.statement(now()) };
  };
  const CertificateRequest = Type.String({ maxLength: 8192, description: 'PEM of a PKCS #10 request, ECDSA P-256' });
  edge.post(
    ENROL,
    {
      schema: {
        summary: 'Makes a hub known by a code and a key that never left it',
        body: Type.Object({ code: Type.String({ maxLength: 128 }), request: CertificateRequest }),
        response: { 201: Enrolment },
      },
    },
    async (request, reply) => {
      // The request is read first: a mistake in it must not cost the code.
      await identity.certifyHub(request.body.request, 'probe', now()).catch((error: Error) => {
        throw new Refused(400, 'request', error.message);
      });
      const hub = await storage.redeemCode(hashOf(request.body.code.split('.')[0]!), now());
      if (hub === undefined)
        throw new Refused(403, 'code', "this code is not known, was used, or is too old: ask the edge's operator for another");
      return reply.code(201).send(await certified(request.body.request, hub));
    },
  );
  edge.post(
    '/v1/hubs/:hub/certificate',
    {
      schema: {
        summary: 'Renews a certificate before it ends',
        params: HubParams,
        body: Type.Object({ request: CertificateRequest }),
        response: { 201: Enrolment },
      },
    },
    async (request, reply) => {
      needHub(request, request.params.hub);
      return reply.code(201).send(await certified(request.body.request, request.params.hub));
    },
  );
}

/** A code as its hub's owner types it: a secret of one use, and the fingerprint by which the hub knows the edge. */
export async function newCode(
  storage: EdgeStorage,
  identity: EdgeIdentity,
  hub: string,
  nowUtcMs: number,
): Promise<{ code: string; ends: string }> {
  const secret = randomBytes(15).toString('base64url');
  const endsUtcMs = nowUtcMs + CODE_MS;
  await storage.addCode(hashOf(secret), hub, endsUtcMs);
  return { code: `${secret}.${identity.fingerprint}`, ends: new Date(Math.floor(endsUtcMs / SECOND_MS) * SECOND_MS).toISOString() };
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');
