/**
 * The framed protocol over Bluetooth LE: a service of Hearth's own with a characteristic for each direction, which carry the bytes that a serial
 * line would. So a hub that hears a device over the air hears the same numbers of the same boots, and what it has heard over a cable is nothing new.
 */
export const LINE_SERVICE = '7b1d0001-6c0e-4c6a-9f0e-484541525448';
/** From the device: notified. */
export const LINE_FROM_DEVICE = '7b1d0002-6c0e-4c6a-9f0e-484541525448';
/** To the device: written, without an answer; what is lost is sent again. */
export const LINE_TO_DEVICE = '7b1d0003-6c0e-4c6a-9f0e-484541525448';

/** Bytes in parts that a characteristic takes. */
export function* parts(bytes: Uint8Array, most: number): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += most) yield bytes.subarray(from, from + most);
}
