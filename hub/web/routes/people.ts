import { Type } from '../../../firmware/schema/type.ts';
import { AccountError } from '../../people/accounts.ts';
import { ageGroup, BirthDateError, birthDateOf, dayIn } from '../../people/age.ts';
import { collect } from '../../people/collection.ts';
import { CONSENT_TEXT } from '../../people/guardians.ts';
import type { Invitation } from '../../people/invitations.ts';
import { HOME } from '../../people/subjects.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';
import { Session } from '../schemas.ts';
import { timeOf } from './measurements.ts';
import { cleanName, Name, needGoodPassword, Password } from './session.ts';

const Subject = Type.Object({ subject: Type.String({ maxLength: 64 }) });
const Person = Type.Object({
  id: Type.String(),
  name: Type.String(),
  role: Type.String({ description: 'owner, member or guest' }),
  state: Type.String({ description: 'active, or waiting for a guardian’s consent' }),
  watches: Type.Boolean({ description: 'who may watch the camera now' }),
  /** Of a guest. */
  views: Type.Array(
    Type.Object({
      from: Type.String({ format: 'date-time' }),
      until: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
      hours: Type.Union([Type.String({ description: 'HH:MM-HH:MM of each day' }), Type.Null()]),
    }),
    { description: 'when they may watch; empty: not, or always' },
  ),
  /** Set for a minor, to the guardian and the minor themselves. */
  guardian: Type.Union([Type.Object({ name: Type.String(), isYou: Type.Boolean(), state: Type.String() }), Type.Null()]),
});
const InvitationBody = Type.Object({
  id: Type.String(),
  role: Type.String(),
  child: Type.Boolean(),
  ends: Type.String({ format: 'date-time' }),
});

const HOURS = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/;
/** Minutes of the day; null for the whole of it. */
function hoursOf(text: string | undefined): { fromMin: number; toMin: number } | null {
  const [, fromHour, fromMinute, toHour, toMinute] = HOURS.exec(text ?? '') ?? [];
  if (fromHour === undefined) return null;
  return { fromMin: Number(fromHour) * 60 + Number(fromMinute), toMin: Number(toHour) * 60 + Number(toMinute) };
}
const clockOf = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

export const noPerson = (): ApiError => new ApiError(404, 'no-person', 'There is no such person here.', 'See /api/v1/people.');

