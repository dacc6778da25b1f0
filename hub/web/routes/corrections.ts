import { quantities } from '../../../firmware/protocol/quantities.ts';
import { Type } from '../../../firmware/schema/type.ts';
import { CorrectionError, type CorrectionInUse } from '../../derived/correction-book.ts';
import { type Correctable, type CorrectionSetting, correctables } from '../../derived/corrections.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';

const Correction = Type.Object({
  device: Type.String(),
  quantity: Type.String(),
  by: Type.String({ description: 'offset, or epa-humidity' }),
  offset: Type.Union([Type.Number(), Type.Null()]),
  unit: Type.String(),
  words: Type.String(),
  origin: Type.String({ description: 'file: named in hearth.yaml; page: set here' }),
});
const Place = Type.Object({
  id: Type.String({ maxLength: 100 }),
  quantity: Type.Unsafe<Correctable>(Type.Union(correctables.map((id) => Type.Literal(id)))),
});
const How = Type.Union([
  Type.Object({ by: Type.Literal('epa-humidity') }, { additionalProperties: false }),
  Type.Object(
    { by: Type.Literal('offset'), offset: Type.Number({ minimum: -1000, maximum: 1000, description: 'in the unit of the quantity' }) },
    { additionalProperties: false },
  ),
]);

const json = ({ setting, words, origin }: CorrectionInUse) => ({
  device: setting.device,
  quantity: setting.quantity,
  by: setting.by,
  offset: setting.by === 'offset' ? setting.offset : null,
  unit: quantities[setting.quantity].unit,
  words,
  origin,
});

/** How sensors' values are corrected, and setting it: for what comes from then on. */
export function correctionRoutes(web: Web, { house }: WebContext): void {
  const book = () => {
    if (house.corrections === undefined) throw new ApiError(503, 'starting', 'The hub is still starting.', 'Try again in a moment.');
    return house.corrections;
  };
  const meant = (id: string, quantity: Correctable): void => {
    const device = house.devices().find((one) => one.id === id);
    if (device === undefined)
      throw new ApiError(404, 'no-device', `No device is called ${id}.`, 'See /api/v1/devices for those there are.');
    if (!device.quantities.includes(quantity))
      throw new ApiError(
        400,
        'not-measured',
        `${device.name} does not measure ${quantity}.`,
        `It measures ${device.quantities.join(', ')}.`,
      );
  };
  const changing = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof CorrectionError) throw new ApiError(409, 'fixed', `${error.message}.`, 'See /api/v1/corrections.');
      throw error;
    }
  };

  web.get(
    '/api/v1/corrections',
    {
      config: { access: 'household' },
      schema: {
        summary: 'By which named corrections values are shown, the same on every output; what the sensor said is kept as …_uncorrected',
        response: { 200: Type.Array(Correction) },
      },
    },
    async () => house.corrections?.inUse().map(json) ?? [],
  );

  web.put(
    '/api/v1/devices/:id/corrections/:quantity',
    {
      config: { access: 'household' },
      schema: {
        summary: 'Correct what a sensor says from now on: by an offset, or dust for humidity as the US EPA does',
        params: Place,
        body: How,
        response: { 200: Type.Array(Correction) },
      },
    },
    async ({ who, params: { id, quantity }, body }) => {
      meant(id, quantity);
      if (body.by === 'epa-humidity' && quantity !== 'pm2_5')
        throw new ApiError(400, 'not-dust', `The US EPA corrects PM2.5, not ${quantity}.`, 'Set an offset instead.');
      const setting = { device: id, quantity, ...body } as CorrectionSetting;
      await changing(() => book().set(setting, `person:${who.id}`));
      return book().inUse().map(json);
    },
  );

  web.delete(
    '/api/v1/devices/:id/corrections/:quantity',
    {
      config: { access: 'household' },
      schema: { summary: 'Show what a sensor says as it says it, from now on', params: Place, response: { 200: Type.Array(Correction) } },
    },
    async ({ who, params: { id, quantity } }) => {
      if (!(await changing(() => book().remove(id, quantity, `person:${who.id}`))))
        throw new ApiError(404, 'none', `${quantity} of ${id} is not corrected.`, 'See /api/v1/corrections for what is.');
      return book().inUse().map(json);
    },
  );
}
