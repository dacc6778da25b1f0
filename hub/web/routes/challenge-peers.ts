import { Type } from '../../../firmware/schema/type.ts';
import { type Member, newToken } from '../../people/challenges.ts';
import type { Looking } from '../../rights/challenges/looking.ts';
import { agrees, signed } from '../../rights/challenges/peer.ts';
import { termsHash } from '../../rights/challenges/terms.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';
import { needWebAddress, RegistrationError } from '../partner-addresses.ts';

/** A page that more take part in is a race, not a household's challenge; each is asked when somebody looks. */
export const MOST_MEMBERS = 50;
/** Pages that look at once; each asks every member. */
const MOST_LOOKING = 8;
const Secret = Type.String({ minLength: 10, maxLength: 100 });
const SignedBody = Type.Object({ answer: Type.String(), signature: Type.String() });
const Shown = Type.Object({ member: Type.String({ maxLength: 40 }), token: Secret, nonce: Type.String({ minLength: 10, maxLength: 40 }) });

/** What other hubs ask of this one for a challenge: by a one-time code, then by a token of that one membership, and nothing else. */
export function challengePeerRoutes(web: Web, { house, people, signIn }: WebContext, looking: Looking): void {
  const { challenges, operations, key } = people;
  let open = 0;
  const over = (): ApiError => new ApiError(410, 'over', 'It is over, was left, or was never.', 'Ask for a new invitation.');
  const noInvitation = (): ApiError => new ApiError(404, 'no-invitation', 'This invitation was used, or is too old.', 'Ask for a new one.');
  const memberOf = (id: string, token: string): Member => {
    const member = challenges.byPeer(id, token);
    if (member === undefined || member.leftMs !== null) throw over();
    const challenge = challenges.get(member.challenge);
    if (challenge === undefined || !challenges.isOpen(challenge, house.now())) throw over();
    return member;
  };

  web.post(
    '/api/v1/challenge-peers/terms',
    {
      config: { access: 'anyone' },
      schema: {
        summary: 'For another hub: the terms of a challenge, by the code of an invitation',
        body: Type.Object({ code: Secret }),
        response: {
          200: Type.Object({
            name: Type.String(),
            kind: Type.String(),
            terms: Type.String(),
            from: Type.Integer(),
            to: Type.Integer(),
            ends: Type.Integer(),
          }),
        },
      },
    },
    async (request) => {
      const challenge = await signIn.guess(request, 'challenge', async () => challenges.invited(request.body.code, house.now()));
      if (challenge === undefined) throw noInvitation();
      const { name, kind, terms, fromMs, toMs, endsMs } = challenge;
      return { name, kind, terms, from: fromMs, to: toMs, ends: endsMs };
    },
  );

  web.post(
    '/api/v1/challenge-peers/join',
    {
      config: { access: 'anyone' },
      schema: {
        summary: 'For another hub: one of its people takes part, with a receipt for the terms that its key signed',
        body: Type.Object({
          code: Secret,
          termsHash: Type.String({ maxLength: 64 }),
          receipt: Type.String({ maxLength: 16_384 }),
          key: Type.String({ maxLength: 400, description: 'JWK of that hub (Ed25519)' }),
          name: Type.String({ minLength: 1, maxLength: 60 }),
          showsOwn: Type.Boolean(),
          url: Type.String({ maxLength: 200 }),
          member: Type.String({ maxLength: 40 }),
          token: Secret,
        }),
        response: { 201: Type.Object({ member: Type.String(), token: Type.String(), key: Type.String() }) },
      },
    },
    async (request, reply) => {
      const { code, receipt, name, showsOwn, member, token, ...body } = request.body;
      const challenge = await signIn.guess(request, 'challenge', async () => challenges.invited(code, house.now()));
      if (challenge === undefined) throw noInvitation();
      if (body.termsHash !== termsHash(challenge.terms))
        throw new ApiError(409, 'terms', 'These are not the terms of this challenge.', 'Read them again and agree to those.');
      if (!agrees(receipt, body.key, challenge.terms))
        throw new ApiError(
          403,
          'receipt',
          'The receipt is not signed by that hub, or not for these terms.',
          'Agree to the terms on your hub.',
        );
      if (challenges.members(challenge.id).length >= MOST_MEMBERS)
        throw new ApiError(409, 'full', `${MOST_MEMBERS} take part already.`, 'Make another challenge.');
      const url = originOf(body.url);
      // Last of all: a code is used up by who takes part, not by who tries.
      if (!challenges.take(code, house.now())) throw noInvitation();
      const peerShows = newToken();
      const joined = challenges.join(
        {
          challenge: challenge.id,
          account: null,
          name: plain(name),
          showsOwn,
          receipt,
          peer: { url, member, token, key: body.key },
          peerShows,
        },
        house.now(),
      );
      return reply.code(201).send({ member: joined.id, token: peerShows, key: JSON.stringify(await key.publicJwk()) });
    },
  );

  web.post(
    '/api/v1/challenge-peers/steps',
    {
      config: { access: 'anyone' },
      schema: { summary: 'For another hub: how many steps one member took in the agreed days', body: Shown, response: { 200: SignedBody } },
    },
    async ({ body: { member: id, token, nonce } }) => {
      const member = memberOf(id, token);
      const challenge = challenges.get(member.challenge)!;
      if (member.account === null || people.accounts.get(member.account) === undefined) throw over();
      challenges.asked(member.id, house.now());
      operations.appendOnce({ kind: 'read', actor: 'nobody', subject: member.account, detail: { challenge: challenge.name } });
      return signed(key, { nonce, steps: looking.steps(member.account, challenge) });
    },
  );

  web.post(
    '/api/v1/challenge-peers/standing',
    {
      config: { access: 'anyone' },
      schema: { summary: 'For another hub: what its member may see of a challenge', body: Shown, response: { 200: SignedBody } },
    },
    async ({ body: { member: id, token, nonce } }) => {
      const member = memberOf(id, token);
      const challenge = challenges.get(member.challenge)!;
      if (challenge.hostUrl !== null) throw over();
      if (open >= MOST_LOOKING) throw new ApiError(503, 'busy', 'Many look at once.', 'Look again in a moment.');
      open++;
      try {
        return signed(key, { nonce, standing: await looking.standing(challenge, member.id) });
      } finally {
        open--;
      }
    },
  );

  web.post(
    '/api/v1/challenge-peers/leave',
    {
      config: { access: 'anyone' },
      schema: {
        summary: 'For another hub: its member left, or the challenge that it runs has ended',
        body: Type.Object({ member: Type.String({ maxLength: 40 }), token: Secret }),
        response: { 200: Type.Object({ left: Type.Boolean() }) },
      },
    },
    async ({ body: { member: id, token } }) => {
      const member = memberOf(id, token);
      if (member.account !== null)
        operations.append({
          kind: 'challenge-left',
          actor: 'nobody',
          subject: member.account,
          detail: { challenge: challenges.get(member.challenge)!.name },
        });
      return { left: challenges.leave(member.id, house.now()) };
    },
  );
}

/** Other people's words for themselves, without what turns a page around. */
export const plain = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '').trim() || 'somebody';

/** The origin of another hub's address. Throws ApiError. */
export function originOf(text: string): string {
  try {
    needWebAddress(text, 'the other hub');
  } catch (error) {
    if (!(error instanceof RegistrationError)) throw error;
    throw new ApiError(400, 'address', `${error.message}.`, 'Give the address that its page opens under.');
  }
  return new URL(text).origin;
}
