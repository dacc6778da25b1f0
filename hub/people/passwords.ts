/**
 * Passwords as argon2id (RFC 9106, its second recommended parameters: 64 MiB and three passes, for machines with little memory).
 * One is computed after the other, so that guesses cannot fill the memory.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

export const LEAST_PASSWORD_CHARACTERS = 8;
/** A longer one would only cost time to hash. */
export const MOST_PASSWORD_CHARACTERS = 200;
const TAG_BYTES = 32;
const hash = promisify(argon2);

/** What one guess costs. */
export interface PasswordCost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly parallelism: number;
}
export const RECOMMENDED_COST: PasswordCost = { memoryKib: 65_536, passes: 3, parallelism: 4 };

export interface KeptPassword {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** Stands for an account that is not there: a wrong name takes as long as a wrong password. */
const nobody: KeptPassword = { salt: Buffer.alloc(16, 7), hash: Buffer.alloc(32) };

export interface Passwords {
  keep(password: string): Promise<KeptPassword>;
  /** Whether it is the password; with `undefined` kept it takes the same time and is false. */
  isRight(password: string, kept: KeptPassword | undefined): Promise<boolean>;
}

export function createPasswords({ memoryKib, passes, parallelism }: PasswordCost): Passwords {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
  const hashOf = (message: string, nonce: Buffer): Promise<Buffer> =>
    hash('argon2id', { message, nonce, memory: memoryKib, passes, parallelism, tagLength: TAG_BYTES });
  return {
    keep: (password) =>
      inTurn(async () => {
        const salt = randomBytes(16);
        return { salt, hash: await hashOf(password, salt) };
      }),
    isRight: (password, kept) =>
      inTurn(async () => {
        const against = kept ?? nobody;
        const isSame = timingSafeEqual(await hashOf(password.slice(0, MOST_PASSWORD_CHARACTERS + 1), against.salt), against.hash);
        return isSame && kept !== undefined && password.length <= MOST_PASSWORD_CHARACTERS;
      }),
  };
}

/** What is wrong with a password that somebody wants to set; undefined when nothing is. */
export function passwordFault(password: string, name: string): { code: string; message: string; remedy: string } | undefined {
  if (password.length < LEAST_PASSWORD_CHARACTERS)
    return {
      code: 'short-password',
      message: `This password has ${password.length} characters.`,
      remedy: `Choose one of ${LEAST_PASSWORD_CHARACTERS} or more.`,
    };
  const plain = password.toLowerCase();
  if (plain === name.toLowerCase() || new Set(plain).size < 3 || common.has(plain))
    return { code: 'common-password', message: 'This password is one of the first that anybody would try.', remedy: 'Choose another one.' };
  return undefined;
}

/** The worst of those of eight characters and more; the wait after wrong tries takes care of the rest. */
const common = new Set(['password', 'password1', 'passw0rd', '12345678', '123456789', '1234567890', 'qwertyui', 'qwerty123', 'iloveyou']);
