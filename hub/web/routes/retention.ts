import { Type } from '../../../firmware/schema/type.ts';
import { HOME } from '../../people/subjects.ts';
import { openRetention, type Purged } from '../../rights/retention.ts';
import { MOST_DAYS, ruleOf, rulesFor } from '../../rights/retention-rules.ts';
import type { Who } from '../access.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';

const Query = Type.Object({ subject: Type.Optional(Type.String({ maxLength: 64 })) });
const Days = Type.Union([Type.Integer({ minimum: 1, maximum: MOST_DAYS }), Type.Null()], { description: 'null: until you delete it' });
const Time = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);
/** Purges of a page; the archive has them all. */
const MOST_PURGES = 50;

/** How long what is kept (F1), by category and purpose. */
export function retentionRoutes(web: Web, { house, people }: WebContext): void {
  const retention = openRetention({ store: house.store, people, clips: house.clips, now: house.now });
  const ruleFor = (who: Who, subject: string, id: string) => {
    const rule = rulesFor(subject === HOME).find((one) => one.id === id);
    if (rule === undefined) throw new ApiError(404, 'no-rule', `There is no rule '${id}'.`, 'See /api/v1/retention.');
    if (subject === HOME && who.standing !== 'owner' && who.standing !== 'machine')
      throw new ApiError(403, 'not-yours', 'The home’s rules are for who runs the hub.', 'Ask them.');
    return rule;
  };

  web.get(
    '/api/v1/retention',
    {
      config: { access: 'own' },
      schema: {
        summary: 'How long what is kept of you, of the subject named or of the home, and what was let go',
        querystring: Query,
        response: {
          200: Type.Object({
            rules: Type.Array(
              Type.Object({
                id: Type.String(),
                words: Type.String(),
                categories: Type.Array(Type.String()),
                purpose: Type.String(),
                days: Type.Union([Type.Integer(), Type.Null()]),
                defaultDays: Type.Union([Type.Integer(), Type.Null()]),
                isSettable: Type.Boolean(),
                mostDays: Type.Optional(Type.Integer()),
              }),
            ),
            lastRun: Time,
            purges: Type.Array(
              Type.Object({
                at: Type.String({ format: 'date-time' }),
                words: Type.String(),
                before: Type.String({ format: 'date-time' }),
                removed: Type.Integer(),
                left: Type.Integer({ description: 'found by looking again' }),
              }),
            ),
          }),
        },
      },
    },
    async ({ who, query: { subject = who.id } }) => {
      const last = retention.lastRun();
      return {
        rules: retention.rules(subject).map((rule) => ({ ...rule, categories: [...rule.categories] })),
        lastRun: last === undefined ? null : new Date(last.atUtcMs).toISOString(),
        purges: people.records.list<{ rules: Purged[] }>(subject, 'purge', MOST_PURGES).flatMap(({ atUtcMs, body }) =>
          body.rules.map(({ rule, beforeUtcMs, removed, left }) => ({
            at: new Date(atUtcMs).toISOString(),
            words: ruleOf(rule)?.words ?? rule,
            before: new Date(beforeUtcMs).toISOString(),
            removed,
            left,
          })),
        ),
      };
    },
  );

  web.put(
    '/api/v1/retention/:rule',
    {
      config: { access: 'own', again: 'if-set' },
      schema: {
        summary: 'Set how long; where something is older already, it is told how much and done once that is confirmed',
        params: Type.Object({ rule: Type.String({ maxLength: 40 }) }),
        querystring: Query,
        body: Type.Object({ days: Days, confirmed: Type.Optional(Type.Boolean()) }),
        response: { 200: Type.Object({ goes: Type.Integer({ description: 'older already: gone with the next purge' }) }) },
      },
    },
    async ({ who, params, query: { subject = who.id }, body: { days, confirmed = false } }) => {
      const rule = ruleFor(who, subject, params.rule);
      if (!rule.isSettable) throw new ApiError(409, 'fixed', `${rule.words}: this rule cannot be changed.`, 'It says why on the page.');
      if (rule.mostDays !== undefined && (days === null || days > rule.mostDays))
        throw new ApiError(422, 'most', `${rule.words}: ${rule.mostDays} days at most.`, 'Choose a shorter time.');
      const goes = retention.older(subject, rule.id, days);
      if (goes > 0 && !confirmed)
        throw new ApiError(409, 'confirm', `${goes} of them are older than that and go with the next purge, for ever.`, 'Confirm it.');
      retention.set(subject, rule.id, days);
      people.operations.append({
        kind: 'retention',
        actor: who.actor,
        subject,
        detail: { rule: rule.id, days: days ?? 'until deleted' },
      });
      return { goes };
    },
  );

  web.post(
    '/api/v1/retention/run',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'Purge now, everybody’s by their own rules; each night it happens by itself',
        response: { 200: Type.Object({ subjects: Type.Integer(), removed: Type.Integer(), left: Type.Integer() }) },
      },
    },
    async () => {
      if (house.keeping?.().isTimeKnown === false)
        throw new ApiError(409, 'no-time', 'The hub does not know the time: it could let go what is young.', 'Wait until it does.');
      const run = await retention.run();
      house.sync?.()?.wake();
      return run;
    },
  );
}
