import type { Batch, Entry, MeasuredEntry } from '../../../hub/edge/entry.ts';

export const NOON = Date.UTC(2026, 10, 24, 12);

/** A weight a minute, at positions of one's choice. */
export const measured = (seq: number, more: Partial<MeasuredEntry> = {}): MeasuredEntry => ({
  kind: 'measured',
  seq,
  device: 'scale-1',
  boot: 7,
  sequence: seq,
  code: 1,
  value: 70 + seq / 100,
  endUtcMs: NOON + seq * 60_000,
  spanMs: 2000,
  timeQuality: 'synced',
  ...more,
});

export function batch(after: number, entries: readonly Entry[], more: Partial<Batch> = {}): Batch {
  return { hub: 'hub', vault: 'person-1', after, upTo: entries.at(-1)?.seq ?? after, entries, ...more };
}

/** A month of what an air monitor says each minute: three quantities, with a device's jitter in time. */
export function minutes(count: number): MeasuredEntry[] {
  let seed = 1;
  const noise = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647 - 0.5;
  };
  let [co2, temperature, humidity, lateMs] = [600, 21, 45, 0];
  return Array.from({ length: count }, (_, index) => {
    const minute = Math.floor(index / 3);
    const which = index % 3;
    if (which === 0) {
      co2 = Math.max(400, Math.round(co2 + noise() * 20));
      temperature = Math.round((temperature + noise() * 0.1) * 100) / 100;
      humidity = Math.round((humidity + noise() * 0.4) * 100) / 100;
      lateMs = Math.round(noise() * 40);
    }
    return measured(index + 1, {
      device: 'air-1',
      code: [120, 121, 122][which]!,
      value: [co2, temperature, humidity][which]!,
      endUtcMs: NOON + minute * 60_000 + lateMs,
      spanMs: 5000,
    });
  });
}
