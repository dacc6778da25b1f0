import { quantities } from '../../../firmware/protocol/quantities.ts';
import { Type } from '../../../firmware/schema/type.ts';
import { collect } from '../../people/collection.ts';
import { type AmendContext, AmendError, amend, enteredRow, type Followed, takeOut } from '../../rights/amend.ts';
import { measurementJson } from '../../store/measurement-json.ts';
import type { Who } from '../access.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';
import { Measurement } from '../schemas.ts';
import { quantityOf, timeOf } from './measurements.ts';

const Query = Type.Object({ subject: Type.Optional(Type.String({ maxLength: 64 })) });
const Seq = Type.Object({ seq: Type.Integer({ minimum: 1 }) });
const FollowedBody = Type.Object({
  recomputed: Type.Array(Type.Object({ seq: Type.Integer(), quantity: Type.String(), value: Type.Number() })),
  removed: Type.Array(Type.Object({ seq: Type.Integer(), quantity: Type.String() })),
});
/** A day of weigh-ins at most: more at once is the right to be forgotten. */
const MOST_AT_ONCE = 500;

const refusal = (error: unknown): unknown => {
  if (!(error instanceof AmendError)) return error;
  return new ApiError(
    error.kind === 'missing' ? 404 : 422,
    error.kind,
    `${error.message}.`,
    'See /api/v1/measurements and /api/v1/quantities.',
  );
};

/** Changing, adding and taking out values (C3, C4), one's own and those of whom one is guardian of. */
export function amendRoutes(web: Web, { house, people }: WebContext): void {
  const contextOf = (who: Who, subject = who.id): AmendContext & { subject: string } => {
    if (!house.store.subjects().includes(subject))
      throw new ApiError(404, 'missing', 'Nothing is kept of them yet.', 'See /api/v1/measurements.');
    return {
      subject,
      vault: house.store.vault(subject),
      identity: people.identities.get(subject),
      zone: people.zone,
      by: `person:${who.id}`,
    };
  };
  const done = (who: Who, subject: string, what: string, followed: Followed) => {
    people.operations.append({
      kind: 'amend',
      actor: who.actor,
      subject,
      detail: { what, recomputed: followed.recomputed.length, removed: followed.removed.length },
    });
    // Every target hears of it through the log, now.
    house.sync?.()?.wake();
    return { recomputed: [...followed.recomputed], removed: [...followed.removed] };
  };

  web.post(
    '/api/v1/measurements',
    {
      config: { access: 'own', vault: 'own' },
      schema: {
        summary: 'Enter a value by hand',
        querystring: Query,
        body: Type.Object({
          quantity: Type.String(),
          value: Type.Number(),
          at: Type.Optional(Type.String({ description: 'ISO 8601; now unless told' })),
        }),
        response: { 201: Measurement },
      },
    },
    async ({ who, query: { subject = who.id }, body }, reply) => {
      const quantity = quantityOf(body.quantity);
      const atMs = timeOf(body.at, house.now(), 'at');
      collect(people.operations, 'app', quantities[quantity].category, who.actor, subject);
      try {
        const [stored] = await house.store.vault(subject).commit([enteredRow({ quantity, value: body.value, atMs }, house.now())]);
        people.operations.append({ kind: 'field', actor: who.actor, subject, detail: { quantity } });
        house.kept([stored!]);
        return reply.code(201).send(measurementJson(stored!));
      } catch (error) {
        throw refusal(error);
      }
    },
  );

  web.put(
    '/api/v1/measurements/:seq',
    {
      config: { access: 'own', vault: 'own' },
      schema: {
        summary: 'Give a value another one: the one before stays in its history, and what was computed from it is computed again',
        params: Seq,
        querystring: Query,
        body: Type.Object({ value: Type.Number() }),
        response: { 200: FollowedBody },
      },
    },
    async ({ who, params: { seq }, query, body: { value } }) => {
      const context = contextOf(who, query.subject);
      try {
        return done(who, context.subject, 'changed', await amend(context, seq, value));
      } catch (error) {
        throw refusal(error);
      }
    },
  );

  web.post(
    '/api/v1/measurements/removal',
    {
      config: { access: 'own', vault: 'own' },
      schema: {
        summary: 'Take values out, with what was computed from them: nothing of them is left, here and with every target',
        querystring: Query,
        body: Type.Object({ seqs: Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1, maxItems: MOST_AT_ONCE }) }),
        response: { 200: FollowedBody },
      },
    },
    async ({ who, query, body: { seqs } }) => {
      const context = contextOf(who, query.subject);
      try {
        return done(who, context.subject, 'taken out', await takeOut(context, seqs));
      } catch (error) {
        throw refusal(error);
      }
    },
  );

  web.get(
    '/api/v1/measurements/:seq/history',
    {
      config: { access: 'own', vault: 'own' },
      schema: {
        summary: 'The values that a measurement had, oldest first, and what it was computed from',
        params: Seq,
        querystring: Query,
        response: {
          200: Type.Object({
            values: Type.Array(Type.Object({ at: Type.String(), by: Type.String(), value: Type.Union([Type.Number(), Type.Null()]) })),
            computed: Type.Union([
              Type.Object({ algorithm: Type.String(), version: Type.String(), inputs: Type.Array(Type.String()) }),
              Type.Null(),
            ]),
          }),
        },
      },
    },
    async ({ who, params: { seq }, query }) => {
      const { vault, subject } = contextOf(who, query.subject);
      const computed = vault.provenance(seq);
      const nameOf = (by: string): string =>
        by === `person:${who.id}` ? 'you' : by === `person:${subject}` ? 'them' : by.startsWith('person:') ? 'somebody else' : by;
      return {
        values: vault.history(seq).map(({ atMs, by, value }) => ({
          at: new Date(atMs).toISOString(),
          by: nameOf(by),
          value: Number.isFinite(value) ? value : null,
        })),
        computed: computed === undefined ? null : { ...computed, inputs: [...computed.inputs] },
      };
    },
  );
}
