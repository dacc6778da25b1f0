import { Type } from '../../../firmware/schema/type.ts';
import { collect } from '../../people/collection.ts';
import { type Brought, BroughtError, rowOf, takeOutAll } from '../../rights/partners/bring-in.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';
import { timeOf } from './measurements.ts';

/** What comes in one request; a partner with more sends several. */
const MOST_ROWS = 500;

/** What partners bring in under a person's link, and taking all of it out again (B11). */
export function partnerWritingRoutes(web: Web, { house, people, signIn }: WebContext): void {
  const { partners, operations, objections } = people;

  web.post(
    '/api/v1/partner/measurements',
    {
      config: { access: 'partner' },
      schema: {
        summary: 'Add measurements under the link; all or none of a request are taken, and one that is known stays as it is',
        body: Type.Object({
          measurements: Type.Array(
            Type.Object({
              quantity: Type.String({ maxLength: 60 }),
              value: Type.Number(),
              unit: Type.Optional(Type.String({ maxLength: 20, description: 'UCUM; that of the quantity unless said' })),
              start: Type.Optional(Type.String({ description: 'ISO 8601; the end unless said' })),
              end: Type.String({ description: 'ISO 8601' }),
            }),
            { minItems: 1, maxItems: MOST_ROWS },
          ),
        }),
        response: {
          201: Type.Object({
            added: Type.Integer(),
            known: Type.Integer(),
            leftOut: Type.Integer({ description: 'of a purpose that the person objected to' }),
          }),
        },
      },
    },
    async (request, reply) => {
      const link = signIn.linksOf(request)?.writes;
      if (link === undefined)
        throw new ApiError(403, 'scope', 'This link is not for adding.', 'Ask the person for a scope like write:activity.');
      for (const category of link.categories) collect(operations, 'partner', category, link.partner, link.owner);
      const nowMs = house.now();
      const brought = request.body.measurements.map(({ quantity, value, unit, start, end }): Brought => {
        const endMs = timeOf(end, 0, 'end');
        return { quantity, value, unit, startMs: timeOf(start, endMs, 'start'), endMs };
      });
      try {
        const rows = brought.map((one, position) => rowOf(link, one, position, nowMs));
        const wanted = rows.filter(({ code }) => objections.mayMake(link.owner, code));
        const stored = await house.store.keep(link.owner, wanted);
        partners.note(link.id, 'write', stored.length, house.now());
        operations.appendOnce({
          kind: 'partner-import',
          actor: link.partner,
          subject: link.owner,
          detail: { partner: link.partnerName, link: link.id },
        });
        house.kept(stored);
        return reply.code(201).send({ added: stored.length, known: wanted.length - stored.length, leftOut: rows.length - wanted.length });
      } catch (error) {
        if (!(error instanceof BroughtError)) throw error;
        throw new ApiError(
          error.kind === 'scope' ? 403 : 422,
          error.kind,
          `Nothing was taken: ${error.message}.`,
          'Mend it and send all again.',
        );
      }
    },
  );

  web.delete(
    '/api/v1/links/:id/data',
    {
      config: { access: 'household', again: 'if-set' },
      schema: {
        summary: 'Take out all that a partner brought in over a link of yours, with what was computed from it',
        params: Type.Object({ id: Type.String({ maxLength: 40 }) }),
        response: { 200: Type.Object({ removed: Type.Integer() }) },
      },
    },
    async ({ who, params: { id } }) => {
      const link = partners.getLink(id);
      if (link === undefined || link.owner !== who.id || link.kind !== 'writes')
        throw new ApiError(404, 'no-link', 'Nothing came in over such a link of yours.', 'See /api/v1/shares.');
      if (!house.store.subjects().includes(who.id)) return { removed: 0 };
      const context = {
        vault: house.store.vault(who.id),
        identity: people.identities.get(who.id),
        zone: people.zone,
        by: `person:${who.id}`,
      };
      const removed = await takeOutAll(context, link);
      operations.append({
        kind: 'amend',
        actor: who.actor,
        subject: who.id,
        detail: { what: `removed all of ${link.partnerName}`, removed },
      });
      house.sync?.()?.wake();
      return { removed };
    },
  );
}
