/**
 * AES-128-CCM of broadcasts (RFC 3610): a 4-byte authentication tag, nonces of 12 or 13 bytes.
 * A 4-byte tag lets one forged or wrongly keyed broadcast in 4 billion through.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';

export const KEY_BYTES = 16;
export const TAG_BYTES = 4;

/** The plain bytes, or null where key, nonce and tag do not belong together. The key must have {@link KEY_BYTES}. */
export function openCcm(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, tag: Uint8Array, aad?: Uint8Array): Uint8Array | null {
  const cipher = createDecipheriv('aes-128-ccm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAuthTag(tag);
  if (aad !== undefined) cipher.setAAD(aad, { plaintextLength: sealed.length });
  try {
    const plain = cipher.update(sealed);
    cipher.final();
    return plain;
  } catch {
    return null; // node says "unsupported state": the tag does not fit
  }
}

/**
 * The keystream alone, for the old formats whose tag is cut off: counter mode with CCM's counter blocks
 * (RFC 3610 section 2.3: flags L-1, nonce, counter from 1).
 */
export function ccmKeystream(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array {
  const block = new Uint8Array(16);
  block[0] = 15 - nonce.length - 1;
  block.set(nonce, 1);
  block[15] = 1;
  return createCipheriv('aes-128-ctr', key, block).update(sealed);
}
