/** Readings that were somebody else's go over into their vault. */
import { quantities } from '../../../firmware/protocol/quantities.ts';
import type { Store } from '../../store/store.ts';
import type { NewMeasurement, StoredMeasurement } from '../../store/vault.ts';
import type { OperationsLog } from '../operations-log.ts';

export interface Move {
  readonly from: string;
  readonly to: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly device?: string | undefined;
  readonly actor: string;
}

/** New in the one vault, removed from the other with what was computed from them; both logs say so. Resolves with what is new. */
export async function moveReadings(
  { from, to, fromMs, toMs, device, actor }: Move,
  { store, operations }: { readonly store: Store; readonly operations: OperationsLog },
): Promise<StoredMeasurement[]> {
  const source = store.vault(from);
  // What was computed follows from a person's height and age: it is taken out here, and computed anew for whom it is of.
  const rows = [...source.range({ device, fromMs, toMs })].filter(({ seq }) => source.provenance(seq) === undefined);
  if (rows.length === 0) return [];
  const computed = new Set(rows.flatMap((row) => source.computedFrom(identityOf(row))));
  const news = rows.map(({ device, boot, sequence, quantity, value, start, end, timeQuality }): NewMeasurement => {
    const { code } = quantities[quantity];
    return { device, boot, sequence, code, value, endUtcMs: end, spanMs: end - start, timeQuality };
  });
  const stored = await store.vault(to).commit(news);
  // What was there once and was moved away has a removed identity there: it comes back under another boot.
  const known = new Set(stored.map(identityOf));
  const back = news.filter((row) => !known.has(identityOf(row)));
  const shift = 1 + operations.head().seq;
  stored.push(...(await store.vault(to).commit(back.map((row) => ({ ...row, boot: (row.boot ^ shift) >>> 0 })))));
  await source.remove([...rows.map(({ seq }) => seq), ...computed], `person:${actor}`);
  for (const [subject, other] of [
    [from, to],
    [to, from],
  ] as const)
    operations.append({ kind: 'moved', actor, subject, detail: { readings: rows.length, [subject === from ? 'to' : 'from']: other } });
  return stored;
}

const identityOf = ({ device, boot, sequence }: { device: string; boot: number; sequence: number }): string =>
  `${device}/${boot}/${sequence}`;
