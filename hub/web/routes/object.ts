import { Type } from '../../../firmware/schema/type.ts';
import { isPurpose, type PurposeId, purposes } from '../../people/objections.ts';
import { EMBEDDED } from '../../sync/sync.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';

const Query = Type.Object({ subject: Type.Optional(Type.String({ maxLength: 64 })) });
const PurposeBody = Type.Object({
  id: Type.String(),
  words: Type.String(),
  stops: Type.String({ description: 'what no longer works, to be told before confirming' }),
  objectedAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
});

/** Objecting, purpose by purpose (C5): what stops is said before, and afterwards nothing of that purpose is made. */
export function objectRoutes(web: Web, { house, people }: WebContext): void {
  const { objections, operations, key } = people;
  const all = (): { id: PurposeId; words: string; stops: string }[] => [
    ...(Object.keys(purposes) as (keyof typeof purposes)[]).map((id) => ({ id, words: purposes[id].words, stops: purposes[id].stops })),
    ...(house.sync?.()?.state() ?? []).map(({ name, kind, says }) => ({
      id: `target:${name}` as const,
      words: name === EMBEDDED ? 'Copying to the edge that runs inside this hub' : `Sending to ${name} (${kind})`,
      stops: `Nothing more of yours goes there; what is there stays until you delete it. ${says}`,
    })),
  ];

  web.get(
    '/api/v1/purposes',
    {
      config: { access: 'own' },
      schema: {
        summary: 'What your data is used for, what stops when you object, and since when you do',
        querystring: Query,
        response: { 200: Type.Array(PurposeBody) },
      },
    },
    async ({ who, query: { subject = who.id } }) =>
      all().flatMap((purpose) => {
        const sinceMs = objections.since(subject, purpose.id);
        // A target that was allowed nothing does nothing that one could object to.
        const isDone =
          !purpose.id.startsWith('target:') || house.sync?.()?.allowed(purpose.id.slice('target:'.length), subject) !== undefined;
        if (!isDone && sinceMs === undefined) return [];
        return { ...purpose, objectedAt: sinceMs === undefined ? null : new Date(sinceMs).toISOString() };
      }),
  );

  web.put(
    '/api/v1/purposes/:purpose',
    {
      config: { access: 'own' },
      schema: {
        summary: 'Object to a purpose, or take the objection back; answers with a receipt signed by the hub',
        params: Type.Object({ purpose: Type.String({ maxLength: 100 }) }),
        querystring: Query,
        body: Type.Object({ object: Type.Boolean() }),
        response: { 200: Type.Object({ receipt: Type.String() }) },
      },
    },
    async ({ who, params: { purpose: id }, query: { subject = who.id }, body: { object } }) => {
      const purpose = all().find((one) => one.id === id);
      if (purpose === undefined || !(isPurpose(id) || id.startsWith('target:')))
        throw new ApiError(404, 'no-purpose', `Nothing here is done for ${JSON.stringify(id)}.`, 'See /api/v1/purposes.');
      objections.set(subject, purpose.id, object, house.now());
      operations.append({ kind: 'objection', actor: who.actor, subject, detail: { purpose: id, objected: object } });
      house.sync?.()?.wake();
      const text = object ? `No longer: ${purpose.words}. ${purpose.stops}` : `Again: ${purpose.words}.`;
      return { receipt: await key.issue({ kind: 'objection', atUtcMs: house.now(), subject, by: who.id, text }) };
    },
  );
}
