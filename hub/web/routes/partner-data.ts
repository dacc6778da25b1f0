import type { ServerResponse } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { quantities } from '../../../firmware/protocol/quantities.ts';
import { Type } from '../../../firmware/schema/type.ts';
import type { Link } from '../../people/partners.ts';
import type { StoredMeasurement } from '../../store/log-entry.ts';
import { measurementJson } from '../../store/measurement-json.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';
import { Measurement } from '../schemas.ts';
import { quantityOf, timeOf } from './measurements.ts';

const MOST_ROWS = 1000;
/** Rows looked through for one page: a link that covers little of a large vault must not hold the hub up. */
const MOST_LOOKED_AT = 20_000;
const MOST_STREAMS = 20;
const Time = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);
const LinkBody = Type.Object({
  categories: Type.Array(Type.String()),
  from: Time,
  to: Time,
  ends: Time,
});
export const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
const linkJson = ({ categories, fromMs, toMs, endsMs }: Link) => ({
  categories: [...categories],
  from: iso(fromMs),
  to: iso(toMs),
  ends: iso(endsMs),
});

/** What partners get: under a person's link, with an access token, and nothing of who the person is. */
export function partnerDataRoutes(web: Web, { house, people, signIn }: WebContext): void {
  const { partners, operations } = people;
  const streams = new Map<ServerResponse, string>();
  /** A partner knows the person by the link's grant alone. */
  const json = (link: Link, measurement: StoredMeasurement) => ({ ...measurementJson(measurement), subject: link.id });
  const reading = (request: FastifyRequest): Link => {
    const link = signIn.linksOf(request)?.reads;
    if (link === undefined) throw new ApiError(403, 'scope', 'This link is not for reading.', 'Ask the person for a scope like read:body.');
    return link;
  };
  const noted = (link: Link, kind: 'read' | 'live', rows: number): void => {
    partners.note(link.id, kind, rows, house.now());
    operations.appendOnce({ kind: 'read', actor: link.partner, subject: link.owner, detail: { partner: link.partnerName, link: link.id } });
  };

  web.get(
    '/api/v1/partner/link',
    {
      config: { access: 'partner' },
      schema: {
        summary: 'What the link of this token allows, as it stands now',
        response: { 200: Type.Object({ reads: Type.Union([LinkBody, Type.Null()]), writes: Type.Union([LinkBody, Type.Null()]) }) },
      },
    },
    async (request) => {
      const { reads, writes } = signIn.linksOf(request) ?? {};
      return { reads: reads === undefined ? null : linkJson(reads), writes: writes === undefined ? null : linkJson(writes) };
    },
  );

  web.get(
    '/api/v1/partner/measurements',
    {
      config: { access: 'partner' },
      schema: {
        summary: 'Measurements that the link covers, in the order they were kept; `next` goes on, null at the end',
        querystring: Type.Object({
          quantity: Type.Optional(Type.String()),
          from: Type.Optional(Type.String()),
          to: Type.Optional(Type.String()),
          after: Type.Optional(Type.Integer({ minimum: 0, description: '`next` of the page before' })),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_ROWS })),
        }),
        response: {
          200: Type.Object({ measurements: Type.Array(Measurement), next: Type.Union([Type.Integer(), Type.Null()]) }),
        },
      },
    },
    async (request) => {
      const link = reading(request);
      const { quantity, from, to, after = 0, limit = 200 } = request.query;
      const chosen = quantity === undefined ? undefined : quantityOf(quantity);
      if (chosen !== undefined && !link.categories.includes(quantities[chosen].category))
        throw new ApiError(403, 'scope', `This link does not cover ${quantity}.`, `It covers: ${link.categories.join(', ')}.`);
      const fromMs = Math.max(timeOf(from, 0, 'from'), link.fromMs ?? 0);
      const toMs = Math.min(timeOf(to, Number.MAX_SAFE_INTEGER, 'to'), link.toMs ?? Number.MAX_SAFE_INTEGER);
      const rows: StoredMeasurement[] = [];
      let [lookedAt, next]: [number, number | null] = [0, null];
      if (house.store.subjects().includes(link.owner))
        for (const row of house.store.vault(link.owner).range({ quantity: chosen, fromMs, toMs, afterSeq: after })) {
          if (partners.covers(link.id, row, house.now())) rows.push(row);
          lookedAt++;
          if (rows.length < limit && lookedAt < MOST_LOOKED_AT) continue;
          next = row.seq;
          break;
        }
      noted(link, 'read', rows.length);
      return { measurements: rows.map((row) => json(link, row)), next };
    },
  );

  web.get(
    '/api/v1/partner/live',
    { config: { access: 'partner' }, schema: { summary: 'What the link covers, as it happens (server-sent events)' } },
    (request, reply) => {
      const link = reading(request);
      if (streams.size >= MOST_STREAMS) throw new ApiError(503, 'busy', `${MOST_STREAMS} streams are open already.`, 'Try again later.');
      reply.hijack();
      const { raw } = reply;
      streams.set(raw, link.id);
      raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
      raw.write('retry: 1000\n\n');
      const stop = house.listen((event) => {
        if (event.type !== 'measurement') return;
        // Asked anew each time: a token lives for minutes, and a stream no longer than its token.
        if (signIn.linksOf(request)?.reads?.id !== link.id) raw.destroy();
        else if (partners.covers(link.id, event.measurement, house.now())) {
          raw.write(`event: measurement\ndata: ${JSON.stringify(json(link, event.measurement))}\n\n`);
          noted(link, 'live', 1);
        }
      });
      raw.on('error', () => undefined);
      raw.on('close', () => {
        stop();
        streams.delete(raw);
      });
    },
  );

  const stopListening = partners.onStop(({ id }) => {
    for (const [raw, link] of streams) if (link === id) raw.destroy();
  });
  web.addHook('preClose', async () => {
    stopListening();
    for (const raw of streams.keys()) raw.destroy();
  });
}
