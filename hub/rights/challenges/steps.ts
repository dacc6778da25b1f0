import type { Vault } from '../../store/vault.ts';

/** Steps of a vault that end in [fromMs, toMs). Who walks with two counters took the steps once: the one that counted most counts. */
export function stepsOf(vault: Pick<Vault, 'range'>, fromMs: number, toMs: number): number {
  const byDevice = new Map<string, number>();
  for (const { device, value, flag } of vault.range({ quantity: 'steps', fromMs, toMs }))
    if (flag === 'ok') byDevice.set(device, (byDevice.get(device) ?? 0) + value);
  return Math.round(Math.max(0, ...byDevice.values()));
}
