/** Vaults with something of everything in them: what a person and a home have after some years, in small. */
import { type QuantityId, quantities } from '../../../firmware/protocol/quantities.ts';
import type { Store } from '../../../hub/store/store.ts';
import type { NewMeasurement } from '../../../hub/store/vault.ts';

export const START = Date.UTC(2026, 0, 5, 7);
const DAY_MS = 86_400_000;

export function reading(
  quantity: QuantityId,
  sequence: number,
  value: number,
  endUtcMs: number,
  more: Partial<NewMeasurement> = {},
): NewMeasurement {
  return {
    device: 'scale-1',
    boot: 7,
    sequence,
    code: quantities[quantity].code,
    value,
    endUtcMs,
    spanMs: 0,
    timeQuality: 'synced',
    zoneMin: 60,
    ...more,
  };
}

/** Weigh-ins, a computed value, blood pressure, steps, a heart rate each minute, an amended and a removed value, a conflict, a gap. */
export async function fill(store: Store, subject: string): Promise<void> {
  const vault = store.vault(subject);
  const weights = Array.from({ length: 20 }, (_, day) => reading('weight', day + 1, 72 + day / 10, START + day * DAY_MS));
  await vault.commit(weights);
  await vault.commit([
    reading('bmi', 1, 23.1, START, {
      device: 'scale-1~bmi',
      provenance: { algorithm: 'body-mass-index', version: '1', inputs: ['scale-1/7/1'] },
    }),
    reading('systolic', 1, 121, START, { device: 'bp-1' }),
    reading('diastolic', 2, 79, START, { device: 'bp-1' }),
    reading('steps', 1, 840, START + 900_000, { device: 'tracker-1', spanMs: 900_000, deviceEndUtcMs: START + 901_000 }),
    reading('weight', 30, 900, START, { timeQuality: 'estimated', timeDoubt: 'future', zoneMin: null }),
    reading('weight', 31, Number.NaN, START),
  ]);
  await vault.commit(
    Array.from({ length: 300 }, (_, minute) =>
      reading('heart_rate', minute + 1, 60 + (minute % 7), START + minute * 60_000, { device: 'mat-1', spanMs: 60_000 }),
    ),
  );
  await vault.amend(2, 71.5, `person:${subject}`);
  await vault.amend(2, 71.6, 'person:other');
  await vault.remove([3], `person:${subject}`);
  await vault.commit([reading('weight', 4, 99, START)]);
  await vault.record({ kind: 'gap', device: 'scale-1', fromMs: START, toMs: START + 60_000, cause: 'power', lost: 2 }, 'hub');
}
