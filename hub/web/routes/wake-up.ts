import { Type } from '../../../firmware/schema/type.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';

const Query = Type.Object({ subject: Type.Optional(Type.String({ maxLength: 64 })) });
const Time = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$', description: 'by the wall clock of the home, like 06:45' });
const When = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);
const Setting = {
  on: Type.Boolean(),
  time: Time,
  days: Type.Array(Type.Boolean(), { minItems: 7, maxItems: 7, description: 'from Monday on' }),
  windowMin: Type.Integer({ minimum: 0, maximum: 90, description: 'how long before the set time light sleep may wake' }),
};
const State = Type.Object({
  ...Setting,
  next: When,
  ringing: Type.Boolean(),
  outputs: Type.Array(Type.String(), { description: 'names of the devices that ring beside the page' }),
  timeKnown: Type.Boolean(),
  last: Type.Union([
    Type.Object({
      set: Type.String({ format: 'date-time' }),
      rang: When,
      stopped: When,
      trail: Type.Array(Type.Object({ at: Type.String({ format: 'date-time' }), because: Type.String() })),
    }),
    Type.Null(),
  ]),
});
const DEFAULT = { on: false, time: '07:00', days: [true, true, true, true, true, false, false], windowMin: 30 };

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());
const two = (value: number): string => String(value).padStart(2, '0');

/** Smart Wake-up: when one is woken, what was decided and why (D2), stopping and snoozing it. */
export function wakeUpRoutes(web: Web, { house }: WebContext): void {
  const running = () => {
    if (house.wakeUp === undefined) throw new ApiError(503, 'starting', 'The hub is still starting.', 'Try again in a moment.');
    return house.wakeUp;
  };
  const stateOf = (subject: string) => {
    const { setting, morning, nextMs, isRinging } = running().of(subject);
    const shown =
      setting === undefined
        ? DEFAULT
        : {
            on: setting.isOn,
            time: `${two(Math.floor(setting.minuteOfDay / 60))}:${two(setting.minuteOfDay % 60)}`,
            days: [...setting.days],
            windowMin: setting.windowMin,
          };
    return {
      ...shown,
      next: iso(nextMs),
      ringing: isRinging,
      outputs: house
        .devices()
        .filter(({ kind, connected }) => kind === 'alarm' && connected)
        .map(({ name }) => name),
      timeKnown: house.keeping?.().isTimeKnown ?? true,
      last:
        morning === undefined
          ? null
          : {
              set: iso(morning.setMs)!,
              rang: iso(morning.rangMs),
              stopped: iso(morning.stoppedMs),
              trail: morning.trail.map(({ atMs, because }) => ({ at: iso(atMs)!, because })),
            },
    };
  };

  web.get(
    '/api/v1/wake-up',
    {
      config: { access: 'own' },
      schema: { summary: 'When you are woken, and what was decided last and why', querystring: Query, response: { 200: State } },
    },
    async ({ who, query: { subject = who.id } }) => stateOf(subject),
  );

  web.put(
    '/api/v1/wake-up',
    {
      config: { access: 'own' },
      schema: { summary: 'Set when you are woken', querystring: Query, body: Type.Object(Setting), response: { 200: State } },
    },
    async ({ who, query: { subject = who.id }, body: { on, time, days, windowMin } }) => {
      const [hours, minutes] = time.split(':').map(Number) as [number, number];
      running().set(subject, { isOn: on, minuteOfDay: hours * 60 + minutes, days, windowMin });
      return stateOf(subject);
    },
  );

  for (const [what, summary] of [
    ['stop', 'Stop what rings'],
    ['snooze', 'Let it ring again in nine minutes'],
  ] as const)
    web.post(
      `/api/v1/wake-up/${what}`,
      { config: { access: 'own' }, schema: { summary, querystring: Query, response: { 200: State } } },
      async ({ who, query: { subject = who.id } }) => {
        if (!running()[what](subject)) throw new ApiError(409, 'silent', 'Nothing rings.', 'See /api/v1/wake-up for when it will.');
        return stateOf(subject);
      },
    );

  web.post(
    '/api/v1/wake-up/test',
    { config: { access: 'household' }, schema: { summary: 'Let the outputs ring for five seconds', response: { 202: Type.Object({}) } } },
    async (_, reply) => {
      running().test();
      return reply.code(202).send({});
    },
  );
}
