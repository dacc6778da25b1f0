/**
 * Who a person is, apart from what is measured of them (A3): one encrypted file for each person with a key of its own. Measurements
 * know the opaque subject id alone.
 *
 * Every field is optional. A field says which feature needs it; leaving it out stops that feature and nothing else.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import type { Category } from '../../firmware/protocol/quantities.ts';
import { writeFileAtomic } from '../ops/files.ts';
import { keyOf } from '../store/keys.ts';
import { StoreError } from '../store/store-error.ts';
import type { RegionId } from '../sync/residency.ts';

export interface IdentityField {
  readonly label: string;
  readonly category: Extract<Category, 'identity' | 'body'>;
  /** What does not work without it; empty when it is for the eye alone. */
  readonly neededFor: string;
}

export const identityFields = {
  firstName: { label: 'First name', category: 'identity', neededFor: '' },
  surname: { label: 'Surname', category: 'identity', neededFor: '' },
  birthDate: { label: 'Birth date', category: 'identity', neededFor: 'Body fat and muscle by impedance; the age limits of accounts' },
  email: { label: 'E-mail address', category: 'identity', neededFor: '' },
  photo: { label: 'Photo', category: 'identity', neededFor: '' },
  heightM: { label: 'Height', category: 'body', neededFor: 'Body mass index; body fat and muscle by impedance' },
  sex: { label: 'Sex', category: 'body', neededFor: 'Body fat and muscle by impedance' },
  recordsRegion: { label: 'Where records may be', category: 'identity', neededFor: 'Sending records to a target outside this home' },
  videoRegion: { label: 'Where video may be', category: 'identity', neededFor: 'Video through an edge outside this home' },
} as const satisfies Record<string, IdentityField>;

export interface Identity {
  readonly firstName?: string;
  readonly surname?: string;
  /** YYYY-MM-DD. */
  readonly birthDate?: string;
  readonly email?: string;
  /** A data URL of a small JPEG or PNG. */
  readonly photo?: string;
  readonly heightM?: number;
  /** As the formulas of body composition know it. */
  readonly sex?: 'female' | 'male';
  /** Regions that may have records and video; by the house's continent where nothing is chosen. */
  readonly recordsRegion?: RegionId;
  readonly videoRegion?: RegionId;
}

export interface Identities {
  /** Empty when nothing is known. Throws StoreError when the file or its key is damaged. */
  get(subject: string): Identity;
  set(subject: string, identity: Identity): void;
  /** Destroys key and file. */
  erase(subject: string): void;
  /** Files of a person that are still there. */
  remains(subject: string): string[];
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function openIdentities(folder: string): Identities {
  const files = `${folder}/identities`;
  const keys = `${folder}/keys`;
  mkdirSync(files, { recursive: true, mode: 0o700 });
  const fileOf = (subject: string): string => `${files}/${subject}.sealed`;
  const nameOfKey = (subject: string): string => `identity-${subject}`;
  const keyFor = (subject: string): Buffer => Buffer.from(keyOf(keys, nameOfKey(subject), !existsSync(fileOf(subject))), 'hex');
  return {
    get(subject) {
      const file = fileOf(subject);
      if (!existsSync(file)) return {};
      const sealed = Buffer.from(readFileSync(file, 'utf8'), 'base64');
      try {
        const open = createDecipheriv(CIPHER, keyFor(subject), sealed.subarray(0, NONCE_BYTES));
        open.setAAD(Buffer.from(subject)).setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
        return JSON.parse(Buffer.concat([open.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), open.final()]).toString()) as Identity;
      } catch (error) {
        if (error instanceof StoreError) throw error;
        throw new StoreError('corrupt', `${file} is damaged or its key is another's: restore it from a backup of the data folder`, {
          cause: error,
        });
      }
    },
    set(subject, identity) {
      const nonce = randomBytes(NONCE_BYTES);
      const seal = createCipheriv(CIPHER, keyFor(subject), nonce).setAAD(Buffer.from(subject));
      const text = Buffer.concat([seal.update(JSON.stringify(identity)), seal.final()]);
      writeFileAtomic(fileOf(subject), Buffer.concat([nonce, seal.getAuthTag(), text]).toString('base64'));
    },
    erase(subject) {
      rmSync(`${keys}/${nameOfKey(subject)}.key`, { force: true });
      rmSync(fileOf(subject), { force: true });
    },
    remains: (subject) => [`${keys}/${nameOfKey(subject)}.key`, fileOf(subject)].filter((file) => existsSync(file)),
  };
}
