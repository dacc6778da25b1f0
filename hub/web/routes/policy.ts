import { Type } from '../../../firmware/schema/type.ts';
import { differenceOf } from '../../people/policy.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';

const Time = Type.String({ format: 'date-time' });
const Named = Type.Array(Type.Object({ id: Type.String(), words: Type.String() }));
const Query = Type.Object({ subject: Type.Optional(Type.String({ maxLength: 64 })) });
const MOST_PURPOSES = 100;

/** The household's policy, what changed in it, and the yes that new purposes wait for (F7). */
export function policyRoutes(web: Web, { house, people }: WebContext): void {
  const { policy, operations, guardians, records, key } = people;
  const iso = (ms: number): string => new Date(ms).toISOString();

  web.get(
    '/api/v1/policy',
    {
      config: { access: 'anyone' },
      schema: {
        summary: 'The household’s policy, named by its SHA-256; an older one by its hash',
        querystring: Type.Object({ hash: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })) }),
        response: {
          200: Type.Object({
            hash: Type.String(),
            from: Time,
            text: Type.String(),
            purposes: Named,
            versions: Type.Array(Type.Object({ hash: Type.String(), from: Time })),
          }),
        },
      },
    },
    async ({ query: { hash } }) => {
      policy.look();
      const version = hash === undefined ? policy.current() : policy.versions().findLast((one) => one.hash === hash);
      if (version === undefined) throw new ApiError(404, 'no-policy', 'No such text was ever in force here.', 'See /api/v1/policy.');
      return {
        hash: version.hash,
        from: iso(version.fromUtcMs),
        text: version.text,
        purposes: [...version.purposes],
        versions: policy.versions().map((one) => ({ hash: one.hash, from: iso(one.fromUtcMs) })),
      };
    },
  );

  web.get(
    '/api/v1/policy/changes',
    {
      config: { access: 'own' },
      schema: {
        summary: 'What changed since the policy that you, or the subject named, agreed to, and what waits for a yes',
        querystring: Query,
        response: {
          200: Type.Object({
            agreed: Type.Object({ hash: Type.String(), from: Time }),
            current: Type.Object({ hash: Type.String(), from: Time }),
            difference: Type.Array(Type.Object({ kind: Type.String({ description: 'same, gone or new' }), text: Type.String() })),
            waiting: Named,
          }),
        },
      },
    },
    async ({ who, query: { subject = who.id } }) => {
      policy.look();
      const [agreed, current] = [policy.agreed(subject), policy.current()];
      return {
        agreed: { hash: agreed.hash, from: iso(agreed.fromUtcMs) },
        current: { hash: current.hash, from: iso(current.fromUtcMs) },
        difference: agreed.hash === current.hash ? [] : differenceOf(agreed.text, current.text),
        waiting: policy.waiting(subject),
      };
    },
  );

  web.post(
    '/api/v1/policy/answer',
    {
      config: { access: 'own' },
      schema: {
        summary: 'You read the current policy; with a yes to those of the new purposes that are named. Answers with a signed receipt',
        querystring: Query,
        body: Type.Object({
          hash: Type.String({ maxLength: 64, description: 'of the text that was read' }),
          yes: Type.Array(Type.String({ maxLength: 40 }), { maxItems: MOST_PURPOSES }),
        }),
        response: { 200: Type.Object({ receipt: Type.String(), waiting: Named }) },
      },
    },
    async ({ who, query: { subject = who.id }, body: { hash, yes } }) => {
      policy.look();
      const current = policy.current();
      if (hash !== current.hash)
        throw new ApiError(409, 'changed', 'The policy changed again meanwhile.', 'Read it, and answer to that text.');
      const isWard = guardians.of(subject)?.state === 'given';
      if (isWard && subject === who.id && yes.length > 0)
        throw new ApiError(403, 'guardian', 'A new purpose needs your guardian’s yes.', 'Ask them to open your page and say it.');
      const waiting = policy.waiting(subject);
      const unknown = yes.find((id) => !waiting.some((one) => one.id === id));
      if (unknown !== undefined) throw new ApiError(409, 'no-purpose', `Nothing called '${unknown}' waits.`, 'See /api/v1/policy/changes.');
      policy.agree(subject, yes, house.now());
      const agreedTo = waiting.filter(({ id }) => yes.includes(id)).map(({ words }) => words);
      const text = `The policy ${hash} was read. New purposes agreed to: ${agreedTo.join(' ') || 'none'}`;
      const receipt = await key.issue({ kind: 'policy', atUtcMs: house.now(), subject, by: who.id, text });
      records.add(subject, 'policy', { hash, yes, receipt }, house.now());
      operations.append({ kind: 'policy-read', actor: who.actor, subject, detail: { hash, yes: yes.join(', ') } });
      return { receipt, waiting: policy.waiting(subject) };
    },
  );
}
