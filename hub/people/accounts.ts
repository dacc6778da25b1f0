/**
 * Who may look: the hub's owner, by password. There is none until somebody claims the hub, and no default one.
 *
 * Passwords are kept as argon2id (RFC 9106; the parameters are its second recommended option, 64 MiB and three passes, for
 * machines with little memory).
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { writeFileAtomic } from '../ops/files.ts';

export const LEAST_PASSWORD_CHARACTERS = 8;
/** A longer one would only cost time to hash. */
export const MOST_PASSWORD_CHARACTERS = 200;
const argon = { parallelism: 4, tagLength: 32, memory: 65_536, passes: 3 } as const;
const hash = promisify(argon2);

interface Kept {
  readonly name: string;
  readonly salt: string;
  readonly hash: string;
}

export interface Accounts {
  readonly isClaimed: boolean;
  /** Of the owner; undefined before the claim. */
  readonly name: string | undefined;
  /** Sets the first password. False when the hub is claimed already. */
  claim(name: string, password: string): Promise<boolean>;
  isPassword(password: string): Promise<boolean>;
}

export function openAccounts(file: string): Accounts {
  let kept: Kept | undefined = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Kept) : undefined;
  // One after the other: two claims at the same time are one claim and one refusal, and guesses cannot fill the memory.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
  const hashOf = (password: string, salt: Buffer): Promise<Buffer> => hash('argon2id', { ...argon, message: password, nonce: salt });
  return {
    get isClaimed() {
      return kept !== undefined;
    },
    get name() {
      return kept?.name;
    },
    claim: (name, password) =>
      inTurn(async () => {
        if (kept !== undefined) return false;
        const salt = randomBytes(16);
        const next = { name, salt: salt.toString('base64'), hash: (await hashOf(password, salt)).toString('base64') };
        writeFileAtomic(file, JSON.stringify(next));
        kept = next;
        return true;
      }),
    isPassword: (password) =>
      inTurn(async () => {
        if (kept === undefined || password.length > MOST_PASSWORD_CHARACTERS) return false;
        return timingSafeEqual(await hashOf(password, Buffer.from(kept.salt, 'base64')), Buffer.from(kept.hash, 'base64'));
      }),
  };
}
