import { Type } from '../../../firmware/schema/type.ts';
import { type Calibration, expandedUncertaintyKg } from '../../../firmware/signal/calibration.ts';
import { revalued } from '../../derived/weighed.ts';
import type { House } from '../../house.ts';
import { HOME } from '../../people/subjects.ts';
import { amend } from '../../rights/amend.ts';
import { CalibrationError, type Calibrations } from '../../sources/calibrations.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';

export const Id = Type.Object({ id: Type.String({ maxLength: 100 }) });
const Kg = Type.Number({ minimum: 0, maximum: 500 });
export const Version = Type.Object({
  version: Type.Integer(),
  date: Type.String(),
  zeroCounts: Type.Number(),
  countsPerKg: Type.Number(),
  points: Type.Array(Type.Object({ massKg: Type.Number(), counts: Type.Number(), residualKg: Type.Number() })),
  drift: Type.Union(
    [Type.Object({ referenceC: Type.Number(), kgPerC: Type.Number(), lagMs: Type.Number(), thermometer: Type.String() }), Type.Null()],
    { description: 'what is taken off the empty plate with the temperature of a thermometer' },
  ),
  residualSdKg: Type.Union([Type.Number(), Type.Null()], { description: 'null: fewer than three masses do not tell' }),
  uncertainty: Type.Array(Type.Object({ kg: Type.Number(), expandedKg: Type.Number() }), {
    description: 'expanded uncertainty (k = 2) that the calibration brings to a weight; empty when its masses do not tell',
  }),
});
const Answer = Type.Object({
  device: Type.String(),
  inUse: Type.Union([Version, Type.Null()]),
  versions: Type.Array(Version),
  session: Type.Union([
    Type.Object({
      points: Type.Array(Type.Object({ massKg: Type.Number(), counts: Type.Number() })),
      awaitedKg: Type.Union([Type.Number(), Type.Null()]),
      preview: Type.Union([Version, Type.Null()]),
      trouble: Type.String(),
    }),
    Type.Null(),
  ]),
});
/** What a household wants to know the uncertainty of. */
const SHOWN_KG = [10, 40, 70, 100] as const;

export const versionJson = (calibration: Calibration) => ({
  version: calibration.version,
  date: calibration.date,
  zeroCounts: calibration.zeroCounts,
  countsPerKg: calibration.countsPerKg,
  points: calibration.points.map(({ massKg, counts }, index) => ({ massKg, counts, residualKg: calibration.residualsKg[index]! })),
  drift: calibration.drift ?? null,
  residualSdKg: calibration.residualSdKg ?? null,
  uncertainty:
    calibration.residualSdKg === undefined ? [] : SHOWN_KG.map((kg) => ({ kg, expandedKg: expandedUncertaintyKg(0, calibration, kg) })),
});

export const refusal = (error: unknown): unknown =>
  error instanceof CalibrationError
    ? new ApiError(
        error.kind === 'away' ? 409 : error.kind === 'none' ? 404 : 422,
        error.kind,
        `${error.message}.`,
        'See /api/v1/devices/…/calibration.',
      )
    : error;

/** What a device with a load cell is calibrated by. Throws ApiError where there is none. */
export function calibrationsOf({ devices, calibrations }: House, id: string): Calibrations {
  const device = devices().find((one) => one.id === id);
  if (device === undefined) throw new ApiError(404, 'no-device', `No device is called ${id}.`, 'See /api/v1/devices for those there are.');
  if (device.kind !== 'scale' && device.kind !== 'bed')
    throw new ApiError(400, 'no-load-cell', `${device.name} has no load cell.`, 'Only a scale and a bed mat are calibrated.');
  if (calibrations === undefined) throw new ApiError(503, 'starting', 'The hub is still starting.', 'Try again in a moment.');
  return calibrations;
}

