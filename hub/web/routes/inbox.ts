import { Type } from '../../../firmware/schema/type.ts';
import type { Visit } from '../../people/attribution/visits.ts';
import type { Who } from '../access.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';
import { timeOf } from './measurements.ts';
import { noPerson } from './people.ts';

const VisitBody = Type.Object({
  id: Type.Integer(),
  device: Type.String(),
  start: Type.String({ format: 'date-time' }),
  end: Type.String({ format: 'date-time' }),
  by: Type.String({ description: 'trend, tap, unsure or unpaired' }),
  weightKg: Type.Union([Type.Number(), Type.Null()]),
  /** Likeliest first. */
  guesses: Type.Array(Type.Object({ subject: Type.String(), name: Type.String(), probability: Type.Number() })),
  category: Type.String(),
});
const VisitId = Type.Object({ id: Type.Integer({ minimum: 1 }) });
const MOST_REASONS = 100;
/** Below, a reading is not a person's to look at. */
const LIKELY = 0.02;

/** A reading is shown to those whose it may be; one that is like nobody's, to all of the household. */
function isFor(who: Who, { reason: { guesses = [] } }: Visit): boolean {
  const likely = guesses.filter(({ probability }) => probability >= LIKELY);
  return likely.length === 0 || likely.some(({ subject }) => subject === who.id || who.wards.includes(subject));
}

/** Whose readings are: what waits for one tap, why others went where they went, and which product is whose. */
export function inboxRoutes(web: Web, { house, people }: WebContext): void {
  const { accounts, attribution } = people;
  const bodyOf = ({ number, device, startUtcMs, endUtcMs, reason }: Visit) => ({
    id: number,
    device,
    start: new Date(startUtcMs).toISOString(),
    end: new Date(endUtcMs).toISOString(),
    by: reason.by,
    weightKg: reason.weightKg ?? null,
    guesses: (reason.guesses ?? []).map(({ subject, probability }) => ({
      subject,
      name: accounts.get(subject)?.name ?? '',
      probability,
    })),
    category: 'body',
  });
  const needPerson = (subject: string): void => {
    const account = accounts.get(subject);
    if (account === undefined || account.role === 'guest' || account.state !== 'active') throw noPerson();
  };
  const noVisit = (): ApiError => new ApiError(404, 'no-visit', 'This does not wait any more.', 'Look at the inbox again.');

  const needVisit = (who: Who, id: number): void => {
    if (!attribution.inbox().some((visit) => visit.number === id && isFor(who, visit))) throw noVisit();
  };

  web.get(
    '/api/v1/inbox',
    { config: { access: 'household' }, schema: { summary: 'Readings that wait for a person', response: { 200: Type.Array(VisitBody) } } },
    async ({ who }) =>
      attribution
        .inbox()
        .filter((visit) => isFor(who, visit))
        .map(bodyOf),
  );

  web.post(
    '/api/v1/inbox/:id',
    {
      config: { access: 'household' },
      schema: {
        summary: 'Say whose it is; it is learned from',
        params: VisitId,
        body: Type.Object({ subject: Type.String({ maxLength: 64 }) }),
        response: { 200: Type.Object({ readings: Type.Integer() }) },
      },
    },
    async ({ who, params: { id }, body: { subject } }) => {
      needPerson(subject);
      needVisit(who, id);
      const stored = await attribution.assign(id, subject, who.actor);
      if (stored === undefined) throw noVisit();
      house.kept(stored);
      return { readings: stored.length };
    },
  );

  web.delete(
    '/api/v1/inbox/:id',
    { config: { access: 'household' }, schema: { summary: 'It was a guest: throw it away', params: VisitId } },
    async ({ who, params: { id } }, reply) => {
      needVisit(who, id);
      if (!attribution.drop(id, who.actor)) throw noVisit();
      return reply.code(204).send();
    },
  );

  web.get(
    '/api/v1/people/:subject/attributions',
    {
      config: { access: 'own' },
      schema: {
        summary: 'Why readings of shared products came to this person, newest first',
        params: Type.Object({ subject: Type.String({ maxLength: 64 }) }),
        response: { 200: Type.Array(VisitBody) },
      },
    },
    async ({ params: { subject } }) => attribution.reasons(subject, MOST_REASONS).map(bodyOf),
  );

  web.post(
    '/api/v1/people/:subject/attributions/:id',
    {
      config: { access: 'own' },
      schema: {
        summary: 'This visit was somebody else’s: its readings go to them, and it is learned from',
        params: Type.Object({ subject: Type.String({ maxLength: 64 }), id: Type.Integer({ minimum: 1 }) }),
        body: Type.Object({ to: Type.String({ maxLength: 64 }) }),
        response: { 200: Type.Object({ readings: Type.Integer() }) },
      },
    },
    async ({ who, params: { subject, id }, body: { to } }) => {
      needPerson(to);
      const stored = await attribution.correct(id, subject, to, who.actor);
      if (stored === undefined) throw noVisit();
      house.kept(stored);
      return { readings: stored.length };
    },
  );

  web.post(
    '/api/v1/people/:subject/move',
    {
      config: { access: 'own', again: 'if-set' },
      schema: {
        summary: 'Move readings of this person to another: new there, removed here',
        params: Type.Object({ subject: Type.String({ maxLength: 64 }) }),
        body: Type.Object({
          to: Type.String({ maxLength: 64 }),
          from: Type.String({ description: 'first moment' }),
          until: Type.String({ description: 'the moment after the last' }),
          device: Type.Optional(Type.String()),
        }),
        response: { 200: Type.Object({ readings: Type.Integer() }) },
      },
    },
    async ({ who, params: { subject }, body: { to, from, until, device } }) => {
      needPerson(subject);
      needPerson(to);
      if (to === subject) throw new ApiError(400, 'same', 'They are this person’s already.', 'Choose somebody else.');
      const span = { fromMs: timeOf(from, 0, 'from'), toMs: timeOf(until, house.now(), 'until') };
      const stored = await attribution.move({ from: subject, to, ...span, device, actor: who.actor });
      house.kept(stored);
      return { readings: stored.length };
    },
  );

  web.get(
    '/api/v1/pairings',
    {
      config: { access: 'household' },
      schema: {
        summary: 'Which product is whose',
        response: {
          200: Type.Array(Type.Object({ device: Type.String(), subject: Type.String(), name: Type.String(), since: Type.String() })),
        },
      },
    },
    async () =>
      attribution.pairings().map(({ device, subject, sinceUtcMs }) => ({
        device,
        subject,
        name: accounts.get(subject)?.name ?? '',
        since: new Date(sinceUtcMs).toISOString(),
      })),
  );

  web.put(
    '/api/v1/pairings/:device',
    {
      config: { access: 'household' },
      schema: {
        summary: 'Give a product to a person, or to nobody',
        params: Type.Object({ device: Type.String({ maxLength: 200 }) }),
        body: Type.Object({ subject: Type.Union([Type.String({ maxLength: 64 }), Type.Null()]) }),
      },
    },
    async ({ who, params: { device }, body: { subject } }, reply) => {
      if (subject !== null) needPerson(subject);
      // Who has a product lets it go; nobody takes it from them, who runs the hub neither: its readings would go to them.
      const owner = attribution.pairings().find((one) => one.device === device)?.subject;
      if (owner !== undefined && owner !== who.id && !who.wards.includes(owner))
        throw new ApiError(403, 'not-yours', 'This product is another’s.', 'Ask them to let it go.');
      house.kept(await attribution.pair(device, subject ?? undefined, who.actor));
      return reply.code(204).send();
    },
  );
}
