import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Replaces a file so that a power cut leaves the old content or the new, never a part. Readable by its owner alone. */
export function writeFileAtomic(file: string, content: string): void {
  const draft = `${file}.new`;
  const handle = openSync(draft, 'w', 0o600);
  try {
    writeSync(handle, content);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(draft, file);
  const folder = openSync(dirname(file), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** 256 random bits of a secret that programs of this machine share, made on first use and kept in a file of 0600. */
export function secretIn(file: string): string {
  if (existsSync(file)) {
    const secret = readFileSync(file, 'utf8').trim();
    if (secret.length >= 43) return secret;
  }
  const secret = randomBytes(32).toString('base64url');
  writeFileAtomic(file, `${secret}\n`);
  return secret;
}
