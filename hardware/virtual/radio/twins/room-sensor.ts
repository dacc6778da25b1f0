import { le16, le32 } from './fields.ts';
import type { RadioTwin } from './twin.ts';

export const createRoomSensor = (): RadioTwin => ({
  name: 'Study',
  lists: ['181a'],
  services: [
    {
      uuid: '181a',
      characteristics: [
        { uuid: '2a6e', read: () => Uint8Array.from(le16(2134)) },
        { uuid: '2a6f', read: () => Uint8Array.from(le16(4710)) },
        { uuid: '2a6d', read: () => Uint8Array.from(le32(1_002_500)) },
      ],
    },
  ],
});
