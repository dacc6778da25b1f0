import { Type } from '../../../firmware/schema/type.ts';
import type { DriftCorrection } from '../../sources/drift-correction.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';
import { calibrationsOf, Id, refusal, Version, versionJson } from './calibration.ts';

const Drift = Type.Object({
  known: Type.Boolean(),
  because: Type.String(),
  readings: Type.Integer(),
  sigmaBeforeKg: Type.Union([Type.Number(), Type.Null()]),
  sigmaAfterKg: Type.Union([Type.Number(), Type.Null()]),
  kgPerC: Type.Union([Type.Number(), Type.Null()]),
  lagMs: Type.Union([Type.Number(), Type.Null()]),
  creepKg: Type.Union([Type.Number(), Type.Null()]),
  thermometer: Type.Union([Type.String(), Type.Null()], { description: 'device whose temperature explains it best' }),
  zeroShiftKg: Type.Union([Type.Number(), Type.Null()], { description: 'by which taking it off moves the zero' }),
  proposed: Type.Boolean({ description: 'taking it off is worth it' }),
  automatic: Type.Boolean({ description: 'small enough that the hub does it by itself, once a week' }),
});
const UNKNOWN_DRIFT = {
  ...{ known: false, readings: 0, sigmaBeforeKg: null, sigmaAfterKg: null, kgPerC: null, lagMs: null, creepKg: null },
  ...{ thermometer: null, zeroShiftKg: null, proposed: false, automatic: false },
};

/** How the empty plate of a scale or a bed mat drifts, and taking it off. */
export function driftRoutes(web: Web, { house }: WebContext): void {
  const driftOf = (id: string): DriftCorrection => {
    calibrationsOf(house, id);
    if (house.drift === undefined) throw new ApiError(503, 'starting', 'The hub is still starting.', 'Try again in a moment.');
    return house.drift;
  };

  web.get(
    '/api/v1/devices/:id/drift',
    {
      config: { access: 'household' },
      schema: {
        summary: 'How the empty plate drifts with temperature and creep, before and after taking it off, and whether that is proposed',
        params: Id,
        response: { 200: Drift },
      },
    },
    async ({ params: { id } }) => {
      const found = driftOf(id).report(id);
      if (found.kind === 'unknown') return { ...UNKNOWN_DRIFT, because: found.because };
      const { model, readings, thermometer, zeroShiftKg, sigmaNowKg, isWorthIt, isSmall } = found;
      const { sigmaAfterKg, kgPerC, lagMs, creepKg } = model;
      const measured = { readings, sigmaBeforeKg: sigmaNowKg, sigmaAfterKg, kgPerC, lagMs, creepKg, thermometer, zeroShiftKg };
      return { known: true, because: '', ...measured, proposed: isWorthIt, automatic: isWorthIt && isSmall };
    },
  );

  web.post(
    '/api/v1/devices/:id/drift',
    {
      config: { access: 'household' },
      schema: {
        summary: 'Take the drift of the empty plate off from now on: a new calibration, as any other to go back from',
        params: Id,
        response: { 201: Version },
      },
    },
    async ({ who, params: { id } }, reply) => {
      try {
        return reply.code(201).send(versionJson(await driftOf(id).apply(id, who.actor)));
      } catch (error) {
        throw refusal(error);
      }
    },
  );
}
