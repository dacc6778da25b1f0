/** Targets of sync as people add, pause, test and take them away, and what each person allows each of them. */

import { type Category, categories } from '../../../firmware/protocol/quantities.ts';
import { Type } from '../../../firmware/schema/type.ts';
import { HOME } from '../../people/subjects.ts';
import { BookError } from '../../sync/book.ts';
import { regions, regionsFor } from '../../sync/residency.ts';
import { TargetSettings } from '../../sync/settings.ts';
import type { Sync } from '../../sync/sync.ts';
import { TargetError } from '../../sync/target.ts';
import type { Who } from '../access.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';

/** What a page waits for. */
const TEST_WITHIN_MS = 8000;
/** A key or a token; an enrolment code has 64 characters. */
const MOST_SECRET = 1000;

const Params = Type.Object({ target: Type.String({ maxLength: 40 }) });
const Query = Type.Object({ subject: Type.Optional(Type.String({ maxLength: 64 })) });
const Secret = Type.String({
  minLength: 1,
  maxLength: MOST_SECRET,
  description: 'password, token, key or enrolment code; never shown again',
});
const NewTarget = Type.Object(
  {
    ...Type.Omit(TargetSettings, ['people', 'categories', 'code', 'codeFile', 'passwordFile', 'tokenFile', 'secretFile']).properties,
    secret: Type.Optional(Secret),
  },
  { additionalProperties: false },
);
const Categories = Type.Array(Type.Enum([...categories]), { maxItems: categories.length });
const Done = Type.Object({ says: Type.String() });

const statuses: Readonly<Record<BookError['code'], number>> = { taken: 409, full: 409, fixed: 409, unknown: 404, wrong: 400 };

export function targetRoutes(web: Web, { house, people }: WebContext): void {
  const sync = (): Sync => {
    const running = house.sync?.();
    if (running === undefined) throw new ApiError(503, 'starting', 'Sync does not run yet.', 'Try again in a moment.');
    return running;
  };
  const done = (who: Who, target: string, what: string): { says: string } => {
    people.operations.append({ kind: 'target-changed', actor: who.actor, subject: HOME, detail: { target, what } });
    return { says: `${target}: ${what}.` };
  };
  const orSay = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof BookError)) throw error;
      const text = error.message;
      throw new ApiError(
        statuses[error.code],
        `target-${error.code}`,
        `${text[0]!.toUpperCase()}${text.slice(1)}.`,
        'See hearth sync, or Where it goes on the page.',
      );
    }
  };

  web.get('/api/v1/regions', { config: { access: 'anyone' }, schema: { summary: 'Regions that records and video may be in' } }, async () =>
    (['records', 'video'] as const).flatMap((matter) => regionsFor(matter).map((id) => ({ id, matter, label: regions[id].label }))),
  );
  web.post(
    '/api/v1/sync/targets',
    {
      config: { access: 'owner', again: 'if-set' },
      schema: { summary: 'Adds a target; it gets nothing until somebody allows it theirs', body: NewTarget, response: { 201: Done } },
    },
    async ({ who, body: { secret, ...place } }, reply) => {
      orSay(() => sync().add(place, secret));
      return reply.code(201).send(done(who, place.name, 'added'));
    },
  );
  web.delete(
    '/api/v1/sync/targets/:target',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'Takes a target away; with erase=true once it has deleted what it has',
        params: Params,
        querystring: Type.Object({ erase: Type.Optional(Type.Boolean()) }),
        response: { 200: Done },
      },
    },
    async ({ who, params: { target }, query: { erase = false } }) => {
      orSay(() => sync().remove(target, erase));
      const isWaiting = sync()
        .state()
        .some(({ name }) => name === target);
      return done(who, target, isWaiting ? 'goes once it has deleted what it has' : 'taken away');
    },
  );
  web.put(
    '/api/v1/sync/targets/:target',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'Pauses a target, or lets it go on',
        params: Params,
        body: Type.Object({ paused: Type.Boolean() }),
        response: { 200: Done },
      },
    },
    async ({ who, params: { target }, body: { paused } }) => {
      orSay(() => sync().pause(target, paused));
      return done(who, target, paused ? 'paused' : 'goes on');
    },
  );
  web.put(
    '/api/v1/sync/targets/:target/secret',
    {
      config: { access: 'owner', again: 'if-set' },
      schema: {
        summary: 'A new password, token, key or enrolment code; an edge is enrolled with anew',
        params: Params,
        body: Type.Object({ secret: Secret }),
        response: { 200: Done },
      },
    },
    async ({ who, params: { target }, body: { secret } }) => {
      orSay(() => sync().setSecret(target, secret));
      return done(who, target, 'got a new secret');
    },
  );
  web.post(
    '/api/v1/sync/targets/:target/test',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'Sends a test that holds nothing of anybody, and says what came of it',
        params: Params,
        response: { 200: Type.Object({ isWell: Type.Boolean(), says: Type.String() }) },
      },
    },
    async ({ params: { target } }) => {
      try {
        return { isWell: true, says: await sync().test(target, AbortSignal.timeout(TEST_WITHIN_MS)) };
      } catch (error) {
        if (error instanceof BookError)
          orSay(() => {
            throw error;
          });
        if (error instanceof TargetError) return { isWell: false, says: error.message };
        if (error instanceof Error && error.name === 'TimeoutError')
          return { isWell: false, says: `no answer within ${TEST_WITHIN_MS / 1000} s` };
        throw error;
      }
    },
  );
  web.put(
    '/api/v1/sync/targets/:target/allowed',
    {
      config: { access: 'own' },
      schema: {
        summary: 'What a target may have of you, by category; an empty list is nothing. Answers with a receipt signed by the hub',
        params: Params,
        querystring: Query,
        body: Type.Object({ categories: Categories }),
        response: { 200: Type.Object({ receipt: Type.String() }) },
      },
    },
    async ({ who, params: { target }, query: { subject = who.id }, body }) => {
      if (who.standing === 'guest') throw new ApiError(403, 'not-yours', 'A guest leaves nothing here that could be sent.', '');
      if (subject !== HOME && people.accounts.get(subject) === undefined)
        throw new ApiError(409, 'nobody', 'Nobody has an account here who could allow that.', 'Claim the hub on its page first.');
      if (subject === HOME && who.standing === 'member')
        throw new ApiError(403, 'not-yours', 'Who runs the hub decides about the home’s own values.', 'Ask them.');
      const allowed = body.categories as Category[];
      orSay(() => sync().allow(target, subject, allowed));
      const isAny = allowed.length > 0;
      if (isAny) people.objections.set(subject, `target:${target}`, false, house.now());
      const detail = { target, categories: allowed.join(', ') };
      people.operations.append({ kind: isAny ? 'target-allowed' : 'target-withdrawn', actor: who.actor, subject, detail });
      const text = isAny ? `${target} may have: ${allowed.join(', ')}.` : `${target} may have nothing more.`;
      return { receipt: await people.key.issue({ kind: 'target', atUtcMs: house.now(), subject, by: who.id, text }) };
    },
  );
}
