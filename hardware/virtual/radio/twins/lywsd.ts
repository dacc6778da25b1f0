import { le16, le32, own } from './fields.ts';
import type { RadioTwin } from './twin.ts';

const xiaomi = own('7a0a4b0c8a1a6ff2997da3a6');

export const createLywsd = (): RadioTwin => ({
  name: 'LYWSD03MMC',
  lists: [],
  services: [
    {
      uuid: xiaomi('ebe0ccb0'),
      characteristics: [
        { uuid: xiaomi('ebe0ccb7'), read: () => Uint8Array.from(le32(100_000)) },
        {
          uuid: xiaomi('ebe0ccbc'),
          subscribed(tell) {
            // Two hours, the last one ended 600 s ago: highest temperature and humidity, then lowest.
            tell(xiaomi('ebe0ccbc'), Uint8Array.of(...le32(1), ...le32(95_800), ...le16(221), 51, ...le16(209), 44));
            tell(xiaomi('ebe0ccbc'), Uint8Array.of(...le32(2), ...le32(99_400), ...le16(225), 50, ...le16(218), 46));
          },
        },
        {
          uuid: xiaomi('ebe0ccc1'),
          subscribed: (tell) => setTimeout(() => tell(xiaomi('ebe0ccc1'), Uint8Array.of(...le16(2219), 47, ...le16(2951))), 300),
        },
      ],
    },
  ],
});
