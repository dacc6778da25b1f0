/** Fields of characteristics, as the Bluetooth SIG lays them out; integers are little-endian. */

export const le16 = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff];
export const le32 = (value: number): number[] => [...le16(value & 0xffff), ...le16(value >>> 16)];
/** IEEE 11073 SFLOAT of a tenth (exponent -1). */
export const tenths = (value: number): number[] => le16((0xf << 12) | (Math.round(value * 10) & 0xfff));
export const text = (words: string): (() => Uint8Array) => {
  const bytes = new TextEncoder().encode(words);
  return () => bytes;
};
/** Date Time of the SIG (Current Time Service). */
export const at = (time: Date): number[] => [
  ...le16(time.getUTCFullYear()),
  time.getUTCMonth() + 1,
  time.getUTCDate(),
  time.getUTCHours(),
  time.getUTCMinutes(),
  time.getUTCSeconds(),
];

/** A maker's own UUIDs: one base, each with its own beginning. */
export const own = (base: string) => (start: string) => `${start}${base}`.replaceAll('-', '');
