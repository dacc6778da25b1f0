/**
 * Consistent Overhead Byte Stuffing: rewrites bytes so that none is zero, at a cost of 1 byte in 254.
 * Source: S. Cheshire, M. Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM Transactions on Networking 7(2), 1999.
 */

const LONGEST_BLOCK = 254;

export function cobsEncode(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length + Math.ceil(bytes.length / LONGEST_BLOCK) + 1);
  let codeAt = 0;
  let to = 1;
  for (let from = 0; from < bytes.length; from++) {
    const byte = bytes[from] as number;
    if (byte !== 0) out[to++] = byte;
    const full = to - codeAt === LONGEST_BLOCK + 1;
    if (byte === 0 || (full && from + 1 < bytes.length)) {
      out[codeAt] = to - codeAt;
      codeAt = to++;
    }
  }
  out[codeAt] = to - codeAt;
  return out.subarray(0, to);
}

/** Returns undefined when the bytes are no COBS block (a zero inside, or a block that points past the end). */
export function cobsDecode(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length === 0) return undefined;
  const out = new Uint8Array(bytes.length);
  let to = 0;
  let from = 0;
  while (from < bytes.length) {
    const code = bytes[from++] as number;
    if (code === 0 || from + code - 1 > bytes.length) return undefined;
    for (let i = 1; i < code; i++) {
      const byte = bytes[from++] as number;
      if (byte === 0) return undefined;
      out[to++] = byte;
    }
    if (code <= LONGEST_BLOCK && from < bytes.length) out[to++] = 0;
  }
  return out.subarray(0, to);
}
