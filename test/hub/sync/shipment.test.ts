import t from 'tap';
import { entriesOf, packOf } from '../../../hub/edge/pack.ts';
import { openSqliteStorage } from '../../../hub/edge/storage/sqlite.ts';
import { openStore } from '../../../hub/store/store.ts';
import type { Vault } from '../../../hub/store/vault.ts';
import { edgeEntryOf } from '../../../hub/sync/shipment.ts';

const NOON = Date.UTC(2026, 10, 24, 12);
const HOUR = 3_600_000;

t.test(
  'what was measured before the time was known has one time in the vault and at the edge, shipped before it was moved or after',
  async (t) => {
    for (const [how, isShippedBefore] of [
      ['shipped before', true],
      ['shipped after', false],
    ] as const) {
      const folder = t.testdir({});
      using store = openStore(folder);
      await using edge = openSqliteStorage(`${folder}/records.db`);
      const vault = store.vault('home');
      let shipped = 0;
      const ship = async (from: Vault): Promise<void> => {
        const entries = from.entries(shipped, 100);
        const upTo = entries.at(-1)!.seq;
        const pack = packOf({ after: shipped, upTo, entries: entries.map(edgeEntryOf) });
        await edge.take({ hub: 'hub', vault: 'home', ...entriesOf(JSON.parse(JSON.stringify(pack))) });
        shipped = upTo;
      };
      const row = (sequence: number, code: number, timeQuality: 'synced' | 'estimated') =>
        ({ device: 'd', boot: 1, sequence, code, value: 700, endUtcMs: NOON, spanMs: 0, timeQuality, hubBoot: 3, isUnset: true }) as const;
      // One dated by its device, one by its arrival, and one of a quantity that this hub does not know yet.
      await vault.commit([row(1, 96, 'synced'), row(2, 96, 'estimated'), row(3, 60_000, 'synced')]);
      if (isShippedBefore) await ship(vault);
      await vault.redate(3, HOUR, 'hub');
      await ship(vault);
      const atEdge = (await edge.rows('hub', 'home', 0, 10)).map(({ sequence, endUtcMs, timeQuality }) => [
        sequence,
        endUtcMs - NOON,
        timeQuality,
      ]);
      t.same(
        vault.log(0, 10).map(({ sequence, end, timeQuality }) => [sequence, end - NOON, timeQuality]),
        [
          [1, HOUR, 'synced'],
          [2, HOUR, 'estimated'],
        ],
      );
      t.match(
        atEdge,
        [
          [1, HOUR, 'synced'],
          [2, HOUR, 'estimated'],
          [3, HOUR],
        ],
        how,
      );
    }
  },
);
