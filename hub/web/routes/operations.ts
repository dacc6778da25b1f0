import { Type } from '../../../firmware/schema/type.ts';
import { collection, scenarios } from '../../people/collection.ts';
import { operations as kinds } from '../../people/operations.ts';
import type { Web, WebContext } from '../context.ts';

const MOST_ROWS = 200;
const Row = Type.Object({
  seq: Type.Integer(),
  at: Type.String({ format: 'date-time' }),
  kind: Type.String(),
  words: Type.String(),
  actor: Type.String(),
  actorName: Type.String(),
  subject: Type.String(),
  subjectName: Type.String(),
  detail: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
});

/** What happened with whose data, to those it is about. */
export function operationRoutes(web: Web, { people }: WebContext): void {
  const { operations, accounts, partners } = people;
  const others: Readonly<Record<string, string>> = {
    machine: 'the hub’s command line',
    hub: 'the hub',
    nobody: 'somebody',
    home: 'the home',
  };
  const nameOf = (id: string): string => others[id] ?? accounts.get(id)?.name ?? partners.get(id)?.name ?? 'somebody who is gone';

  web.get(
    '/api/v1/operations',
    {
      config: { access: 'any-account' },
      schema: {
        summary: 'What happened with your data, newest first; others’ private acts are not in it',
        querystring: Type.Object({
          before: Type.Optional(Type.Integer({ minimum: 1 })),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_ROWS })),
        }),
        response: {
          200: Type.Object({ rows: Type.Array(Row), head: Type.Object({ seq: Type.Integer(), hash: Type.String() }) }),
        },
      },
    },
    async ({ who, query: { before = Number.MAX_SAFE_INTEGER, limit = 50 } }) => {
      const reader = { id: who.id, wards: who.wards, runsHub: who.standing === 'owner' || who.standing === 'machine' };
      return {
        rows: operations.read(reader, before, limit).map(({ seq, atUtcMs, kind, actor, subject, detail = {} }) => ({
          seq,
          at: new Date(atUtcMs).toISOString(),
          kind,
          words: kinds[kind].words,
          actor,
          actorName: actor === who.id ? 'you' : nameOf(actor),
          subject,
          subjectName: subject === who.id ? 'you' : nameOf(subject),
          detail,
        })),
        head: operations.head(),
      };
    },
  );

  web.get(
    '/api/v1/operations/check',
    {
      config: { access: 'any-account' },
      schema: {
        summary: 'Whether the log is whole: every row, its order and its end',
        response: { 200: Type.Object({ whole: Type.Boolean(), faults: Type.Array(Type.String()), rows: Type.Integer() }) },
      },
    },
    async () => {
      const faults = operations.verify();
      return { whole: faults.length === 0, faults, rows: operations.head().seq };
    },
  );

  web.get(
    '/api/v1/collection',
    {
      config: { access: 'anyone' },
      schema: { summary: 'What is collected where: six scenarios by five categories; yes, given (only what you give) or no' },
    },
    async () => scenarios.map((scenario) => ({ scenario, ...collection[scenario] })),
  );
}
