/** What the operator of an edge sees and does about its hubs. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from '../../firmware/schema/type.ts';
import type { EdgeStorage } from './storage/storage.ts';

export interface OperatorOptions {
  readonly storage: Pick<EdgeStorage, 'hubs' | 'revoke'>;
  /** Throws unless the operator asks. */
  readonly needOperator: (request: FastifyRequest) => void;
  readonly now: () => number;
}

const Time = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);
const KnownHub = Type.Object({ hub: Type.String(), enrolled: Time, revoked: Time, vaults: Type.Integer() });
const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** Adds /v1/hubs and the revocation of a hub. */
export function registerOperatorRoutes(edge: FastifyInstance, { storage, needOperator, now }: OperatorOptions): void {
  edge.get(
    '/v1/hubs',
    { schema: { summary: 'Hubs that enrolled here, or whose data is here', response: { 200: Type.Array(KnownHub) } } },
    async (request) => {
      needOperator(request);
      const hubs = await storage.hubs();
      return hubs.map(({ hub, enrolledMs, revokedMs, vaults }) => ({ hub, enrolled: iso(enrolledMs), revoked: iso(revokedMs), vaults }));
    },
  );
  edge.post<{ Params: { hub: string } }>(
    '/v1/hubs/:hub/revocation',
    {
      schema: {
        summary: 'Takes nothing more from a hub by the certificates it has; by a new code it may enrol again',
        params: Type.Object({ hub: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }) }),
        response: { 201: Type.Object({ hub: Type.String(), revoked: Time }) },
      },
    },
    async (request, reply) => {
      needOperator(request);
      const nowMs = now();
      await storage.revoke(request.params.hub, nowMs);
      return reply.code(201).send({ hub: request.params.hub, revoked: iso(nowMs) });
    },
  );
}
