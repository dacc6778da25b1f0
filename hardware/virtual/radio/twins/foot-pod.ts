import { le16 } from './fields.ts';
import { once, type RadioTwin } from './twin.ts';

export const createFootPod = (): RadioTwin => ({
  name: 'Pod',
  lists: ['1814'],
  services: [
    {
      uuid: '1814',
      characteristics: [
        { uuid: '2a53', subscribed: (tell) => once(tell, '2a53', Uint8Array.of(0x04, ...le16(Math.round(2.75 * 256)), 83)) },
      ],
    },
  ],
});
