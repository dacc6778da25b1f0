/**
 * Bluetooth devices that the household said are its own, with their keys and bonds. What is not here is never recorded.
 *
 * Each lies as a secret in the vault of the person whose device it is, else in the home's: as encrypted as what it opens, and gone with its
 * owner. Of a person who locks their vault it lies in the home's: their device is heard also while nobody can read what it said. Hubs of before kept all of them in a file of the data folder, which is taken over once and removed.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import type { Static } from 'typebox';
import { fits } from '../../../firmware/schema/check.ts';
import { Type } from '../../../firmware/schema/type.ts';
import type { Store } from '../../store/store.ts';

const ADDRESS = /^([0-9A-F]{2}:){5}[0-9A-F]{2}$/;
const KEY = /^([0-9a-f]{24}|[0-9a-f]{32})$/;
const Hex = (bytes: number) => Type.String({ pattern: `^[0-9a-f]{${2 * bytes}}$` });
/** What two devices agreed on when they paired (Bluetooth Core 5.4, Vol 3 Part H, 2.4.4): the key, and the numbers that name it. */
const Bond = Type.Object({ ltk: Hex(16), ediv: Hex(2), rand: Hex(8) });
const Text = Type.Optional(Type.String());
const Claim = Type.Object({
  /** `A4:C1:38:8D:18:B2`. */
  address: Type.String({ pattern: ADDRESS.source }),
  name: Type.String(),
  model: Type.String(),
  /** 12 or 16 bytes in hexadecimal; null for a device that speaks openly. */
  key: Type.Union([Type.String({ pattern: KEY.source }), Type.Null()]),
  /** Last accepted counter of an encrypted device. */
  counter: Type.Union([Type.Integer(), Type.Null()]),
  /** What a scale handed out when it was first connected to. */
  userSlot: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
  pairingKey: Type.Optional(Type.String({ pattern: '^([0-9a-f]{2})+$' })),
  /** The code that its person agreed on with it (User Data Service 1.0). */
  consentCode: Type.Optional(Type.Integer({ minimum: 0, maximum: 9999 })),
  /** Everybody who agreed on a code with it: at each connection another one's values are asked for. */
  users: Type.Optional(
    Type.Array(
      Type.Object({ userSlot: Type.Integer({ minimum: 0, maximum: 255 }), consentCode: Type.Integer({ minimum: 0, maximum: 9999 }) }),
    ),
  ),
  bond: Type.Optional(Bond),
  /** Resolves the addresses that it changes to (Vol 6 Part B, 1.3.2.3). */
  irk: Type.Optional(Hex(16)),
  /** Up to when its log was read, by quantity: UTC ms. */
  loggedUntil: Type.Optional(Type.Record(Type.String(), Type.Number())),
  /** Family that it was last connected to as. */
  family: Type.Optional(Type.String()),
  /** The address that its measurements are kept under, where it has another now. */
  as: Type.Optional(Type.String({ pattern: ADDRESS.source })),
  /** As it calls itself. */
  about: Type.Optional(Type.Object({ maker: Text, model: Text, serial: Text, firmware: Text })),
});
export type BleClaim = Static<typeof Claim>;

/** A household has tens of devices. */
const MOST_CLAIMS = 200;
const SECRET = 'bluetooth/';
const HOME = 'home';

export class ClaimError extends Error {
  override readonly name = 'ClaimError';
}

export interface Claims {
  list(): readonly BleClaim[];
  of(address: string): BleClaim | undefined;
  /** Adds or replaces. Throws {@link ClaimError} for an address, name or key that cannot be, StoreError when it cannot be kept. */
  set(claim: BleClaim): void;
  /** False when it was not there. */
  remove(address: string): boolean;
  /** A counter moves with every broadcast: it is kept in memory and written with the next change or {@link Claims.save}. */
  count(address: string, counter: number): void;
  save(): void;
}

export interface ClaimsOptions {
  readonly store: Pick<Store, 'vault' | 'subjects' | 'lockState'>;
  /** The person of a device; undefined: the home's. */
  readonly ownerOf: (device: string) => string | undefined;
  /** Where hubs of before kept them. */
  readonly oldFile: string;
}

/** The device's identity in the hub: the same whoever hears it and over whichever adapter. */
export const deviceOf = (address: string): string => `ble-${address.replaceAll(':', '').toLowerCase()}`;
export const deviceOfClaim = ({ address, as = address }: Pick<BleClaim, 'address' | 'as'>): string => deviceOf(as);

