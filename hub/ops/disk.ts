/**
 * The disk is never filled: recordings and raw samples go first, then older backups; measurements go on to the end. Pure rules; who frees
 * what is given.
 */
import { statfsSync } from 'node:fs';

export type Use = 'video' | 'raw' | 'backup' | 'measurement';

export interface DiskState {
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** `low`: no more recordings and raw samples; `critical`: no backups either; `full`: measurements are about to be refused. */
  readonly state: 'ok' | 'low' | 'critical' | 'full';
}

const MB = 2 ** 20;
/** Free space below which a use stops. A home's measurements of a year are some 20 MB: the last step is years of them. */
export const LEAST_FREE_BYTES: Readonly<Record<Exclude<Use, 'measurement'>, number>> = {
  video: 1024 * MB,
  raw: 512 * MB,
  backup: 200 * MB,
};
const FULL_BYTES = 20 * MB;
/** A small disk (a test's, a tiny card) keeps a tenth of itself free instead. */
const SHARE = 0.1;

export function mayKeep(use: Use, { freeBytes, totalBytes }: Pick<DiskState, 'freeBytes' | 'totalBytes'>): boolean {
  return use === 'measurement' || freeBytes >= Math.min(LEAST_FREE_BYTES[use], totalBytes * SHARE);
}

export function diskStateOf(freeBytes: number, totalBytes: number): DiskState {
  const disk = { freeBytes, totalBytes };
  if (freeBytes < Math.min(FULL_BYTES, totalBytes * 0.01)) return { ...disk, state: 'full' };
  return { ...disk, state: mayKeep('raw', disk) ? 'ok' : mayKeep('backup', disk) ? 'low' : 'critical' };
}

/** The disk under a folder as it is now. */
export function diskOf(folder: string): DiskState {
  const { bavail, blocks, bsize } = statfsSync(folder);
  return diskStateOf(bavail * bsize, blocks * bsize);
}

export interface Freeable {
  readonly use: Exclude<Use, 'measurement'>;
  /** Lets the oldest go. Returns the bytes freed; 0 when nothing is left to let go. */
  dropOldest(): number;
}

/** A fault in counting must not loop for ever. */
const MOST_DROPS = 10_000;

/** Frees what goes first until each use has its room again, in the order of `parts`. Returns the bytes freed. */
export function makeRoom(parts: readonly Freeable[], read: () => DiskState): number {
  let freed = 0;
  for (const { use, dropOldest } of parts) {
    for (let drops = 0; drops < MOST_DROPS && !mayKeep(use, read()); drops++) {
      const bytes = dropOldest();
      if (bytes === 0) break;
      freed += bytes;
    }
  }
  return freed;
}
