import { le16 } from './fields.ts';
import { battery } from './services.ts';
import { once, type RadioTwin } from './twin.ts';

export const createStrap = (): RadioTwin => ({
  name: 'Strap',
  lists: ['180d'],
  services: [
    {
      uuid: '180d',
      characteristics: [
        { uuid: '2a37', subscribed: (tell) => once(tell, '2a37', Uint8Array.of(0x16, 64, ...le16(960))) },
        { uuid: '2a38', read: () => Uint8Array.of(1) },
      ],
    },
    battery(91),
  ],
});

/** A strap that tells its heart rate to whom it is paired with, and to nobody else. */
export const createPrivateStrap = (): RadioTwin => ({
  name: 'Private strap',
  lists: ['180d'],
  services: [
    {
      uuid: '180d',
      characteristics: [{ uuid: '2a37', secure: true, subscribed: (tell) => once(tell, '2a37', Uint8Array.of(0x06, 71)) }],
    },
  ],
});
