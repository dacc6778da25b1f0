import { at } from './fields.ts';
import { hangUpSoon, type RadioTwin } from './twin.ts';

export const createThermometer = (nowMs: () => number): RadioTwin => ({
  name: 'Ear',
  lists: ['1809'],
  services: [
    {
      uuid: '1809',
      characteristics: [
        {
          uuid: '2a1c',
          indicates: true,
          subscribed(tell) {
            const time = new Date(nowMs() - 5000);
            // 36.9 degrees as a FLOAT: mantissa 369, exponent -1.
            const date = at(time);
            tell('2a1c', Uint8Array.of(0x06, 0x71, 0x01, 0x00, 0xff, ...date, 3));
            hangUpSoon(tell);
          },
        },
      ],
    },
  ],
});
