/**
 * The structures inside advertising data: length, type, bytes, and again.
 * Source: Bluetooth Core 5.4, Vol 3 Part C section 11; types from the Assigned Numbers, section 2.3, and the
 * Core Specification Supplement, Part A.
 */
import { shortUuid } from './advertisement.ts';
import { hexOf, i8, u16le } from './advertisements/fields.ts';

export interface AdvertisingData {
  readonly flags: number | null;
  readonly name: string | null;
  /** False for a shortened name, which a scan response may complete. */
  readonly nameComplete: boolean;
  /** dBm. */
  readonly txPower: number | null;
  readonly serviceUuids: readonly string[];
  readonly serviceData: ReadonlyMap<string, Uint8Array>;
  readonly manufacturerData: ReadonlyMap<number, Uint8Array>;
}

const uuid16 = (bytes: Uint8Array, at: number): string =>
  hexOf(
    bytes
      .subarray(at, at + 2)
      .slice()
      .reverse(),
  );
const uuid32 = (bytes: Uint8Array, at: number): string => shortUuid(hexOf(bytes.slice(at, at + 4).reverse()));
const uuid128 = (bytes: Uint8Array, at: number): string => shortUuid(hexOf(bytes.slice(at, at + 16).reverse()));

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text up to the first NUL or the first byte that is not UTF-8. */
function nameOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  for (let length = end < 0 ? bytes.length : end; length > 0; length--) {
    try {
      return strictUtf8.decode(bytes.subarray(0, length));
    } catch {
      // shorter, until it is text: at most 254 steps
    }
  }
  return '';
}

/**
 * Reads advertising data (up to 31 bytes, or 1650 where extended). A length of zero ends it; a structure that says it is
 * longer than what is there ends it too, and what came before is kept. Never throws.
 */
export function parseAdvertisingData(data: Uint8Array): AdvertisingData {
  let flags: number | null = null;
  let name: string | null = null;
  let nameComplete = false;
  let txPower: number | null = null;
  const serviceUuids: string[] = [];
  const serviceData = new Map<string, Uint8Array>();
  const manufacturerData = new Map<number, Uint8Array>();
  for (let at = 0; at + 1 < data.length; ) {
    const length = data[at]!;
    const end = at + 1 + length;
    if (length === 0 || end > data.length) break;
    const body = data.subarray(at + 2, end);
    switch (data[at + 1]) {
      case 0x01:
        if (body.length > 0) flags = body[0]!;
        break;
      case 0x02:
      case 0x03:
        for (let item = 0; item + 2 <= body.length; item += 2) serviceUuids.push(uuid16(body, item));
        break;
      case 0x04:
      case 0x05:
        for (let item = 0; item + 4 <= body.length; item += 4) serviceUuids.push(uuid32(body, item));
        break;
      case 0x06:
      case 0x07:
        for (let item = 0; item + 16 <= body.length; item += 16) serviceUuids.push(uuid128(body, item));
        break;
      case 0x08:
        if (!nameComplete) name = nameOf(body);
        break;
      case 0x09:
        name = nameOf(body);
        nameComplete = true;
        break;
      case 0x0a:
        if (body.length > 0) txPower = i8(body, 0);
        break;
      case 0x16:
        if (body.length >= 2) serviceData.set(uuid16(body, 0), body.subarray(2));
        break;
      case 0x20:
        if (body.length >= 4) serviceData.set(uuid32(body, 0), body.subarray(4));
        break;
      case 0x21:
        if (body.length >= 16) serviceData.set(uuid128(body, 0), body.subarray(16));
        break;
      case 0xff:
        if (body.length >= 2) manufacturerData.set(u16le(body, 0), body.subarray(2));
        break;
    }
    at = end;
  }
  return { flags, name, nameComplete, txPower, serviceUuids, serviceData, manufacturerData };
}
