/**
 * Where the recorded cases lie: a folder beside the project, so that nobody's recordings are copied into it.
 * A clone without that folder skips these tests and says so.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const root = new URL('../../shared/vectors/', import.meta.url);

export const vectorPath = (path: string): string => fileURLToPath(new URL(path, root));

/** Text of a vector file; `.gz` is unpacked. */
export function readVector(path: string): string {
  const bytes = readFileSync(vectorPath(path));
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

/** Parsed JSON of a vector file, typed by the reader who knows its format. */
export const readVectorJson = <T>(path: string): T => JSON.parse(readVector(path)) as T;

/** For tap's `skip` option: false when the recordings are here, else the reason in one line. */
export const skipWithoutVectors: string | false = existsSync(root) ? false : `no recorded cases at ${fileURLToPath(root)}`;
