/**
 * Devices as their makers built them, seen from the air: what they advertise, and what their characteristics answer. Served by the real
 * bleno, see ../peripherals.ts. Sources of the layouts: the services of the Bluetooth SIG, and the descriptions that hub/sources/ble/gatt names.
 */
import { field } from '../hci.ts';
import { le16 } from './fields.ts';

export interface TwinCharacteristic {
  readonly uuid: string;
  readonly read?: () => Uint8Array;
  /** `tell` notifies another (or the same) characteristic of the twin. */
  readonly write?: (bytes: Uint8Array, tell: Tell) => void;
  /** Somebody listens. */
  readonly subscribed?: (tell: Tell) => void;
  readonly indicates?: boolean;
  /** Only over an encrypted link. */
  readonly secure?: boolean;
}
export interface Tell {
  (uuid: string, bytes: Uint8Array): void;
  /** Ends the link, as a device does that has said all. */
  hangUp(): void;
}

export interface RadioTwin {
  readonly name: string;
  /** 16-bit services, as they are listed. */
  readonly lists: readonly string[];
  readonly manufacturer?: Uint8Array;
  readonly services: readonly { readonly uuid: string; readonly characteristics: readonly TwinCharacteristic[] }[];
}

/** What a twin advertises, and what it adds when it is asked. */
export function advertOf({ name, lists, manufacturer }: RadioTwin): { readonly advert: Uint8Array; readonly scanResponse: Uint8Array } {
  const uuids = lists.flatMap((uuid) => le16(Number.parseInt(uuid, 16)));
  const parts = [
    field(0x01, Uint8Array.of(0x06)),
    ...(uuids.length === 0 ? [] : [field(0x03, Uint8Array.from(uuids))]),
    ...(manufacturer === undefined ? [] : [field(0xff, manufacturer)]),
  ];
  return { advert: Uint8Array.from(parts.flatMap((part) => [...part])), scanResponse: field(0x09, new TextEncoder().encode(name)) };
}

/** Long enough for an indication to be confirmed. */
const SAID_ALL_MS = 1000;
/** Says one thing, and hangs up. */
export const once = (tell: Tell, uuid: string, bytes: Uint8Array): void => {
  tell(uuid, bytes);
  hangUpSoon(tell);
};
export const hangUpSoon = (tell: Tell): void => void setTimeout(tell.hangUp, SAID_ALL_MS);
