/** What leaves the hub: each target with how far it is, what was set aside, what was done and refused, receipts. */
import { Type } from '../../../firmware/schema/type.ts';
import type { Sync } from '../../sync/sync.ts';
import { readable } from '../access.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';

const Time = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);
const Target = Type.Object({
  name: Type.String(),
  kind: Type.String(),
  origin: Type.String({ description: 'hub (its own edge), file (named in hearth.yaml) or book (added by people)' }),
  address: Type.String(),
  state: Type.String({
    description: 'synced, behind, down (tried again by itself), refused (somebody has to mend it), paused, or leaving (deletes, then goes)',
  }),
  lag: Type.Integer({ description: 'entries that it does not have yet' }),
  lastError: Type.String(),
  lastSent: Time,
  setAside: Type.Integer(),
  sentEntries: Type.Integer(),
  sentBytes: Type.Integer(),
  tries: Type.Integer(),
  region: Type.String({ description: 'home, a region, or unknown' }),
  says: Type.String({ description: 'what it can and cannot' }),
  allowed: Type.Array(
    Type.Object({ subject: Type.String(), categories: Type.Array(Type.String(), { description: '`all`, or categories' }), since: Time }),
    { description: 'what it may have of you, of those whose guardian you are, and of the home' },
  ),
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

export function syncRoutes(web: Web, { house, people }: WebContext): void {
  const running = (): Sync => {
    const sync = house.sync?.();
    if (sync === undefined) throw new ApiError(503, 'starting', 'Sync does not run yet.', 'Try again in a moment.');
    return sync;
  };
  web.get(
    '/api/v1/sync',
    { config: { access: 'household' }, schema: { summary: 'Where measurements go, and how far', response: { 200: Type.Array(Target) } } },
    async ({ who }) =>
      (house.sync?.()?.state() ?? []).map(({ lastSentMs, ...state }) => ({
        ...state,
        lastSent: lastSentMs === null ? null : iso(lastSentMs),
        allowed: readable(who).flatMap((subject) => {
          const allowed = running().allowed(state.name, subject);
          if (allowed === undefined || people.objections.since(subject, `target:${state.name}`) !== undefined) return [];
          const { categories, sinceMs } = allowed;
          return [
            { subject, categories: categories === 'all' ? ['all'] : [...categories], since: sinceMs === undefined ? null : iso(sinceMs) },
          ];
        }),
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
      config: { access: 'own' },
      schema: {
        summary: 'What an edge signed for, newest first: of you, or of everybody for who runs the hub',
        params: Type.Object({ target: Type.String() }),
        querystring: Type.Object({ ...Page.properties, subject: Type.Optional(Type.String({ maxLength: 64 })) }),
        response: { 200: Type.Array(Receipt) },
      },
    },
    async ({ who, params, query: { limit = 100, subject } }) =>
      running()
        .receipts(params.target, limit, subject ?? (who.standing === 'owner' || who.standing === 'machine' ? undefined : who.id))
        .map(({ atMs, ...row }) => ({ ...row, at: iso(atMs) })),
  );
}
