import { Type } from '../../../firmware/schema/type.ts';
import { ageGroup, BirthDateError, birthDateOf, dayIn } from '../../people/age.ts';
import { collect } from '../../people/collection.ts';
import { type Identity, identityFields } from '../../people/identity.ts';
import { regionsFor } from '../../sync/residency.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';
import { noPerson } from './people.ts';

const Subject = Type.Object({ subject: Type.String({ maxLength: 64 }) });
/** A square of some 256 pixels; the page makes it so. */
const MOST_PHOTO_CHARACTERS = 48_000;
const Text = Type.String({ minLength: 1, maxLength: 80 });
const Profile = Type.Object(
  {
    firstName: Type.Optional(Text),
    surname: Type.Optional(Text),
    birthDate: Type.Optional(Type.String({ maxLength: 10 })),
    email: Type.Optional(Type.String({ pattern: '^[^\\s@]+@[^\\s@]+$', maxLength: 200 })),
    photo: Type.Optional(
      Type.String({ pattern: '^data:image/(jpeg|png|webp);base64,[A-Za-z0-9+/]+=*$', maxLength: MOST_PHOTO_CHARACTERS }),
    ),
    heightM: Type.Optional(Type.Number({ minimum: 0.4, maximum: 2.6 })),
    sex: Type.Optional(Type.Enum(['female', 'male'])),
    recordsRegion: Type.Optional(Type.Enum(regionsFor('records'))),
    videoRegion: Type.Optional(Type.Enum(regionsFor('video'))),
  },
  { additionalProperties: false },
);

/** Who a person is, apart from what is measured of them. */
export function profileRoutes(web: Web, { house, people }: WebContext): void {
  const { accounts, identities, operations, zone } = people;
  const isPerson = (subject: string): boolean => {
    const role = accounts.get(subject)?.role;
    return role === 'owner' || role === 'member';
  };

  web.get(
    '/api/v1/profile-fields',
    {
      config: { access: 'anyone' },
      schema: {
        summary: 'What a profile may hold, each optional, and which feature needs it',
        response: {
          200: Type.Array(Type.Object({ id: Type.String(), label: Type.String(), category: Type.String(), neededFor: Type.String() })),
        },
      },
    },
    async () => Object.entries(identityFields).map(([id, field]) => ({ id, ...field })),
  );

  web.get(
    '/api/v1/people/:subject/profile',
    { config: { access: 'own' }, schema: { summary: 'A person’s profile', params: Subject, response: { 200: Profile } } },
    async ({ params: { subject } }) => {
      if (!isPerson(subject)) throw noPerson();
      return identities.get(subject);
    },
  );

  web.put(
    '/api/v1/people/:subject/profile',
    {
      config: { access: 'own' },
      schema: { summary: 'Set the profile: a field left out is removed', params: Subject, body: Profile, response: { 200: Profile } },
    },
    async ({ who, params: { subject }, body }) => {
      if (!isPerson(subject)) throw noPerson();
      const before = identities.get(subject);
      const next: Identity = body;
      checkBirthDate(before, next, people.guardians.of(subject) !== undefined && who.id === subject);
      for (const field of Object.keys(next) as (keyof Identity)[])
        collect(operations, 'account', identityFields[field].category, who.actor, subject);
      identities.set(subject, next);
      const changed = (Object.keys(identityFields) as (keyof Identity)[]).filter((field) => before[field] !== next[field]);
      if (changed.includes('recordsRegion') || changed.includes('videoRegion')) {
        house.sync?.()?.wake();
        await house.video?.()?.regionChanged();
      }
      if (changed.length > 0)
        operations.append({ kind: 'profile-changed', actor: who.actor, subject, detail: { fields: changed.join(', ') } });
      return next;
    },
  );

  /** Ages decide rights: a minor does not make themselves older, and nobody is under 13 here. */
  const checkBirthDate = (before: Identity, { birthDate }: Identity, isMinorThemselves: boolean): void => {
    if (birthDate === before.birthDate) return;
    if (isMinorThemselves)
      throw new ApiError(403, 'birth-date', 'Your guardian changes your birth date.', 'Ask them to open your profile.');
    if (birthDate === undefined) return;
    const today = dayIn(zone, house.now());
    try {
      if (ageGroup(birthDateOf(birthDate, today), today) === 'under-age')
        throw new ApiError(
          409,
          'under-age',
          'Nobody under 13 may have an account here.',
          'If this date is right, erase the account: a guardian does so under People.',
        );
    } catch (error) {
      if (error instanceof BirthDateError) throw new ApiError(400, 'birth-date', `${error.message}.`, 'Write it like 1990-02-28.');
      throw error;
    }
  };
}
