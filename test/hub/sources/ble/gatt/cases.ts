/** Counts recorded cases: each passes, or is listed with the reason why ours differs. The list is printed with the test. */
export interface Listed {
  readonly id: string;
  readonly reason: string;
}

export interface Tally {
  passed: number;
  readonly listed: Listed[];
  readonly failed: string[];
}

export const tally = (): Tally => ({ passed: 0, listed: [], failed: [] });

/** One line for each reason: how many cases, and the first of them. */
export function reasonsOf(title: string, { passed, listed, failed }: Tally): string {
  const groups = new Map<string, string[]>();
  for (const { id, reason } of listed) groups.set(reason, [...(groups.get(reason) ?? []), id]);
  const rows = [...groups].map(([reason, ids]) => `  ${String(ids.length).padStart(4)} ${reason}: ${ids[0]}${ids.length > 1 ? ', …' : ''}`);
  return [`${title}: ${passed} cases pass, ${listed.length} are listed, ${failed.length} fail`, ...rows].join('\n');
}

/** Equal within what 32-bit arithmetic loses, or within a given tolerance. */
export const near = (actual: number, expected: number, tolerance = Math.max(1e-9, Math.abs(expected) * 1e-6)): boolean =>
  Math.abs(actual - expected) <= tolerance;
