/**
 * Addresses that a device changes each quarter of an hour, and that only who has its identity key can tell are its own.
 * Source: Bluetooth Core 5.4, Vol 6 Part B, 1.3.2.2 and 1.3.2.3; ah in Vol 3 Part H, 2.2.2.
 */
import { createCipheriv } from 'node:crypto';

/** Two highest bits 01: a resolvable private address. */
export const isResolvable = (address: string, isRandom: boolean): boolean =>
  isRandom && (Number.parseInt(address.slice(0, 2), 16) & 0xc0) === 0x40;

/** Whether an address (`70:81:94:0D:FB:AA`) was made by the identity key, 16 bytes, most significant first. */
export function resolves(irk: Uint8Array, address: string): boolean {
  const bytes = Buffer.from(address.replaceAll(':', ''), 'hex');
  if (bytes.length !== 6 || irk.length !== 16) return false;
  const padded = Buffer.concat([Buffer.alloc(13), bytes.subarray(0, 3)]);
  const hash = createCipheriv('aes-128-ecb', irk, null).setAutoPadding(false).update(padded);
  return hash.subarray(13).equals(bytes.subarray(3));
}

/** Addresses whose owner is remembered: those of an hour of a busy street. */
const MOST_REMEMBERED = 500;

export interface Resolver {
  /** The address under which a device is known that now speaks from another; undefined for a stranger. */
  known(address: string, isRandom: boolean): string | undefined;
}

/** `keys` gives the identity keys there are, by the address that their device is known under. */
export function createResolver(keys: () => readonly { readonly address: string; readonly irk: string }[]): Resolver {
  const remembered = new Map<string, string | undefined>();
  let version = '';
  return {
    known(address, isRandom) {
      if (!isResolvable(address, isRandom)) return undefined;
      const there = keys();
      if (there.length === 0) return undefined;
      const now = there.map(({ irk }) => irk).join();
      if (now !== version) remembered.clear();
      version = now;
      if (remembered.has(address)) return remembered.get(address);
      if (remembered.size >= MOST_REMEMBERED) remembered.delete(remembered.keys().next().value!);
      const owner = there.find(({ irk }) => resolves(Buffer.from(irk, 'hex'), address))?.address;
      remembered.set(address, owner);
      return owner;
    },
  };
}
