/** Bluetooth devices that the household said are its own, with their keys. What is not here is never recorded. */
import { existsSync, readFileSync } from 'node:fs';
import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import { writeFileAtomic } from '../../ops/files.ts';

const ADDRESS = /^([0-9A-F]{2}:){5}[0-9A-F]{2}$/;
const KEY = /^([0-9a-f]{24}|[0-9a-f]{32})$/;
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
  userSlot: Type.Optional(Type.Integer()),
  pairingKey: Type.Optional(Type.String({ pattern: '^([0-9a-f]{2})+$' })),
});
export type BleClaim = Static<typeof Claim>;

/** A household has tens of devices. */
const MOST_CLAIMS = 200;

export class ClaimError extends Error {
  override readonly name = 'ClaimError';
}

export interface Claims {
  list(): readonly BleClaim[];
  of(address: string): BleClaim | undefined;
  /** Adds or replaces. Throws {@link ClaimError} for an address, name or key that cannot be. */
  set(claim: BleClaim): void;
  /** False when it was not there. */
  remove(address: string): boolean;
  /** A counter moves with every broadcast: it is kept in memory and written with the next change or {@link Claims.save}. */
  count(address: string, counter: number): void;
  save(): void;
}

/** The device's identity in the hub: the same whoever hears it and over whichever adapter. */
export const deviceOf = (address: string): string => `ble-${address.replaceAll(':', '').toLowerCase()}`;

export function openClaims(file: string): Claims {
  const claims = new Map(load(file).map((claim) => [claim.address, claim]));
  const save = (): void => writeFileAtomic(file, JSON.stringify([...claims.values()], null, 1));
  return {
    list: () => [...claims.values()],
    of: (address) => claims.get(address),
    set(claim) {
      if (!Check(Claim, claim)) throw new ClaimError(mistakeIn(claim as BleClaim));
      if (!claims.has(claim.address) && claims.size >= MOST_CLAIMS)
        throw new ClaimError(`${MOST_CLAIMS} Bluetooth devices are added already: remove one first`);
      claims.set(claim.address, claim);
      save();
    },
    remove(address) {
      if (!claims.delete(address)) return false;
      save();
      return true;
    },
    count(address, counter) {
      const claim = claims.get(address);
      if (claim !== undefined) claims.set(address, { ...claim, counter });
    },
    save,
  };
}

function mistakeIn({ address, key }: { readonly address: string; readonly key: string | null }): string {
  if (!ADDRESS.test(address)) return `'${address}' is no Bluetooth address: write it like A4:C1:38:8D:18:B2`;
  if (key !== null && !KEY.test(key))
    return `a key of ${key.length} characters does not fit: it has 24 or 32 hexadecimal digits, as the maker's app or cloud shows it`;
  return 'the device cannot be added as it is described';
}

/** Throws when the file is damaged: its keys cannot be made again, so it must not be replaced by an empty one. */
function load(file: string): BleClaim[] {
  if (!existsSync(file)) return [];
  const list: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!Array.isArray(list) || !list.every((one): one is BleClaim => Check(Claim, one)))
    throw new ClaimError(`${file} is damaged: restore it from a backup, or move it away and add the Bluetooth devices again`);
  return list;
}
