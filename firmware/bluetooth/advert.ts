/** What our own devices advertise: the standard services that they offer, and the framed line. Pure. */
import { LINE_SERVICE } from '../protocol/bluetooth-line.ts';

/** Standard service of a product, by its kind. Source: Assigned Numbers 3.4.2. */
export const serviceOfKind: Readonly<Record<string, string>> = { scale: '181d', tracker: '1814', bed: '180d', home: '181a' };

/** Of the 31 bytes, flags take 3 and the line's service 18: so many services of 2 bytes are left room, and their list's head. */
const MOST_SERVICES = 4;
const MOST_NAME_BYTES = 29;

const field = (type: number, data: Iterable<number>): number[] => {
  const bytes = [...data];
  return [bytes.length + 1, type, ...bytes];
};
const reversed = (uuid: string): Uint8Array => Uint8Array.from(Buffer.from(uuid.replaceAll('-', ''), 'hex')).reverse();

/** Advertisement and scan response (Core 5.4, Vol 3 Part C, 11): flags, services, line; the name as far as it fits. */
export function advertOf(
  name: string,
  devices: readonly { readonly kind: string }[],
): { readonly advert: Uint8Array; readonly scanResponse: Uint8Array } {
  const services = [...new Set(devices.flatMap(({ kind }) => serviceOfKind[kind] ?? []))].slice(0, MOST_SERVICES);
  return {
    advert: Uint8Array.from([
      ...field(0x01, [0x06]),
      ...(services.length === 0
        ? []
        : field(
            0x03,
            services.flatMap((uuid) => [...reversed(uuid)]),
          )),
      ...field(0x07, reversed(LINE_SERVICE)),
    ]),
    scanResponse: Uint8Array.from(field(0x09, nameBytes(name))),
  };
}

/** Whole characters alone. */
function nameBytes(name: string): Uint8Array {
  let text = '';
  for (const character of name) {
    if (Buffer.byteLength(text + character) > MOST_NAME_BYTES) break;
    text += character;
  }
  return Buffer.from(text);
}
