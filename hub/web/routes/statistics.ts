import { Type } from '../../../firmware/schema/type.ts';
import { sendContribution } from '../../rights/statistics/send.ts';
import { openStatistics, StatisticsError, YEAR_BUDGET_MILLI } from '../../rights/statistics/statistics.ts';
import { isStudy, studies, studyIds } from '../../rights/statistics/studies.ts';
import type { Who } from '../access.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';

const Query = Type.Object({ subject: Type.Optional(Type.String({ maxLength: 64 })) });
const Time = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);
const SEND_WITHIN_MS = 20_000;

/** Studies that one may join, what would go, and what went (D8, D9). */
export function statisticsRoutes(web: Web, { house, people }: WebContext): void {
  const statistics = openStatistics({ people, store: house.store, now: house.now });
  const iso = (ms: number | null | undefined): string | null => (ms === null || ms === undefined ? null : new Date(ms).toISOString());
  const refusal = (error: unknown): unknown => {
    if (!(error instanceof StatisticsError)) return error;
    return new ApiError(error.kind === 'missing' ? 404 : 409, error.kind, `${error.message}.`, 'See /api/v1/studies.');
  };
  /** For a minor the guardian decides. */
  const needGrownUp = (who: Who, subject: string): void => {
    if (subject === who.id && people.guardians.of(subject)?.state === 'given')
      throw new ApiError(403, 'guardian', 'A study needs your guardian’s yes.', 'Ask them to say it on their page.');
  };

  web.get(
    '/api/v1/studies',
    {
      config: { access: 'own' },
      schema: {
        summary: 'Studies, whether you joined, the exact numbers that wait or went, and the budget',
        querystring: Query,
        response: {
          200: Type.Object({
            studies: Type.Array(
              Type.Object({
                id: Type.String(),
                words: Type.String(),
                question: Type.String(),
                category: Type.String(),
                bound: Type.Integer(),
                unit: Type.String(),
                epsilon: Type.Number(),
                leastNights: Type.Integer(),
                leastHomes: Type.Integer(),
                joined: Time,
              }),
            ),
            to: Type.Union([Type.String(), Type.Null()], {
              description: 'where numbers go; null: nowhere, until who runs the hub names one',
            }),
            budget: Type.Object({ spent: Type.Number(), year: Type.Number() }),
            ledger: Type.Array(
              Type.Object({
                number: Type.Integer(),
                made: Time,
                state: Type.String({ description: 'waits, sending, sent or kept' }),
                sent: Time,
                to: Type.Union([Type.String(), Type.Null()]),
                payload: Type.String({ description: 'exactly what goes' }),
              }),
            ),
          }),
        },
      },
    },
    async ({ who, query: { subject = who.id } }) => ({
      studies: studyIds.map((id) => {
        const { words, question, category, bound, unit, epsilonMilli, leastNights, leastHomes } = studies[id];
        const joined = iso(statistics.joinedSince(subject, id));
        return { id, words, question, category, bound, unit, epsilon: epsilonMilli / 1000, leastNights, leastHomes, joined };
      }),
      to: house.statisticsUrl ?? null,
      budget: { spent: statistics.spentMilli(subject) / 1000, year: YEAR_BUDGET_MILLI / 1000 },
      ledger: statistics.ledger(subject).map(({ number, atUtcMs, state, sentUtcMs, to, contribution }) => ({
        number,
        made: iso(atUtcMs),
        state,
        sent: iso(sentUtcMs),
        to,
        payload: JSON.stringify(contribution),
      })),
    }),
  );

  web.put(
    '/api/v1/studies/:study',
    {
      config: { access: 'own' },
      schema: {
        summary: 'Join a study, or leave it: what waited is thrown away then. Answers with a signed receipt',
        params: Type.Object({ study: Type.String({ maxLength: 40 }) }),
        querystring: Query,
        body: Type.Object({ join: Type.Boolean() }),
        response: { 200: Type.Object({ receipt: Type.String() }) },
      },
    },
    async ({ who, params: { study }, query: { subject = who.id }, body: { join } }) => {
      if (!isStudy(study)) throw new ApiError(404, 'no-study', `There is no study '${study}'.`, 'See /api/v1/studies.');
      if (join) {
        needGrownUp(who, subject);
        if (people.policy.isWaiting(subject, 'statistics'))
          throw new ApiError(409, 'policy', 'Statistics are new in the household’s policy.', 'Read it, and say yes to it first.');
        statistics.join(subject, study);
      } else statistics.leave(subject, study);
      people.operations.append({ kind: 'study-joined', actor: who.actor, subject, detail: { study, joined: join } });
      if (join) statistics.draw();
      const text = join ? `Joined: ${studies[study].words}. ${studies[study].question}` : `Left: ${studies[study].words}.`;
      return { receipt: await people.key.issue({ kind: 'study', atUtcMs: house.now(), subject, by: who.id, text }) };
    },
  );

  web.post(
    '/api/v1/statistics/:number',
    {
      config: { access: 'own', again: 'if-set' },
      schema: {
        summary: 'You read a number that waits: it goes as it is, or it is never made again',
        params: Type.Object({ number: Type.Integer({ minimum: 1 }) }),
        querystring: Query,
        body: Type.Object({ send: Type.Boolean() }),
        response: { 200: Type.Object({ state: Type.String(), to: Type.Union([Type.String(), Type.Null()]) }) },
      },
    },
    async ({ who, params: { number }, query: { subject = who.id }, body: { send } }) => {
      try {
        if (!send) {
          statistics.keep(subject, number);
          return { state: 'kept', to: null };
        }
        needGrownUp(who, subject);
        const { statisticsUrl: base } = house;
        if (base === undefined)
          throw new StatisticsError(
            'nowhere',
            'no address of a study is set: it stays here until who runs the hub sets `statistics` in hearth.yaml',
          );
        const { state, to } = await statistics.send(subject, number, new URL(base).host, async (contribution) => {
          try {
            await sendContribution(base, contribution, AbortSignal.timeout(SEND_WITHIN_MS));
          } catch (error) {
            throw new ApiError(
              502,
              'away',
              `It may not have arrived: ${error instanceof Error ? error.message : error}.`,
              'Send it again: it is counted once.',
            );
          }
        });
        return { state, to };
      } catch (error) {
        throw refusal(error);
      }
    },
  );

  web.post(
    '/api/v1/statistics/:number/file',
    {
      config: { access: 'own', again: 'if-set' },
      schema: {
        summary: 'A number as a file, to hand in by another way; it counts as having left',
        params: Type.Object({ number: Type.Integer({ minimum: 1 }) }),
        querystring: Query,
      },
    },
    async ({ who, params: { number }, query: { subject = who.id } }, reply) => {
      needGrownUp(who, subject);
      let payload = '';
      try {
        await statistics.send(subject, number, 'a file', async (contribution) => {
          payload = `${JSON.stringify(contribution)}\n`;
        });
      } catch (error) {
        throw refusal(error);
      }
      return reply
        .type('application/json')
        .header('content-disposition', `attachment; filename="hearth-study-${number}.json"`)
        .send(payload);
    },
  );
}
