import { le16, le32, own } from './fields.ts';
import type { RadioTwin } from './twin.ts';

const wave = own('ade711e489d3123b93f75cba');

/** Serial 2930012345: a Wave Plus. */
export const createWavePlus = (): RadioTwin => ({
  name: 'Airthings Wave+',
  lists: [],
  manufacturer: Uint8Array.of(0x34, 0x03, ...le32(2_930_012_345), 0x00, 0x00),
  services: [
    {
      uuid: wave('b42e1c08'),
      characteristics: [
        {
          uuid: wave('b42e2a68'),
          read: () =>
            Uint8Array.of(1, 93, 20, 0, ...le16(42), ...le16(55), ...le16(2190), ...le16(50_125), ...le16(812), ...le16(140), 0, 0, 0, 0),
        },
        {
          uuid: wave('b42e2d06'),
          write: (_, tell) =>
            tell(
              wave('b42e2d06'),
              Uint8Array.of(0x6d, 0, ...new Array<number>(24).fill(0), ...le16(2870), ...new Array<number>(6).fill(0)),
            ),
        },
      ],
    },
  ],
});
