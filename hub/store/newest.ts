/** The newest row of each stream of a vault, by the end of its span: read when first asked for, then kept up to date. */
import type { Blocks } from './blocks.ts';
import type { Recent } from './recent.ts';
import type { Row } from './row.ts';

/** More than a vault will ever number. */
const MOST_DEVICES = 2 ** 32;

export interface Newest {
  note(row: Row): void;
  all(): Row[];
  /** Something but the end changed: it is read anew when asked for. */
  forget(): void;
}

export function createNewest(blocks: Blocks, recent: Recent): Newest {
  const newest = new Map<number, Row>();
  let hasAll = false;
  const note = (row: Row): void => {
    const key = row.code * MOST_DEVICES + row.device;
    const known = newest.get(key);
    if (known === undefined || row.endMs >= known.endMs) newest.set(key, row);
  };
  return {
    note,
    all() {
      if (!hasAll) {
        for (const stream of blocks.streams()) {
          const row = blocks.newest(stream);
          if (row !== undefined) note(row);
        }
        for (const row of recent.rows) note(row);
        hasAll = true;
      }
      return [...newest.values()];
    },
    forget() {
      newest.clear();
      hasAll = false;
    },
  };
}
