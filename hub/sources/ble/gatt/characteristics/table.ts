/** Every characteristic that the hub reads by its row of fields, found by its assigned number. */
import { shortUuid } from '../../advertisement.ts';
import { activity } from './activity.ts';
import { body } from './body.ts';
import { type Decoding, decode } from './decode.ts';
import { device } from './device.ts';
import { environment } from './environment.ts';
import type { Characteristic } from './layout.ts';
import { person } from './person.ts';

export const characteristics: readonly Characteristic[] = [...body, ...environment, ...person, ...device, ...activity];

const byUuid = new Map(characteristics.map((characteristic) => [characteristic.uuid, characteristic]));

/** The row of a characteristic by its UUID in any writing (`2A9D`, 0000…, dashed); undefined for one that has none. */
export const characteristicOf = (uuid: string): Characteristic | undefined => byUuid.get(shortUuid(uuid)) ?? byUuid.get(uuid.toLowerCase());

/** The row of a characteristic that this program itself names. */
export function standard(uuid: string): Characteristic {
  const found = byUuid.get(uuid);
  if (found === undefined) throw new Error(`no characteristic ${uuid} in the table`);
  return found;
}

/** Decodes a value by its UUID; undefined for a characteristic that has no row. */
export function decodeCharacteristic(uuid: string, bytes: Uint8Array): Decoding | undefined {
  const characteristic = characteristicOf(uuid);
  return characteristic && decode(characteristic, bytes);
}
