/**
 * A Bluetooth LE advertisement, apart from any radio: what decoders read.
 *
 * Source of the structures: Bluetooth Core 5.4, Vol 3 Part C section 11 (advertising data format); types from the
 * Assigned Numbers, section 2.3.
 */
import type { QuantityId } from '../../../firmware/protocol/quantities.ts';

export interface Advertisement {
  /** `A4:C1:38:8D:18:B2`; null where the radio does not tell it. */
  readonly address: string | null;
  readonly name: string | null;
  /** dBm. */
  readonly rssi: number | null;
  /** By company identifier; the bytes after it. */
  readonly manufacturerData: ReadonlyMap<number, Uint8Array>;
  /** By UUID as {@link shortUuid} writes it. */
  readonly serviceData: ReadonlyMap<string, Uint8Array>;
  readonly serviceUuids: readonly string[];
}

/** One value that a broadcast or notification carries, in the quantity's own unit. */
export interface BleValue {
  readonly quantity: QuantityId;
  readonly value: number;
  /** Which of several probes, slots, channels or axes (x, y, z) of one device, from 1; absent where it has one. */
  readonly channel?: number;
}

/** A press, a turn, a state that is no quantity: kept for people, never as a measurement. */
export interface BleEvent {
  readonly event: string;
  readonly detail?: string;
}

export type DecodedAdvertisement =
  | {
      readonly kind: 'values';
      /** Product family and model as households know it. */
      readonly model: string;
      readonly values: readonly BleValue[];
      readonly events?: readonly BleEvent[];
      /** Number of the broadcast: equal numbers are one measurement heard again. */
      readonly packet?: number;
      /** Counter of an encrypted broadcast that was accepted: the caller keeps it and hands it back as `lastCounter`. */
      readonly counter?: number;
      /** A device's own clock beside the values, as it wrote it: a witness only. */
      readonly deviceTime?: string;
      /** False while a scale still settles: shown live, never kept. Absent means true. */
      readonly settled?: boolean;
    }
  /** Known by sight, and this broadcast measures nothing: a tag, a beacon, an announcement. */
  | {
      readonly kind: 'presence';
      readonly model: string;
      /** What stays the same while addresses rotate: a beacon's UUID and numbers, a serial number. */
      readonly identity?: string;
    }
  /** Encrypted, and no key is known for this address. */
  | { readonly kind: 'locked'; readonly model: string }
  /**
   * The key does not fit, the counter went back (`replayed`), it is the last accepted broadcast heard again (`repeated`: nothing new, and
   * nothing wrong), or the bytes contradict themselves.
   */
  | { readonly kind: 'refused'; readonly model: string; readonly reason: 'wrong key' | 'replayed' | 'repeated' | 'malformed' };

/** What a decoder may remember and know about one address, kept by whoever calls it. */
export interface BleContext {
  /** Key of this device: 12 or 16 bytes. */
  readonly key?: Uint8Array;
  /** Last accepted counter of an encrypted device; a decoder refuses what is not above it. Set by the caller. */
  readonly lastCounter?: number;
}

/** A family: undefined when the advertisement is not of it. Pure; never throws, whatever the bytes. */
export type AdvertisementDecoder = (advertisement: Advertisement, context: BleContext) => DecodedAdvertisement | undefined;

/** What a 16-bit company identifier, service UUID or name leads to: one product family, in a file of its own. */
export interface AdvertisementFamily {
  readonly name: string;
  /** Service data, by UUID as {@link shortUuid} writes it. */
  readonly serviceData?: readonly string[];
  readonly companies?: readonly number[];
  /** Of devices that put readings where the company identifier belongs: by a listed service UUID. */
  readonly serviceUuids?: readonly string[];
  /** As above, by how the name begins: at least two characters. */
  readonly names?: readonly string[];
  /** As above, and naming nothing at all: by the length of the bytes after the company field. Asked last. */
  readonly lengths?: readonly number[];
  /** Values outside the quantity's bounds are told as they are: the format has an authentic end, or says so itself. */
  readonly verbatim?: boolean;
  readonly decode: AdvertisementDecoder;
}

const BASE_UUID = '-0000-1000-8000-00805f9b34fb';

/** A UUID in its shortest lower-case form: `fcd2` for 0000FCD2-0000-1000-8000-00805F9B34FB, else the 36 characters. */
export function shortUuid(uuid: string): string {
  const lower = uuid.toLowerCase();
  const dashed = /^[0-9a-f]{32}$/.test(lower)
    ? `${lower.slice(0, 8)}-${lower.slice(8, 12)}-${lower.slice(12, 16)}-${lower.slice(16, 20)}-${lower.slice(20)}`
    : lower;
  if (!dashed.endsWith(BASE_UUID)) return dashed.length === 8 && dashed.startsWith('0000') ? dashed.slice(4) : dashed;
  const head = dashed.slice(0, 8);
  return head.startsWith('0000') ? head.slice(4) : head;
}
