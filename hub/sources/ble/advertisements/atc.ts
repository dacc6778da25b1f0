/**
 * Xiaomi, Qingping and Tuya thermometers with the free firmware of atc1441 and pvvx: service data 0x181A.
 * Source: README of github.com/pvvx/ATC_MiThermometer, "Bluetooth Advertising Formats".
 *
 * 13 bytes: atc1441; 15: custom; 11 and 8: the two, encrypted (AES-128-CCM, tag 4; nonce: address last byte first, then the structure's
 * length, 16 1A 18 and the counter; additional data 0x11). The open ones repeat the address, which is their check.
 */
import type { Advertisement, AdvertisementFamily, BleContext, DecodedAdvertisement } from '../advertisement.ts';
import { KEY_BYTES, openCcm } from './ccm.ts';
import { addressBytes, i16be, i16le, repeatsAddress, u16be, u16le } from './fields.ts';
import { heard, locked, refused, state, value } from './outcome.ts';

const MODEL = 'ATC thermometer';
const AAD = Uint8Array.of(0x11);

function sealed(advertisement: Advertisement, data: Uint8Array, context: BleContext): DecodedAdvertisement {
  const address = addressBytes(advertisement.address);
  if (context.key === undefined || address === null) return locked(MODEL);
  if (context.key.length !== KEY_BYTES) return refused(MODEL, 'wrong key');
  const nonce = Uint8Array.of(...address.reverse(), data.length + 3, 0x16, 0x1a, 0x18, data[0]!);
  const plain = openCcm(context.key, nonce, data.subarray(1, data.length - 4), data.subarray(data.length - 4), AAD);
  if (plain === null) return refused(MODEL, 'wrong key');
  const packet = data[0]!;
  if (plain.length === 3)
    return heard(
      MODEL,
      [value('temperature', plain[0]! / 2 - 40), value('humidity', plain[1]! / 2), value('battery', Math.min(plain[2]! & 0x7f, 100))],
      {
        events: [state('switch', plain[2]! > 0x7f)],
        packet,
      },
    );
  return heard(
    MODEL,
    [value('temperature', i16le(plain, 0) / 100), value('humidity', u16le(plain, 2) / 100), value('battery', Math.min(plain[4]!, 100))],
    { events: [state('switch', (plain[5]! & 2) !== 0)], packet },
  );
}

export const atc: AdvertisementFamily = {
  name: 'ATC and pvvx thermometers',
  serviceData: ['181a'],
  decode(advertisement, context) {
    const data = advertisement.serviceData.get('181a');
    switch (data?.length) {
      case 13:
        if (!repeatsAddress(advertisement.address, data, 0, 'written')) return undefined;
        return heard(
          MODEL,
          [
            value('temperature', i16be(data, 6) / 10),
            value('humidity', data[8]!),
            value('battery', data[9]!),
            value('battery_voltage', u16be(data, 10) / 1000),
          ],
          { packet: data[12]! },
        );
      case 15:
        if (!repeatsAddress(advertisement.address, data, 0, 'reversed')) return undefined;
        return heard(
          MODEL,
          [
            value('temperature', i16le(data, 6) / 100),
            value('humidity', u16le(data, 8) / 100),
            value('battery_voltage', u16le(data, 10) / 1000),
            value('battery', data[12]!),
          ],
          { events: [state('switch', (data[14]! & 2) !== 0)], packet: data[13]! },
        );
      case 11:
      case 8:
        return sealed(advertisement, data, context);
      default:
        return undefined;
    }
  },
};
