/** CRC-8 of Sensirion's I2C words: polynomial 0x31, start 0xFF, no reflection (SCD4x datasheet 3.11: 0xBEEF gives 0x92). */
export function sensirionCrc(high: number, low: number): number {
  let crc = 0xff;
  for (const byte of [high, low]) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x80) !== 0 ? ((crc << 1) ^ 0x31) & 0xff : (crc << 1) & 0xff;
  }
  return crc;
}

/** 16-bit words with their checksums taken off; undefined when one is wrong or the length is not whole. */
export function sensirionWords(bytes: Uint8Array): number[] | undefined {
  if (bytes.length % 3 !== 0) return undefined;
  const words: number[] = [];
  for (let at = 0; at < bytes.length; at += 3) {
    const [high, low, crc] = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!];
    if (sensirionCrc(high, low) !== crc) return undefined;
    words.push((high << 8) | low);
  }
  return words;
}
