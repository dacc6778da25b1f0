import { Type } from '../../../firmware/schema/type.ts';
import { LEAST_PASSPHRASE } from '../../rights/archive/seal.ts';
import { copiesMade, MOST_KEPT, openCopies } from '../../rights/copies/copies.ts';
import { spans } from '../../rights/copies/schedule.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';

const Time = Type.String({ format: 'date-time' });
const Place = Type.String({ minLength: 2, maxLength: 500 });
const Made = Type.Object({ at: Time, place: Type.String(), file: Type.String(), bytes: Type.Integer() });

/** Copies of everything by schedule, onto a stick or into a folder (C1). */
export function copyRoutes(web: Web, { house, people }: WebContext): void {
  const places = (): readonly string[] => house.copyPlaces?.() ?? [];
  const copies = openCopies({ data: house.data, store: house.store, people, places, now: house.now });
  const making = new Set<string>();
  const iso = (ms: number): string => new Date(ms).toISOString();

  web.get(
    '/api/v1/copies',
    {
      config: { access: 'household' },
      schema: {
        summary: 'How copies of everything of yours are set up, those that were made, and why one failed',
        response: {
          200: Type.Object({
            places: Type.Array(Type.String(), { description: 'drives and folders that there are now' }),
            settings: Type.Union([
              Type.Object({
                place: Type.String(),
                every: Type.String(),
                keep: Type.Integer(),
                sealed: Type.Boolean(),
                isThere: Type.Boolean(),
              }),
              Type.Null(),
            ]),
            trouble: Type.Union([Type.Object({ message: Type.String(), since: Time }), Type.Null()]),
            made: Type.Array(Made),
          }),
        },
      },
    },
    async ({ who }) => {
      const { settings, trouble } = copies.state(who.id);
      const now = places();
      return {
        places: [...now],
        settings:
          settings === undefined
            ? null
            : {
                place: settings.place,
                every: settings.span,
                keep: settings.keep,
                sealed: settings.isSealed,
                isThere: now.includes(settings.place),
              },
        trouble: trouble === undefined ? null : { message: trouble.message, since: iso(trouble.sinceUtcMs) },
        made: copiesMade(people, who.id).map(({ atUtcMs, body: { place, file, bytes } }) => ({ at: iso(atUtcMs), place, file, bytes })),
      };
    },
  );

  web.put(
    '/api/v1/copies',
    {
      config: { access: 'household', again: 'if-set' },
      schema: {
        summary: 'Have copies made by themselves',
        body: Type.Object({
          place: Place,
          every: Type.Enum([...spans]),
          keep: Type.Integer({ minimum: 1, maximum: MOST_KEPT }),
          passphrase: Type.Optional(
            Type.String({
              minLength: LEAST_PASSPHRASE,
              maxLength: 200,
              description: 'seals them (age); the hub keeps it, encrypted, to read copies back',
            }),
          ),
        }),
        response: { 200: Type.Object({ place: Type.String() }) },
      },
    },
    async ({ who, body: { place, every, keep, passphrase } }) => {
      if (!places().includes(place))
        throw new ApiError(
          422,
          'place',
          `${place} is no place for copies now.`,
          'Plug a drive in, or have who runs the hub name a folder under `copies` in hearth.yaml.',
        );
      copies.set(who.id, { place, span: every, keep }, passphrase ?? null);
      people.operations.append({
        kind: 'copies',
        actor: who.actor,
        subject: who.id,
        detail: { every, keep, sealed: passphrase !== undefined },
      });
      return { place };
    },
  );

  web.delete(
    '/api/v1/copies',
    {
      config: { access: 'household' },
      schema: { summary: 'No more copies; those that there are stay', response: { 200: Type.Object({}) } },
    },
    async ({ who }) => {
      copies.set(who.id, undefined, null);
      people.operations.append({ kind: 'copies', actor: who.actor, subject: who.id, detail: { every: 'never' } });
      return {};
    },
  );

  web.post(
    '/api/v1/copies/run',
    {
      config: { access: 'household', again: 'if-set', vault: 'own' },
      schema: { summary: 'Make one now, and read it back', response: { 201: Made } },
    },
    async ({ who }, reply) => {
      if (copies.state(who.id).settings === undefined)
        throw new ApiError(409, 'none', 'No copies are set up.', 'Choose a place and how often first.');
      if (making.has(who.id)) throw new ApiError(409, 'busy', 'A copy is being made.', 'Wait until it is there.');
      making.add(who.id);
      try {
        const { place, file, bytes } = await copies.make(who.id);
        return reply.code(201).send({ at: iso(house.now()), place, file, bytes });
      } catch (error) {
        throw new ApiError(
          502,
          'copy',
          `The copy was not made: ${error instanceof Error ? error.message : error}.`,
          'The older ones are untouched.',
        );
      } finally {
        making.delete(who.id);
      }
    },
  );
}
