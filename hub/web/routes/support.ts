import { createHash } from 'node:crypto';
import { Type } from '../../../firmware/schema/type.ts';
import { collect } from '../../people/collection.ts';
import { bundleText, isSection, type SectionId, sections, usual } from '../../rights/support/bundle.ts';
import { endWords, type Grant, MOST_GRANT_DAYS, openGrants, SupportError } from '../../rights/support/grants.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';

const Problem = Type.String({ maxLength: 2000, description: 'what is wrong, in your words' });
const Chosen = Type.Array(Type.String({ maxLength: 20 }), { maxItems: 20 });
const Time = Type.String({ format: 'date-time' });
const GrantBody = Type.Object({
  id: Type.String(),
  problem: Type.String(),
  sections: Type.Array(Type.String()),
  sha256: Type.String(),
  recipient: Type.String(),
  ends: Time,
  ended: Type.Union([Time, Type.Null()]),
  left: Type.Array(Type.Object({ at: Time, how: Type.String() })),
  words: Type.String(),
});
/** Previews that wait to be sealed, each for a while: what is sealed is what was read. */
const MOST_PREVIEWS = 20;
const PREVIEW_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Open grants of a person: more is no help. */
const MOST_OPEN = 10;

/** Support sees what was sent to it, until it is solved (B12, D5). */
export function supportRoutes(web: Web, { house, people, signIn }: WebContext): void {
  const grants = openGrants(people, house.now);
  const previews = new Map<string, { text: string; chosen: SectionId[]; problem: string; atMs: number }>();
  const iso = (ms: number): string => new Date(ms).toISOString();
  const json = ({ id, problem, sections: chosen, sha256, recipient, endsUtcMs, endedUtcMs, left, ...rest }: Grant) => {
    const ended = endedUtcMs ?? (endsUtcMs <= house.now() ? endsUtcMs : null);
    return {
      id,
      problem,
      sections: [...chosen],
      sha256,
      recipient,
      ends: iso(endsUtcMs),
      ended: ended === null ? null : iso(ended),
      left: left.map(({ atUtcMs, how }) => ({ at: iso(atUtcMs), how })),
      words:
        ended === null ? 'Open.' : endWords({ id, problem, sections: chosen, sha256, recipient, endsUtcMs, endedUtcMs, left, ...rest }),
    };
  };
  const noGrant = (): ApiError => new ApiError(404, 'no-grant', 'There is no such bundle, or its time is over.', 'Ask for a new one.');

  web.post(
    '/api/v1/support/preview',
    {
      config: { access: 'household' },
      schema: {
        summary: 'What a support bundle would hold, word for word; nothing is sent',
        body: Type.Object({ sections: Type.Optional(Chosen), problem: Type.Optional(Problem) }),
        response: {
          200: Type.Object({
            text: Type.String(),
            sha256: Type.String(),
            offered: Type.Array(Type.Object({ id: Type.String(), words: Type.String(), identifies: Type.Boolean() })),
          }),
        },
      },
    },
    async ({ who, body: { sections: wished = [...usual], problem = '' } }) => {
      const unknown = wished.find((id) => !isSection(id));
      if (unknown !== undefined)
        throw new ApiError(422, 'section', `There is no part called '${unknown}'.`, `Choose of ${Object.keys(sections).join(', ')}.`);
      const chosen = wished.filter(isSection);
      for (const category of chosen.includes('values') ? (['body', 'activity', 'technical'] as const) : (['technical'] as const))
        collect(people.operations, 'support', category, who.actor, who.id);
      const text = bundleText(house, who.id, chosen, problem);
      const sha256 = createHash('sha256').update(text).digest('hex');
      while (previews.size >= MOST_PREVIEWS) previews.delete(previews.keys().next().value!);
      previews.set(`${who.id} ${sha256}`, { text, chosen, problem, atMs: house.now() });
      return {
        text,
        sha256,
        offered: (Object.keys(sections) as SectionId[]).map((id) => ({ id, words: sections[id].words, identifies: sections[id].isGiven })),
      };
    },
  );

  web.get(
    '/api/v1/support/grants',
    {
      config: { access: 'household' },
      schema: { summary: 'Your support bundles, open and ended', response: { 200: Type.Array(GrantBody) } },
    },
    async ({ who }) => {
      grants.sweep();
      return grants.list(who.id).map(json);
    },
  );

  web.post(
    '/api/v1/support/grants',
    {
      config: { access: 'household', again: 'if-set' },
      schema: {
        summary: 'Seal the bundle that was previewed to the key of who helps, for some days',
        body: Type.Object({
          sha256: Type.String({ minLength: 64, maxLength: 64, description: 'of the preview' }),
          recipient: Type.String({ maxLength: 100, description: 'public key of support (age): age1…' }),
          days: Type.Integer({ minimum: 1, maximum: MOST_GRANT_DAYS }),
        }),
        response: { 201: Type.Object({ grant: GrantBody, link: Type.String(), receipt: Type.String() }) },
      },
    },
    async ({ who, body: { sha256, recipient, days } }, reply) => {
      const shown = previews.get(`${who.id} ${sha256}`);
      if (shown === undefined || house.now() - shown.atMs > PREVIEW_MS)
        throw new ApiError(409, 'preview', 'This is not what was shown to you.', 'Look at the preview again: that is what is sealed.');
      grants.sweep();
      if (grants.list(who.id).filter(({ endedUtcMs }) => endedUtcMs === null).length >= MOST_OPEN)
        throw new ApiError(409, 'full', `${MOST_OPEN} bundles are open.`, 'End some of them.');
      const nowMs = house.now();
      try {
        const { chosen, problem, text } = shown;
        const made = await grants.give(who.id, text, {
          problem,
          sections: chosen,
          recipient: recipient.trim(),
          endsUtcMs: nowMs + days * DAY_MS,
        });
        people.operations.append({
          kind: 'support',
          actor: who.actor,
          subject: who.id,
          detail: { grant: made.grant.id, parts: chosen.join(', '), days },
        });
        const words = `A support bundle (${chosen.join(', ')}; SHA-256 ${sha256}) for the key ${recipient}, for ${days} days.`;
        const receipt = await people.key.issue({ kind: 'support', atUtcMs: nowMs, subject: who.id, by: who.id, text: words });
        return reply.code(201).send({ grant: json(made.grant), link: `/api/v1/support/fetch/${made.token}`, receipt });
      } catch (error) {
        if (!(error instanceof SupportError)) throw error;
        throw new ApiError(422, 'recipient', `${error.message}.`, 'Ask who helps you for their public key.');
      }
    },
  );

  const send = (bytes: Uint8Array) => Buffer.from(bytes);
  web.get(
    '/api/v1/support/grants/:id/file',
    {
      config: { access: 'household' },
      schema: {
        summary: 'The sealed bundle as a file to send yourself; noted as having left',
        params: Type.Object({ id: Type.String({ maxLength: 40 }) }),
      },
    },
    async ({ who, params: { id } }, reply) => {
      const sealed = grants.take(who.id, id, 'file');
      if (sealed === undefined) throw noGrant();
      return reply
        .type('application/octet-stream')
        .header('content-disposition', `attachment; filename="hearth-support-${id}.age"`)
        .send(send(sealed));
    },
  );

  web.delete(
    '/api/v1/support/grants/:id',
    {
      config: { access: 'household' },
      schema: {
        summary: 'End a grant, at once; says what that can and cannot do',
        params: Type.Object({ id: Type.String({ maxLength: 40 }) }),
        response: { 200: Type.Object({ words: Type.String() }) },
      },
    },
    async ({ who, params: { id } }) => {
      const ended = grants.end(who.id, id);
      if (ended === undefined) throw noGrant();
      return { words: endWords(ended) };
    },
  );

  web.get(
    '/api/v1/support/fetch/:token',
    {
      config: { access: 'anyone' },
      schema: {
        summary: 'For who helps: the sealed bundle, while its grant is open',
        params: Type.Object({ token: Type.String({ maxLength: 64 }) }),
      },
    },
    async (request, reply) => {
      const { token } = request.params;
      const found = await signIn.guess(request, `support ${token.slice(0, 12)}`, async () => grants.byToken(token));
      const sealed = found === undefined ? undefined : grants.take(found.subject, found.id, 'link');
      if (found === undefined || sealed === undefined) throw noGrant();
      people.operations.append({ kind: 'read', actor: 'nobody', subject: found.subject, detail: { support: found.id } });
      return reply
        .type('application/octet-stream')
        .header('content-disposition', 'attachment; filename="hearth-support.age"')
        .send(send(sealed));
    },
  );
}
