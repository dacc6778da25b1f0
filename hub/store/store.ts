/** Everything the hub keeps: one vault for each subject, opened as it is needed. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { keyOf } from './keys.ts';
import { openVault, type Vault, type VaultOptions } from './vault.ts';

export interface Store extends Disposable {
  /** The subject's vault, made when it is new. Throws StoreError. */
  vault(subject: string): Vault;
  /** Subjects that have a vault. */
  subjects(): string[];
}

/** What may be a file's name everywhere; a subject's id is made by the hub. */
const SUBJECT = /^[a-z0-9][a-z0-9-]{0,63}$/;

export function openStore(folder: string, options: VaultOptions = {}): Store {
  const vaults = `${folder}/vaults`;
  mkdirSync(vaults, { recursive: true, mode: 0o700 });
  const open = new Map<string, Vault>();
  return {
    vault(subject) {
      const known = open.get(subject);
      if (known !== undefined) return known;
      if (!SUBJECT.test(subject)) throw new RangeError(`'${subject}' is no subject id: lower-case letters, digits and hyphens`);
      const file = `${vaults}/${subject}.db`;
      const vault = openVault(file, subject, keyOf(`${folder}/keys`, subject, !existsSync(file)), options);
      open.set(subject, vault);
      return vault;
    },
    subjects: () =>
      readdirSync(vaults)
        .filter((name) => name.endsWith('.db'))
        .map((name) => name.slice(0, -'.db'.length))
        .sort(),
    [Symbol.dispose]() {
      for (const vault of open.values()) vault.close();
      open.clear();
    },
  };
}