/** Calibrating a load cell mass by mass, its versions, and weighing old readings again. */
export function calibrationRoutes(web: Web, { house, people }: WebContext): void {
  const of = (id: string): Calibrations => calibrationsOf(house, id);
  const answer = (id: string) => {
    const calibrations = of(id);
    const session = calibrations.session(id);
    const inUse = calibrations.inUse(id);
    return {
      device: id,
      inUse: inUse === undefined ? null : versionJson(inUse),
      versions: calibrations.versions(id).map(versionJson),
      session:
        session === undefined
          ? null
          : {
              points: session.points.map(({ massKg, counts }) => ({ massKg, counts })),
              awaitedKg: session.awaited?.massKg ?? null,
              preview: session.preview === undefined ? null : versionJson(session.preview),
              trouble: session.points.length === 0 ? '' : session.trouble,
            },
    };
  };

  web.get(
    '/api/v1/devices/:id/calibration',
    {
      config: { access: 'household' },
      schema: {
        summary: 'By what a scale weighs, every version of it, and the calibration under way',
        params: Id,
        response: { 200: Answer },
      },
    },
    async ({ params: { id } }) => answer(id),
  );

  web.post(
    '/api/v1/devices/:id/calibration/points',
    {
      config: { access: 'household' },
      schema: {
        summary: 'Measure the mass that lies on the plate now, 0 for nothing; it is taken once it is at rest',
        params: Id,
        body: Type.Object({
          massKg: Kg,
          toleranceKg: Type.Optional(Type.Number({ minimum: 0, maximum: 5, description: 'of the mass; 0 unless told' })),
        }),
        response: { 202: Answer },
      },
    },
    async ({ params: { id }, body: { massKg, toleranceKg = 0 } }, reply) => {
      try {
        of(id).measure(id, massKg, toleranceKg);
      } catch (error) {
        throw refusal(error);
      }
      return reply.code(202).send(answer(id));
    },
  );

  web.delete(
    '/api/v1/devices/:id/calibration',
    { config: { access: 'household' }, schema: { summary: 'Give up the calibration under way', params: Id, response: { 200: Answer } } },
    async ({ params: { id } }) => {
      of(id).cancel(id);
      return answer(id);
    },
  );

  web.post(
    '/api/v1/devices/:id/calibration',
    {
      config: { access: 'household' },
      schema: {
        summary: 'Weigh by the masses measured from now on; or by an earlier version again',
        params: Id,
        body: Type.Object({
          version: Type.Optional(Type.Integer({ minimum: 1, description: 'an earlier version; left out: the masses measured' })),
        }),
        response: { 201: Version },
      },
    },
    async ({ who, params: { id }, body: { version } }, reply) => {
      try {
        const calibrations = of(id);
        const made = version === undefined ? await calibrations.finish(id, who.actor) : await calibrations.restore(id, version, who.actor);
        return reply.code(201).send(versionJson(made));
      } catch (error) {
        throw refusal(error);
      }
    },
  );

  web.post(
    '/api/v1/devices/:id/revalue',
    {
      config: { access: 'own' },
      schema: {
        summary: 'Weigh old readings again by another calibration, from the counts that were kept; what was computed from them follows',
        params: Id,
        querystring: Type.Object({ subject: Type.Optional(Type.String({ maxLength: 64 })) }),
        body: Type.Object({
          version: Type.Integer({ minimum: 1 }),
          fromMs: Type.Optional(Type.Number()),
          toMs: Type.Optional(Type.Number()),
          change: Type.Optional(Type.Boolean({ description: 'false: only say what would change' })),
        }),
        response: {
          200: Type.Object({
            changed: Type.Boolean(),
            readings: Type.Array(
              Type.Object({
                seq: Type.Integer(),
                at: Type.String(),
                version: Type.Integer(),
                beforeKg: Type.Number(),
                afterKg: Type.Number(),
              }),
            ),
          }),
        },
      },
    },
    async ({ who, params: { id }, query: { subject = who.id }, body: { version, fromMs = 0, toMs = house.now(), change = true } }) => {
      const calibration = of(id)
        .versions(id)
        .find((one) => one.version === version);
      if (calibration === undefined)
        throw new ApiError(404, 'none', `${id} has no calibration ${version}.`, 'See its versions at /api/v1/devices/…/calibration.');
      const { store } = house;
      const subjects = store.subjects();
      const found =
        subjects.includes(subject) && subjects.includes(HOME)
          ? revalued(store.vault(subject), store.vault(HOME), id, calibration, fromMs, toMs)
          : [];
      if (change) {
        const context = {
          vault: store.vault(subject),
          identity: people.identities.get(subject),
          zone: people.zone,
          by: `person:${who.id}`,
        };
        for (const { seq, afterKg } of found) await amend(context, seq, afterKg);
        if (found.length > 0) {
          people.operations.append({
            kind: 'amend',
            actor: who.actor,
            subject,
            detail: { what: `weighed again by calibration ${version}`, readings: found.length },
          });
          house.sync?.()?.wake();
        }
      }
      return { changed: change, readings: found.map(({ atMs, ...one }) => ({ ...one, at: new Date(atMs).toISOString() })) };
    },
  );
}
