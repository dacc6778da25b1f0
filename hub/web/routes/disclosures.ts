import { Type } from '../../../firmware/schema/type.ts';
import { openDisclosures } from '../../rights/disclosures.ts';
import { type ProcessorId, processors } from '../../rights/processors.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';
import { timeOf } from './measurements.ts';

const Time = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);
const Words = Type.String({ minLength: 2, maxLength: 300 });
const DAY_MS = 86_400_000;
/** A notice that is put off for longer is one that is never given. */
const MOST_DELAY_DAYS = 3650;

/** What authorities were given (E9), and who processes data for the household (E8). */
export function disclosureRoutes(web: Web, { house, people }: WebContext): void {
  const disclosures = openDisclosures(people, house.now);
  const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

  web.get(
    '/api/v1/disclosures',
    {
      config: { access: 'household' },
      schema: {
        summary: 'What of yours was disclosed to an authority',
        response: {
          200: Type.Array(
            Type.Object({ authority: Type.String(), basis: Type.String(), what: Type.String(), disclosed: Time, told: Time, seen: Time }),
          ),
        },
      },
    },
    async ({ who }) => {
      disclosures.tell();
      return disclosures.told(who.id).map(({ authority, basis, what, disclosedUtcMs, toldUtcMs, seenUtcMs }) => ({
        authority,
        basis,
        what,
        disclosed: iso(disclosedUtcMs),
        told: iso(toldUtcMs),
        seen: iso(seenUtcMs),
      }));
    },
  );

  web.put(
    '/api/v1/disclosures/seen',
    { config: { access: 'household' }, schema: { summary: 'You looked at them', response: { 200: Type.Object({}) } } },
    async ({ who }) => {
      disclosures.seen(who.id);
      return {};
    },
  );

  web.get(
    '/api/v1/disclosures/recorded',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'All that was written down, with the day from which each may be told',
        response: {
          200: Type.Array(
            Type.Object({
              number: Type.Integer(),
              person: Type.String(),
              name: Type.String(),
              authority: Type.String(),
              basis: Type.String(),
              what: Type.String(),
              disclosed: Time,
              tell: Time,
              told: Time,
            }),
          ),
        },
      },
    },
    async () =>
      disclosures.recorded().map(({ number, subject, authority, basis, what, disclosedUtcMs, tellUtcMs, toldUtcMs }) => ({
        number,
        person: subject,
        name: people.accounts.get(subject)?.name ?? '',
        authority,
        basis,
        what,
        disclosed: iso(disclosedUtcMs),
        tell: iso(tellUtcMs),
        told: iso(toldUtcMs),
      })),
  );

  web.post(
    '/api/v1/disclosures',
    {
      config: { access: 'owner', again: 'always' },
      schema: {
        summary: 'Write down that an authority was given data of a person; they are told at once, or from the day on which that is allowed',
        body: Type.Object({
          person: Type.String({ maxLength: 64 }),
          authority: Words,
          basis: Type.String({ minLength: 2, maxLength: 300, description: 'the law or order' }),
          what: Words,
          disclosed: Type.Optional(Type.String({ description: 'when; now unless told' })),
          tell: Type.Optional(Type.String({ description: 'from when they may be told, where telling is forbidden until then' })),
        }),
        response: { 201: Type.Object({ told: Type.Boolean() }) },
      },
    },
    async ({ who, body: { person, authority, basis, what, disclosed, tell } }, reply) => {
      if (people.accounts.get(person) === undefined)
        throw new ApiError(404, 'no-person', `There is no person '${person}'.`, 'See /api/v1/people.');
      const disclosedUtcMs = timeOf(disclosed, house.now(), 'disclosed');
      const tellUtcMs = tell === undefined ? null : timeOf(tell, house.now(), 'tell');
      if (tellUtcMs !== null && tellUtcMs - house.now() > MOST_DELAY_DAYS * DAY_MS)
        throw new ApiError(422, 'tell', 'A notice is put off for ten years at most.', 'Give the day that the order names.');
      disclosures.record({ subject: person, authority, basis, what, disclosedUtcMs, tellUtcMs }, who.actor);
      return reply.code(201).send({ told: tellUtcMs === null || tellUtcMs <= house.now() });
    },
  );

  web.get(
    '/api/v1/processors',
    {
      config: { access: 'household' },
      schema: {
        summary: 'Who processes data for this household, what each can get at most, and which are in use',
        response: {
          200: Type.Array(
            Type.Object({
              id: Type.String(),
              words: Type.String(),
              needs: Type.String(),
              gets: Type.Array(Type.String()),
              used: Type.Array(Type.String()),
            }),
          ),
        },
      },
    },
    async () =>
      (Object.keys(processors) as ProcessorId[]).map((id) => {
        const { words, needs, gets, used } = processors[id];
        return { id, words, needs, gets: [...gets], used: [...used(house)] };
      }),
  );
}
