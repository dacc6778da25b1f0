/** A copy that only its passphrase opens: an age file (age-encryption.org/v1, scrypt recipient), so that `age -d` opens it anywhere. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { ArchiveError } from './archive-error.ts';

/** Half a second on a Pi 4, once for each copy; a guess costs as much. */
const SCRYPT_LOG_N = 15;
export const LEAST_PASSPHRASE = 10;

/** Some 5 MB that only a copy needs. */
const age = () => import('age-encryption');

type Bytes = ReadableStream<Uint8Array>;
const webStream = (bytes: Readable): Bytes => Readable.toWeb(bytes) as unknown as Bytes;
const nodeStream = (bytes: Bytes): Readable => Readable.fromWeb(bytes as unknown as Parameters<typeof Readable.fromWeb>[0]);

/** The sealed bytes; `onEnd` is told the SHA-256 of what was sealed. */
export async function seal(plain: Readable, passphrase: string, onEnd: (sha256: string) => void = () => undefined): Promise<Readable> {
  const encrypter = new (await age()).Encrypter();
  encrypter.setScryptWorkFactor(SCRYPT_LOG_N);
  encrypter.setPassphrase(passphrase);
  const hash = createHash('sha256');
  const counted = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of plain) {
      hash.update(chunk as Buffer);
      yield chunk as Buffer;
    }
    onEnd(hash.digest('hex'));
  };
  return nodeStream(await encrypter.encrypt(webStream(Readable.from(counted(), { objectMode: false }))));
}

/** What a sealed file holds. Rejects with ArchiveError when the passphrase is wrong or the file no longer what was written. */
export async function unseal(sealed: Readable, passphrase: string): Promise<Readable> {
  const decrypter = new (await age()).Decrypter();
  decrypter.addPassphrase(passphrase);
  try {
    return nodeStream(await decrypter.decrypt(webStream(sealed)));
  } catch (error) {
    throw new ArchiveError('damaged', `the copy does not open with this passphrase: ${error instanceof Error ? error.message : error}`);
  }
}

/** The SHA-256 of what a sealed file holds, read to its end. Rejects with ArchiveError. */
export async function readBack(sealed: Readable, passphrase: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of await unseal(sealed, passphrase)) hash.update(chunk as Buffer);
  } catch (error) {
    if (error instanceof ArchiveError) throw error;
    throw new ArchiveError('damaged', `the copy breaks off or was changed: ${error instanceof Error ? error.message : error}`);
  }
  return hash.digest('hex');
}
