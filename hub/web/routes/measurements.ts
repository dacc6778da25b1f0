import { isQuantityId, type QuantityId, quantities } from '../../../firmware/protocol/quantities.ts';
import { Type } from '../../../firmware/schema/type.ts';
import { measurementJson } from '../../store/measurement-json.ts';
import { ownSubjects, type Who } from '../access.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';
import { gapsOf } from '../gaps.ts';
import { Gap, Measurement, Point } from '../schemas.ts';

const DAY_MS = 86_400_000;
const MOST_ROWS = 1000;

/** The time of a query: ISO 8601 or milliseconds. */
export function timeOf(text: string | undefined, otherwise: number, name: string): number {
  if (text === undefined) return otherwise;
  const ms = /^-?\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (!Number.isFinite(ms))
    throw new ApiError(400, 'time', `'${name}' is ${JSON.stringify(text)}, which is no time.`, 'Write it like 2026-11-24T12:00:00Z.');
  return ms;
}

export function quantityOf(text: string): QuantityId {
  if (isQuantityId(text)) return text;
  throw new ApiError(400, 'quantity', `No quantity is called ${JSON.stringify(text)}.`, 'See /api/v1/quantities for those there are.');
}

export function measurementRoutes(web: Web, { house }: WebContext): void {
  const { store } = house;
  /** The vault named, which the access rule allowed; else one's own and the home's. */
  const vaults = (who: Who, subject?: string) => {
    const wanted = subject === undefined ? ownSubjects(who) : [subject];
    return store
      .subjects()
      .filter((one) => wanted.includes(one))
      .map((one) => store.vault(one));
  };

  web.get(
    '/api/v1/quantities',
    { config: { access: 'anyone' }, schema: { summary: 'Everything that can be measured, with unit and category' } },
    async () =>
      Object.values(quantities).map(({ id, label, unit, category, origin, decimals, combine, min, max, loinc }) => ({
        id,
        label,
        unit,
        category,
        origin,
        decimals,
        combine,
        min,
        max,
        loinc,
      })),
  );

  web.get(
    '/api/v1/latest',
    {
      config: { access: 'own', vault: 'named' },
      schema: {
        summary: 'Newest value of each quantity of each device: one’s own and the home’s, or of the subject named',
        querystring: Type.Object({ subject: Type.Optional(Type.String()) }),
        response: { 200: Type.Array(Measurement) },
      },
    },
    async ({ who, query: { subject } }) => vaults(who, subject).flatMap((vault) => vault.latest().map(measurementJson)),
  );

  web.get(
    '/api/v1/series',
    {
      config: { access: 'own', vault: 'named' },
      schema: {
        summary: 'A quantity over time, in as many points as a chart wants',
        querystring: Type.Object({
          subject: Type.Optional(Type.String()),
          quantity: Type.String(),
          device: Type.Optional(Type.String()),
          from: Type.Optional(Type.String()),
          to: Type.Optional(Type.String()),
          points: Type.Optional(Type.Integer({ minimum: 1, maximum: 2000 })),
        }),
        response: { 200: Type.Object({ points: Type.Array(Point), gaps: Type.Array(Gap) }) },
      },
    },
    async (request) => {
      const { subject, quantity, device, from, to, points = 300 } = request.query;
      const toMs = timeOf(to, house.now(), 'to');
      const query = { quantity: quantityOf(quantity), device, fromMs: timeOf(from, toMs - DAY_MS, 'from'), toMs, points };
      const chosen = vaults(request.who, subject);
      return { points: chosen.flatMap((vault) => vault.series(query)), gaps: gapsOf(store, chosen, query) };
    },
  );

  web.get(
    '/api/v1/measurements',
    {
      config: { access: 'own', vault: 'named' },
      schema: {
        summary: 'Measurements of a subject in the order they were kept, a page at a time',
        querystring: Type.Object({
          subject: Type.Optional(Type.String()),
          quantity: Type.Optional(Type.String()),
          device: Type.Optional(Type.String()),
          from: Type.Optional(Type.String()),
          to: Type.Optional(Type.String()),
          after: Type.Optional(Type.Integer({ minimum: 0, description: 'seq of the last row of the page before' })),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_ROWS })),
        }),
        response: { 200: Type.Array(Measurement) },
      },
    },
    async (request) => {
      const { subject, quantity, device, from, to, after = 0, limit = 200 } = request.query;
      const query = {
        quantity: quantity === undefined ? undefined : quantityOf(quantity),
        device,
        fromMs: timeOf(from, 0, 'from'),
        toMs: timeOf(to, Number.MAX_SAFE_INTEGER, 'to'),
        afterSeq: after,
        limit,
      };
      return vaults(request.who, subject)
        .flatMap((vault) => [...vault.range(query)].map(measurementJson))
        .slice(0, limit);
    },
  );
}
