import { Type } from '../../../firmware/schema/type.ts';
import { ageGroup, BirthDateError, birthDateOf, dayIn } from '../../people/age.ts';
import { erasePerson } from '../../rights/erase.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';
import { noPerson } from './people.ts';

/** Data of somebody under 13, or of a minor without consent, is erased at once, as soon as it is known (F6). */
export function underAgeRoutes(web: Web, { house, people }: WebContext): void {
  web.post(
    '/api/v1/people/:subject/under-age-erasure',
    {
      config: { access: 'guardian-or-machine', again: 'always' },
      schema: {
        summary: 'Erase for ever what is kept of a child under 13, or of a minor without consent; answers with the proof',
        params: Type.Object({ subject: Type.String({ maxLength: 64 }) }),
        body: Type.Object({
          birthDate: Type.Optional(Type.String({ description: 'the true one, YYYY-MM-DD; of a child under 13', maxLength: 10 })),
        }),
        response: {
          200: Type.Object({
            places: Type.Array(Type.Object({ id: Type.String(), what: Type.String(), state: Type.String() })),
            receipt: Type.String(),
          }),
        },
      },
    },
    async ({ who, params: { subject }, body: { birthDate } }) => {
      const account = people.accounts.get(subject);
      if (account === undefined || account.role !== 'member') throw noPerson();
      const today = dayIn(people.zone, house.now());
      const known = birthDate ?? people.identities.get(subject).birthDate;
      try {
        const isUnderAge = known !== undefined && ageGroup(birthDateOf(known, today), today) === 'under-age';
        if (!isUnderAge && account.state !== 'waiting')
          throw new ApiError(
            409,
            'not-under-age',
            `${account.name} is neither under 13 nor a minor without consent.`,
            'Give the true birth date, or let them delete their account themselves.',
          );
      } catch (error) {
        if (error instanceof BirthDateError) throw new ApiError(400, 'birth-date', `${error.message}.`, 'Write it like 2015-02-28.');
        throw error;
      }
      const context = { store: house.store, people, tellTargets: (one: string) => house.sync?.()?.erase(one) };
      const { places, receipt } = await erasePerson(context, subject, who.actor, 'under age', house.now());
      return { places: [...places], receipt };
    },
  );
}
