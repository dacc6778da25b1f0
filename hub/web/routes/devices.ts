import { Type } from '../../../firmware/schema/type.ts';
import { HOME } from '../../people/subjects.ts';
import type { Device } from '../../sources/devices.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';
import { Device as DeviceSchema } from '../schemas.ts';

/** A device as the API says it. */
export const deviceJson = ({ lastSeenUtcMs, ...device }: Device) => ({
  ...device,
  quantities: [...device.quantities],
  lastSeen: lastSeenUtcMs === null ? null : new Date(lastSeenUtcMs).toISOString(),
});

export function deviceRoutes(web: Web, { house }: WebContext): void {
  const deviceOf = (id: string): Device => {
    const device = house.devices().find((one) => one.id === id);
    if (device !== undefined) return device;
    throw new ApiError(404, 'no-device', `No device is called ${id}.`, 'See /api/v1/devices for those there are.');
  };

  web.get(
    '/api/v1/devices',
    { config: { access: 'household' }, schema: { summary: 'What measures here', response: { 200: Type.Array(DeviceSchema) } } },
    async () => house.devices().map(deviceJson),
  );

  web.delete(
    '/api/v1/devices/:id',
    {
      config: { access: 'household' },
      schema: {
        summary: 'Take a device that is gone off the list; what it measured stays, and it is listed again as soon as it is heard',
        params: Type.Object({ id: Type.String({ maxLength: 100 }) }),
      },
    },
    async ({ params: { id } }, reply) => {
      const device = deviceOf(id);
      if (!house.forgetDevice(id))
        throw new ApiError(409, 'connected', `${device.name} is connected.`, 'Unplug it, or take it out of the rig file, then try again.');
      return reply.code(204).send();
    },
  );

  web.post(
    '/api/v1/devices/:id/tare',
    {
      config: { access: 'household' },
      schema: {
        summary: 'Take the present load of a scale as zero',
        params: Type.Object({ id: Type.String() }),
        response: { 202: Type.Object({}) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const device = deviceOf(id);
      if (device.kind !== 'scale') throw new ApiError(400, 'no-tare', `${device.name} is no scale.`, 'Only a scale has a zero to set.');
      if (!house.command(id, { name: 'tare' }))
        throw new ApiError(409, 'away', `${device.name} is not connected.`, 'Check its cable, then try again.');
      return reply.code(202).send({});
    },
  );

  web.post(
    '/api/v1/devices/:id/recalibrate',
    {
      config: { access: 'household' },
      schema: {
        summary: 'The air at a CO2 sensor holds this much now, 420 ppm outdoors: it is to agree; what comes of it the device says',
        params: Type.Object({ id: Type.String({ maxLength: 100 }) }),
        body: Type.Object({ co2Ppm: Type.Number({ minimum: 400, maximum: 2000 }) }),
        response: { 202: Type.Object({}) },
      },
    },
    async ({ who, params: { id }, body: { co2Ppm } }, reply) => {
      const device = deviceOf(id);
      if (!device.quantities.includes('co2'))
        throw new ApiError(400, 'no-co2', `${device.name} does not measure CO2.`, `It measures ${device.quantities.join(', ')}.`);
      if (!house.command(id, { name: 'recalibrate', co2Ppm }))
        throw new ApiError(409, 'away', `${device.name} is not connected.`, 'Check its cable, then try again.');
      await house.store.vault(HOME).record({ kind: 'calibration', device: id, chip: 'CO2 sensor', parameters: { co2Ppm } }, who.actor);
      return reply.code(202).send({});
    },
  );
}
