/** What leaves the hub: each target with how far it is, what was set aside, what was done and refused, receipts. */
import { Type } from 'typebox';
import type { Sync } from '../../sync/sync.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../server.ts';

const Time = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);
const Target = Type.Object({
  name: Type.String(),
  kind: Type.String(),
  state: Type.String({ description: 'synced, behind, down (tried again by itself) or refused (somebody has to mend it)' }),
  lag: Type.Integer({ description: 'entries that it does not have yet' }),
  lastError: Type.String(),
  lastSent: Time,
  setAside: Type.Integer(),
  sentEntries: Type.Integer(),
  sentBytes: Type.Integer(),
  tries: Type.Integer(),
  region: Type.Union([Type.String(), Type.Null()]),
  says: Type.String({ description: 'what it can and cannot' }),
});
const SetAside = Type.Object({
  target: Type.String(),
  subject: Type.String(),
  seq: Type.Integer(),
  reason: Type.String(),
  at: Type.String(),
});
const Operation = Type.Object({
  at: Type.String(),
  kind: Type.String(),
  target: Type.String(),
  subject: Type.String(),
  message: Type.String(),
});
const Receipt = Type.Object({
  target: Type.String(),
  subject: Type.String(),
  upTo: Type.Integer(),
  at: Type.String(),
  receipt: Type.String({ description: 'JWS' }),
});
const Page = Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })) });

const iso = (ms: number): string => new Date(ms).toISOString();

export function syncRoutes(web: Web, { house }: WebContext): void {
  const running = (): Sync => {
    const sync = house.sync?.();
    if (sync === undefined) throw new ApiError(503, 'starting', 'Sync does not run yet.', 'Try again in a moment.');
    return sync;
  };
  web.get(
    '/api/v1/sync',
    { config: { access: 'household' }, schema: { summary: 'Where measurements go, and how far', response: { 200: Type.Array(Target) } } },
    async () =>
      (house.sync?.()?.state() ?? []).map(({ lastSentMs, ...state }) => ({
        ...state,
        lastSent: lastSentMs === null ? null : iso(lastSentMs),
      })),
  );
  web.post(
    '/api/v1/sync/:target/retry',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'Tries a target at once, with what was set aside',
        params: Type.Object({ target: Type.String() }),
        response: { 202: Type.Object({}) },
      },
    },
    async (request, reply) => {
      const { target } = request.params;
      if (!running().retry(target))
        throw new ApiError(404, 'no-target', `No target is called ${target}.`, 'See /api/v1/sync for those there are.');
      return reply.code(202).send({});
    },
  );
  web.get(
    '/api/v1/sync/set-aside',
    {
      config: { access: 'owner' },
      schema: { summary: 'Entries that a target did not take, with the reason', response: { 200: Type.Array(SetAside) } },
    },
    async () =>
      running()
        .setAside()
        .map(({ atMs, ...row }) => ({ ...row, at: iso(atMs) })),
  );
  web.get(
    '/api/v1/sync/operations',
    {
      config: { access: 'owner' },
      schema: { summary: 'What sync did and refused, newest first', querystring: Page, response: { 200: Type.Array(Operation) } },
    },
    async (request) =>
      running()
        .operations(request.query.limit ?? 100)
        .map(({ atMs, ...row }) => ({ ...row, at: iso(atMs) })),
  );
  web.get(
    '/api/v1/sync/:target/receipts',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'What an edge signed for, newest first',
        params: Type.Object({ target: Type.String() }),
        querystring: Page,
        response: { 200: Type.Array(Receipt) },
      },
    },
    async (request) =>
      running()
        .receipts(request.params.target, request.query.limit ?? 100)
        .map(({ atMs, ...row }) => ({ ...row, at: iso(atMs) })),
  );
}
