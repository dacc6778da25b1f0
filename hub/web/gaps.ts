/** Gaps of a chart: of the devices that measure its quantity, and of the hub itself, each with its cause in words. */
import type { QuantityId } from '../../firmware/protocol/quantities.ts';
import { HOME } from '../people/subjects.ts';
import type { GapCause } from '../store/log-entry.ts';
import type { Store } from '../store/store.ts';
import type { Gap, Vault } from '../store/vault.ts';

const words: Readonly<Record<GapCause, string>> = {
  power: 'no power',
  radio: 'out of radio reach',
  away: 'not connected',
  dropped: 'measurements lost',
  unknown: 'nothing measured',
};

export interface GapQuery {
  readonly quantity: QuantityId;
  readonly device?: string | undefined;
  readonly fromMs: number;
  readonly toMs: number;
}

const wordsOf = ({ device, cause, lost }: Gap): string => {
  if (device === '*') return cause === 'power' ? 'the hub had no power' : 'the hub was off';
  return cause === 'dropped' && lost !== undefined ? `${lost} ${lost === 1 ? 'measurement' : 'measurements'} lost` : words[cause];
};

export function gapsOf(store: Store, vaults: readonly Vault[], { quantity, device, fromMs, toMs }: GapQuery) {
  if (!store.subjects().includes(HOME)) return [];
  const measuring = new Set(vaults.flatMap((vault) => vault.latest().flatMap((one) => (one.quantity === quantity ? [one.device] : []))));
  return store
    .vault(HOME)
    .gaps({ device, fromMs, toMs })
    .filter((gap) => gap.device === '*' || measuring.has(gap.device))
    .map((gap) => ({ device: gap.device, fromMs: gap.fromMs, toMs: gap.toMs, cause: gap.cause, words: wordsOf(gap) }));
}
