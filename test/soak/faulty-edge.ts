/** An edge behind a bad line: real storage and the real wire form; answers late, twice, with errors, after half a batch, or never. */
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Clock } from '../../firmware/protocol/time.ts';
import type { Random } from '../../hardware/virtual/random.ts';
import type { Batch } from '../../hub/edge/entry.ts';
import { entriesOf, packOf } from '../../hub/edge/pack.ts';
import { openSqliteStorage } from '../../hub/edge/storage/sqlite.ts';
import type { EdgeStorage } from '../../hub/edge/storage/storage.ts';
import { edgeEntryOf } from '../../hub/sync/shipment.ts';
import { type Target, TargetError } from '../../hub/sync/target.ts';

export const HUB = 'hub';

export interface FaultyEdge {
  /** What a hub's sync sends to. */
  target(clock: Clock): Target;
  /** Nothing gets through while true. */
  isOffline: boolean;
  readonly storage: EdgeStorage;
  /** The edge's own disk as it was at the last {@link FaultyEdge.backUp}. */
  backUp(): void;
  restore(): Promise<void>;
  readonly faults: Record<string, number>;
  close(): Promise<void>;
}

const MOST_ENTRIES = 2000;
const LATE_MS = 3 * 3_600_000;

export function openFaultyEdge(folder: string, random: Random): FaultyEdge {
  mkdirSync(`${folder}/edge`, { recursive: true });
  const file = `${folder}/edge/records.db`;
  let storage = openSqliteStorage(file);
  const faults: Record<string, number> = {};
  const count = (fault: string): void => {
    faults[fault] = (faults[fault] ?? 0) + 1;
  };
  const away = (why: string): TargetError => new TargetError('away', why);
  const half = ({ hub, vault, after, upTo, entries }: Batch): Batch => {
    const middle = Math.floor((after + upTo) / 2);
    return { hub, vault, after, upTo: middle, entries: entries.filter(({ seq }) => seq <= middle) };
  };
  const take = async (batch: Batch): Promise<void> => {
    const taken = await storage.take(batch);
    if (taken.kind === 'ahead') throw new TargetError('behind', `the edge goes on from ${taken.upTo}`, taken.upTo);
  };
  const edge: FaultyEdge = {
    target: (clock) => ({
      name: 'edge',
      kind: 'edge',
      region: 'home',
      mostEntries: MOST_ENTRIES,
      countsPositions: true,
      capabilities: { keepsTime: true, amends: true, removes: true, fillsIn: true, says: '' },
      test: async () => 'well',
      async send({ subject, after, upTo, entries }, signal) {
        if (edge.isOffline) throw away('no network');
        const body = zstdCompressSync(JSON.stringify(packOf({ after, upTo, entries: entries.map(edgeEntryOf) })));
        const batch = { hub: HUB, vault: subject, ...entriesOf(JSON.parse(zstdDecompressSync(body).toString())) };
        const fault = random.uniform();
        if (fault < 0.06) {
          count('refused with an error');
          throw away('the edge answered 503');
        }
        if (fault < 0.12) {
          count('half a batch');
          await take(half(batch));
          throw away('the line was cut');
        }
        await take(batch);
        if (fault < 0.18) {
          count('answer lost');
          throw away('no answer within 30 s');
        }
        if (fault < 0.24) {
          count('taken twice');
          await take(batch);
        }
        if (fault < 0.3) {
          count('answered late');
          await clock.sleep(LATE_MS, signal);
        }
        return { bytes: body.length };
      },
      close: async () => undefined,
    }),
    isOffline: false,
    get storage() {
      return storage;
    },
    backUp() {
      rmSync(`${folder}/edge-backup`, { recursive: true, force: true });
      cpSync(`${folder}/edge`, `${folder}/edge-backup`, { recursive: true });
    },
    async restore() {
      count('restored from a backup');
      await storage[Symbol.asyncDispose]();
      rmSync(`${folder}/edge`, { recursive: true, force: true });
      cpSync(`${folder}/edge-backup`, `${folder}/edge`, { recursive: true });
      storage = openSqliteStorage(file);
    },
    faults,
    close: async () => storage[Symbol.asyncDispose](),
  };
  return edge;
}