/** Throws {@link ClaimError} where a device is kept that this hub does not understand: its key must not be replaced by nothing. */
export function openClaims({ store, ownerOf, oldFile }: ClaimsOptions): Claims {
  const claims = new Map<string, BleClaim>();
  /** Whose vault holds it. */
  const places = new Map<string, string>();
  const dirty = new Set<string>();

  for (const subject of store.subjects())
    for (const [name, value] of store.vault(subject).secrets()) {
      if (!name.startsWith(SECRET)) continue;
      const claim: unknown = JSON.parse(value);
      if (!fits(Claim, claim))
        throw new ClaimError(`the Bluetooth device '${name}' in the vault of ${subject} is not understood: update the hub`);
      // One that was moved while a vault was locked is there twice.
      if (places.get(claim.address) === HOME) continue;
      claims.set(claim.address, claim);
      places.set(claim.address, subject);
    }

  const isThere = (place: string): boolean => place === HOME || store.subjects().includes(place);
  const placeOf = (claim: BleClaim): string => {
    const owner = ownerOf(deviceOfClaim(claim)) ?? HOME;
    return owner !== HOME && isThere(owner) && store.lockState(owner) === 'plain' ? owner : HOME;
  };
  const write = (claim: BleClaim): void => {
    const before = places.get(claim.address);
    // With a person who was erased went their devices.
    if (before !== undefined && !isThere(before) && store.lockState(before) !== 'locked') {
      claims.delete(claim.address);
      places.delete(claim.address);
      return;
    }
    const place = placeOf(claim);
    store.vault(place).setSecret(SECRET + claim.address, JSON.stringify(claim));
    if (before !== undefined && before !== place && isThere(before)) store.vault(before).setSecret(SECRET + claim.address, undefined);
    places.set(claim.address, place);
    dirty.delete(claim.address);
  };
  const set: Claims['set'] = (claim) => {
    if (!fits(Claim, claim)) throw new ClaimError(mistakeIn(claim as BleClaim));
    if (!claims.has(claim.address) && claims.size >= MOST_CLAIMS)
      throw new ClaimError(`${MOST_CLAIMS} Bluetooth devices are added already: remove one first`);
    claims.set(claim.address, claim);
    write(claim);
  };

  const old = oldClaims(oldFile);
  for (const claim of old) if (!claims.has(claim.address)) set(claim);
  // Only once all of them are on disk in a vault.
  if (old.length > 0 || existsSync(oldFile)) rmSync(oldFile, { force: true });

  return {
    list: () => [...claims.values()],
    of: (address) => claims.get(address),
    set,
    remove(address) {
      if (!claims.delete(address)) return false;
      const place = places.get(address);
      places.delete(address);
      dirty.delete(address);
      if (place !== undefined && isThere(place)) store.vault(place).setSecret(SECRET + address, undefined);
      return true;
    },
    count(address, counter) {
      const claim = claims.get(address);
      if (claim === undefined) return;
      claims.set(address, { ...claim, counter });
      dirty.add(address);
    },
    save() {
      // Those that were given to somebody else meanwhile move as well.
      for (const claim of [...claims.values()]) if (dirty.has(claim.address) || places.get(claim.address) !== placeOf(claim)) write(claim);
    },
  };
}

function mistakeIn({ address, key, irk, consentCode }: BleClaim): string {
  if (!ADDRESS.test(address)) return `'${address}' is no Bluetooth address: write it like A4:C1:38:8D:18:B2`;
  if (key !== null && !KEY.test(key))
    return `a key of ${key.length} characters does not fit: it has 24 or 32 hexadecimal digits, as the maker's app or cloud shows it`;
  if (irk !== undefined && !/^[0-9a-f]{32}$/.test(irk))
    return `an identity key of ${irk.length} characters does not fit: it has 32 hexadecimal digits`;
  if (consentCode !== undefined) return `the code ${consentCode} does not fit: it is a number from 0 to 9999, as the device shows it`;
  return 'the device cannot be added as it is described';
}

/** Throws when the file is damaged: its keys cannot be made again, so it must not be replaced by an empty one. */
function oldClaims(file: string): BleClaim[] {
  if (!existsSync(file)) return [];
  const damaged = new ClaimError(`${file} is damaged: restore it from a backup, or move it away and add the Bluetooth devices again`);
  try {
    const list: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (!Array.isArray(list) || !list.every((one): one is BleClaim => fits(Claim, one))) throw damaged;
    return list;
  } catch (error) {
    if (error instanceof SyntaxError) throw damaged;
    throw error;
  }
}