/** Who lives here, who was invited, and who is whose guardian. */
export function peopleRoutes(web: Web, { house, people, signIn }: WebContext): void {
  const { accounts, invitations, guardians, identities, operations, viewGrants, key, zone } = people;

  web.get(
    '/api/v1/people',
    { config: { access: 'any-account' }, schema: { summary: 'Who is here', response: { 200: Type.Array(Person) } } },
    async ({ who }) => {
      const all = accounts.list();
      // A guest and a minor who waits see themselves alone.
      const seen = who.standing === 'guest' || who.standing === 'waiting' ? all.filter(({ id }) => id === who.id) : all;
      return seen.map(({ id, name, role, state, watches }) => {
        const guardianship = guardians.of(id);
        const isShown = guardianship !== undefined && (guardianship.guardian === who.id || id === who.id);
        return {
          id,
          name,
          role,
          state,
          watches: role !== 'guest' || watches || viewGrants.allows(id, 'home', house.now()),
          views: viewGrants.of(id, house.now()).map(({ fromMs, endsMs, hours }) => ({
            from: new Date(fromMs).toISOString(),
            until: endsMs === null ? null : new Date(endsMs).toISOString(),
            hours: hours === null ? null : `${clockOf(hours.fromMin)}-${clockOf(hours.toMin)}`,
          })),
          guardian: isShown
            ? {
                name: accounts.get(guardianship.guardian)?.name ?? '',
                isYou: guardianship.guardian === who.id,
                state: guardianship.state,
              }
            : null,
        };
      });
    },
  );

  web.get(
    '/api/v1/invitations',
    { config: { access: 'household' }, schema: { summary: 'Open invitations', response: { 200: Type.Array(InvitationBody) } } },
    async ({ who }) =>
      invitations
        .list(house.now())
        .filter(({ inviter }) => inviter === who.id || who.standing === 'owner' || who.standing === 'machine')
        .map(({ id, role, child, endsUtcMs }) => ({ id, role, child, ends: new Date(endsUtcMs).toISOString() })),
  );

  web.post(
    '/api/v1/invitations',
    {
      config: { access: 'household' },
      schema: {
        summary: 'Invite somebody by a one-time code; whom you send it to is not kept',
        body: Type.Object({
          role: Type.Enum(['member', 'guest']),
          child: Type.Optional(Type.Boolean({ description: 'for a minor: you will be the guardian' })),
          contact: Type.Optional(
            Type.String({ minLength: 3, maxLength: 200, description: 'only compared, as a hash, with open invitations' }),
          ),
        }),
        response: { 201: Type.Object({ code: Type.String(), ends: Type.String({ format: 'date-time' }) }) },
      },
    },
    async ({ who, body: { role, child = false, contact } }, reply) => {
      if (!child && who.standing === 'member')
        throw new ApiError(403, 'not-yours', 'Who runs the hub invites.', 'Ask them; you may invite a child of yours.');
      if (guardians.of(who.id) !== undefined && guardians.of(who.id)?.state !== 'handed-over')
        throw new ApiError(403, 'minor', 'Who is not of age does not invite.', 'Ask who runs the hub.');
      if (contact !== undefined && invitations.invitedBefore(contact, house.now()))
        throw new ApiError(409, 'invited', 'Somebody at this address is invited already.', 'Wait for them, or withdraw that invitation.');
      const code = invitations.make({ role: child ? 'member' : role, child, inviter: who.id }, house.now());
      if (code === undefined) throw new ApiError(409, 'full', 'Too many invitations are open.', 'Withdraw some of them.');
      operations.append({ kind: 'invitation-made', actor: who.actor, subject: HOME, detail: { role, child } });
      const ends = invitations.find(code, house.now())!.endsUtcMs;
      return reply.code(201).send({ code, ends: new Date(ends).toISOString() });
    },
  );

  web.delete(
    '/api/v1/invitations/:id',
    {
      config: { access: 'household' },
      schema: { summary: 'Withdraw an invitation', params: Type.Object({ id: Type.String({ maxLength: 20 }) }) },
    },
    async ({ who, params: { id } }, reply) => {
      const own = invitations.list(house.now()).find((one) => one.id === id && (one.inviter === who.id || who.standing !== 'member'));
      if (own === undefined || !invitations.withdraw(id))
        throw new ApiError(404, 'no-invitation', 'There is no such invitation.', 'See /api/v1/invitations.');
      operations.append({ kind: 'invitation-withdrawn', actor: who.actor, subject: HOME });
      return reply.code(204).send();
    },
  );

  web.post(
    '/api/v1/join',
    {
      config: { access: 'anyone' },
      schema: {
        summary: 'Make an account with an invitation',
        body: Type.Object({
          code: Type.String({ minLength: 1, maxLength: 40 }),
          name: Name,
          password: Password,
          birthDate: Type.Optional(Type.String({ maxLength: 10, description: 'YYYY-MM-DD; needed of all but guests, for the age limits' })),
        }),
        response: { 201: Session },
      },
    },
    async (request, reply) => {
      const { code, password, birthDate } = request.body;
      const name = cleanName(request.body.name);
      const nowMs = house.now();
      const invitation = await signIn.guess(request, 'join', async () => invitations.find(code, nowMs));
      if (invitation === undefined) throw noInvitation();
      needGoodPassword(password, name);
      const group = invitation.role === 'guest' ? 'adult' : groupOf(birthDate, invitation);
      for (const category of ['identity', 'technical'] as const) collect(operations, 'account', category, 'nobody', HOME);
      const account = await accounts
        .add({ name, password, role: invitation.role, state: group === 'minor' ? 'waiting' : 'active' }, nowMs, (made) => {
          // Used up in the transaction that makes the account: the same code never makes two.
          if (!invitations.take(code, nowMs)) throw noInvitation();
          if (group === 'minor') guardians.ask(made.id, invitation.inviter);
          if (invitation.role !== 'guest' && birthDate !== undefined) identities.set(made.id, { birthDate });
        })
        .catch((error: unknown) => {
          if (error instanceof AccountError && error.kind === 'taken')
            throw new ApiError(409, 'name-taken', 'Somebody here has this name.', 'Choose another, a second letter will do.');
          if (error instanceof AccountError)
            throw new ApiError(409, 'full', 'This hub has as many accounts as it takes.', 'Ask who runs it.');
          throw error;
        });
      operations.append({ kind: 'account-made', actor: account.id, subject: account.id, detail: { role: account.role } });
      const who = signIn.start(request, reply, account);
      return reply.code(201).send({ claimed: true, signedIn: true, id: who.id, name: who.name, standing: who.standing });
    },
  );

  const noInvitation = (): ApiError =>
    new ApiError(
      404,
      'no-invitation',
      'This invitation is not open.',
      'It may be mistyped, used, or older than two days: ask for a new one.',
    );

  const groupOf = (birthDate: string | undefined, { child }: Invitation) => {
    if (birthDate === undefined)
      throw new ApiError(
        400,
        'birth-date',
        'Your birth date is needed.',
        'It decides whether a guardian must agree, and stays in your own file.',
      );
    const group = groupOfDate(birthDate);
    if (group === 'under-age') {
      operations.append({ kind: 'under-age-refused', actor: 'nobody', subject: HOME });
      throw new ApiError(403, 'under-age', 'An account is for people of 13 years and over.', 'Nothing of what you entered was kept.');
    }
    if (child && group === 'adult')
      throw new ApiError(403, 'not-a-child', 'This invitation is for somebody under 18.', 'Ask who runs the hub for an invitation.');
    return group;
  };
  const groupOfDate = (birthDate: string) => {
    const today = dayIn(zone, house.now());
    try {
      return ageGroup(birthDateOf(birthDate, today), today);
    } catch (error) {
      if (error instanceof BirthDateError) throw new ApiError(400, 'birth-date', `${error.message}.`, 'Write it like 1990-02-28.');
      throw error;
    }
  };

  web.get(
    '/api/v1/consent-text',
    {
      config: { access: 'anyone' },
      schema: { summary: 'What a guardian agrees to', response: { 200: Type.Object({ text: Type.String() }) } },
    },
    async () => ({ text: CONSENT_TEXT }),
  );

  web.post(
    '/api/v1/people/:subject/consent',
    {
      config: { access: 'guardian', again: 'if-set' },
      schema: {
        summary: 'Agree as the guardian: a receipt signed by the hub',
        params: Subject,
        body: Type.Object({ agree: Type.Literal(true) }),
        response: { 200: Type.Object({ receipt: Type.String() }) },
      },
    },
    async ({ who, params: { subject } }) => ({ receipt: await guardians.consent(subject, who.id, house.now()) }),
  );

  web.delete(
    '/api/v1/people/:subject/consent',
    { config: { access: 'guardian' }, schema: { summary: 'Take the consent back: nothing more is collected', params: Subject } },
    async ({ who, params: { subject } }, reply) => {
      if (guardians.of(subject)?.state !== 'given')
        throw new ApiError(409, 'no-consent', 'There is no consent to take back.', 'See /api/v1/people.');
      guardians.withdraw(subject, who.id, house.now());
      return reply.code(204).send();
    },
  );

  web.get(
    '/api/v1/people/:subject/consent',
    {
      config: { access: 'own' },
      schema: {
        summary: 'The receipt of a guardian’s consent',
        params: Subject,
        response: { 200: Type.Object({ receipt: Type.Union([Type.String(), Type.Null()]) }) },
      },
    },
    async ({ params: { subject } }) => ({ receipt: guardians.of(subject)?.receipt ?? null }),
  );

  web.get(
    '/api/v1/receipts/key',
    { config: { access: 'anyone' }, schema: { summary: 'The hub’s public key (JWK), to check receipts with' } },
    () => key.publicJwk(),
  );

  web.put(
    '/api/v1/people/:subject/camera',
    {
      config: { access: 'owner', again: 'if-set' },
      schema: {
        summary: 'Let a guest watch the camera, always or within a time, or no longer',
        params: Subject,
        body: Type.Object({
          watches: Type.Boolean({ description: 'false takes all of it back, at once' }),
          from: Type.Optional(Type.String({ description: 'a time; left out: now' })),
          until: Type.Optional(Type.String({ description: 'a time; left out: until it is taken back' })),
          hours: Type.Optional(Type.String({ pattern: HOURS.source, description: 'HH:MM-HH:MM of each day; left out: all day' })),
        }),
      },
    },
    async ({ who, params: { subject }, body: { watches, from, until, hours } }, reply) => {
      if (accounts.get(subject)?.role !== 'guest') throw noPerson();
      const isBounded = from !== undefined || until !== undefined || hours !== undefined;
      const fromMs = from === undefined ? house.now() : timeOf(from, 0, 'from');
      const endsMs = until === undefined ? null : timeOf(until, 0, 'until');
      if (watches && endsMs !== null && endsMs <= Math.max(fromMs, house.now()))
        throw new ApiError(400, 'until', `'until' (${until}) is over before it begins.`, 'Give a later time.');
      viewGrants.takeBack(subject);
      accounts.setWatches(subject, watches && !isBounded);
      if (watches && isBounded) viewGrants.give({ account: subject, camera: 'home', fromMs, endsMs, hours: hoursOf(hours), by: who.id });
      const detail = { from: from ?? null, until: until ?? null, hours: hours ?? null };
      operations.append({
        kind: watches ? 'camera-granted' : 'camera-withdrawn',
        actor: who.actor,
        subject,
        ...(watches ? { detail } : {}),
      });
      return reply.code(204).send();
    },
  );

  web.delete(
    '/api/v1/guests/:guest',
    {
      config: { access: 'owner' },
      schema: { summary: 'Remove a guest’s account', params: Type.Object({ guest: Type.String({ maxLength: 64 }) }) },
    },
    async ({ who, params: { guest } }, reply) => {
      if (accounts.get(guest)?.role !== 'guest') throw noPerson();
      accounts.remove(guest);
      viewGrants.forget(guest);
      operations.append({ kind: 'account-removed', actor: who.actor, subject: guest });
      return reply.code(204).send();
    },
  );
}
