import { quantities } from '../../../firmware/protocol/quantities.ts';
import { Type } from '../../../firmware/schema/type.ts';
import type { Bluetooth } from '../../sources/ble/bluetooth.ts';
import { CaptureError } from '../../sources/ble/capture/capture.ts';
import { CaptureFile } from '../../sources/ble/capture/capture-file.ts';
import { ClaimError } from '../../sources/ble/claims.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';

const Added = Type.Object({
  address: Type.String(),
  device: Type.String(),
  name: Type.String(),
  model: Type.String(),
  hasKey: Type.Boolean(),
  isBonded: Type.Boolean({ description: 'paired: its link is encrypted' }),
  about: Type.String({ description: 'maker, model and serial number as it tells them' }),
  trouble: Type.String({ description: 'what it needs of the household; empty when nothing' }),
  userSlot: Type.Union([Type.Integer(), Type.Null()], { description: "the person's number on it" }),
});
const Found = Type.Object({
  address: Type.String(),
  model: Type.String(),
  name: Type.Union([Type.String(), Type.Null()]),
  rssi: Type.Number({ description: 'dBm' }),
  heard: Type.String({ format: 'date-time' }),
  isLocked: Type.Boolean({ description: 'it speaks in cipher and needs its key' }),
  values: Type.Array(
    Type.Object({ quantity: Type.String(), label: Type.String(), value: Type.Number(), unit: Type.String(), category: Type.String() }),
  ),
});
const State = Type.Object({
  state: Type.String({ description: 'off, quiet, hearing or deaf' }),
  message: Type.String(),
  adverts: Type.Integer(),
  foreign: Type.Integer({ description: "broadcasts of others' devices: counted, never kept" }),
  tried: Type.Record(Type.String(), Type.Integer()),
  mended: Type.Record(Type.String(), Type.Integer()),
  added: Type.Array(Added),
  found: Type.Array(Found),
});

/** Bluetooth devices: those of the household, and those that could be. */
export function bluetoothRoutes(web: Web, { house }: WebContext): void {
  const bluetooth = (): Bluetooth => {
    const running = house.bluetooth?.();
    if (running === undefined)
      throw new ApiError(409, 'no-bluetooth', 'Bluetooth is switched off.', 'Start the hub without --no-bluetooth.');
    return running;
  };

  web.get(
    '/api/v1/bluetooth',
    {
      config: { access: 'household' },
      schema: { summary: 'The radio, the Bluetooth devices added, and those found', response: { 200: State } },
    },
    async () => {
      const running = house.bluetooth?.();
      if (running === undefined)
        return { state: 'off', message: 'Bluetooth is switched off.', adverts: 0, foreign: 0, tried: {}, mended: {}, added: [], found: [] };
      const { kind, message, adverts, foreign, tried, mended } = running.state();
      const found = running.found().map(({ heardUtcMs, values, ...sighting }) => ({
        ...sighting,
        heard: new Date(heardUtcMs).toISOString(),
        values: values.map(({ quantity, value }) => {
          const { label, unit, category } = quantities[quantity];
          return { quantity, label, value, unit, category };
        }),
      }));
      return { state: kind, message, adverts, foreign, tried, mended, added: running.added(), found };
    },
  );

  web.put(
    '/api/v1/bluetooth/:address',
    {
      config: { access: 'household' },
      schema: {
        summary: 'Add a Bluetooth device, or give it another name or key: from now on it is recorded',
        params: Type.Object({ address: Type.String({ maxLength: 17 }) }),
        body: Type.Object({
          name: Type.Optional(Type.String({ minLength: 1, maxLength: 60 })),
          key: Type.Optional(Type.String({ maxLength: 64 })),
          userSlot: Type.Optional(Type.Integer({ minimum: 0, maximum: 255, description: "the person's number on a device of several" })),
          consentCode: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: 9999,
              description: 'the code that the person agreed on with the device; with it they consent that it tells their values',
            }),
          ),
          irk: Type.Optional(Type.String({ maxLength: 64, description: 'identity key of a device that changes its address' })),
        }),
        response: { 200: Added },
      },
    },
    async ({ params: { address }, body }) => {
      try {
        return bluetooth().add({ address, ...body });
      } catch (error) {
        if (!(error instanceof ClaimError)) throw error;
        throw new ApiError(400, 'bluetooth', `${error.message}.`, 'Correct it and try again.');
      }
    },
  );

  web.get(
    '/api/v1/bluetooth/near',
    {
      config: { access: 'household' },
      schema: {
        summary:
          'Whatever broadcasts in reach, to find the address of a device that is not known by sight: listened for now, and forgotten',
        querystring: Type.Object({ seconds: Type.Integer({ minimum: 1, maximum: 30, default: 5 }) }),
        response: {
          200: Type.Array(
            Type.Object({
              address: Type.String(),
              name: Type.Union([Type.String(), Type.Null()]),
              rssi: Type.Number({ description: 'dBm, the strongest' }),
              times: Type.Integer({ description: 'broadcasts heard' }),
            }),
          ),
        },
      },
    },
    async ({ query: { seconds } }) => bluetooth().near(seconds * 1000),
  );

  web.post(
    '/api/v1/bluetooth/:address/capture',
    {
      config: { access: 'household' },
      schema: {
        summary: 'What one device says, as a file that is a test as it is: its broadcasts and, when connected to, its characteristics',
        params: Type.Object({ address: Type.String({ maxLength: 17 }) }),
        body: Type.Object({
          seconds: Type.Integer({ minimum: 1, maximum: 300, default: 20 }),
          connect: Type.Boolean({ default: false, description: 'connect to it, read what can be read, and listen to what it notifies' }),
        }),
        response: { 200: CaptureFile },
      },
    },
    async ({ params: { address }, body: { seconds, connect } }) => {
      try {
        return await bluetooth().capture(address, seconds * 1000, connect);
      } catch (error) {
        if (!(error instanceof CaptureError)) throw error;
        throw new ApiError(409, 'capture', `${error.message}.`, 'Then try again.');
      }
    },
  );

  web.delete(
    '/api/v1/bluetooth/:address',
    {
      config: { access: 'household' },
      schema: {
        summary: 'Remove a Bluetooth device: what was recorded stays, nothing more is',
        params: Type.Object({ address: Type.String({ maxLength: 17 }) }),
        response: { 200: Type.Object({}) },
      },
    },
    async ({ params: { address } }) => {
      if (!bluetooth().remove(address))
        throw new ApiError(404, 'no-device', `No Bluetooth device of ${address} was added.`, 'See /api/v1/bluetooth for those there are.');
      return {};
    },
  );
}
