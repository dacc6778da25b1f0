/**
 * Values of the SIG's characteristics as service data under the characteristic's own number: the first form of Home Assistant's open
 * sensors, and boards that follow the Environmental Sensing Service. Also a battery level under its service's number 0x180F.
 * Source: Bluetooth Assigned Numbers and GATT Specification Supplement, through the table that reads connected devices.
 * Without a check: exact widths and bounds.
 */
import type { AdvertisementFamily, BleValue } from '../advertisement.ts';
import { measured } from '../gatt/characteristics/measures.ts';
import { decodeCharacteristic, standard } from '../gatt/characteristics/table.ts';
import { heard, value } from './outcome.ts';

const BATTERY_SERVICE = '180f';
/** Report number of the open sensors: counts broadcasts. */
const REPORT = '2a4d';
/** Width of each, as the supplement has it. */
const widths: Readonly<Record<string, number>> = {
  '2a19': 1, // battery
  '2a6d': 4, // pressure
  '2a6e': 2, // temperature
  '2a6f': 2, // humidity
  '2a7b': 1, // dew point
  '2afb': 3, // illuminance
  '2b8c': 2, // CO2
  '2bd5': 2, // PM1
  '2bd6': 2, // PM2.5
  '2bd7': 2, // PM10
};
export const standardValues: AdvertisementFamily = {
  name: 'Standard characteristics',
  serviceData: [BATTERY_SERVICE, REPORT, ...Object.keys(widths)],
  decode({ name, serviceData }) {
    const values: BleValue[] = [];
    let packet: number | undefined;
    for (const [uuid, data] of serviceData) {
      if (uuid === BATTERY_SERVICE) {
        if (data.length === 1) values.push(value('battery', data[0]!));
      } else if (uuid === REPORT) packet = data.length === 1 ? data[0]! : undefined;
      else if (widths[uuid] === data.length) {
        const decoding = decodeCharacteristic(uuid, data);
        if (decoding?.ok === true) values.push(...measured(standard(uuid), decoding.decoded).values);
      }
    }
    // A temperature alone, and a humidity of one byte, are ELA's
    if (values.length === 1 && values[0]!.quantity === 'temperature') return undefined;
    return values.length === 0 ? undefined : heard(name === null ? 'Sensor by the standard' : `Sensor ${name}`, values, { packet });
  },
};
