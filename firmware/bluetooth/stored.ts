/**
 * Weigh-ins that wait for whoever reads the standard Weight Scale service: each central is told each of them once, the oldest first, also those that
 * were measured while it was away. Pure.
 */

export interface StoredWeighing {
  /** Counts up for ever. */
  readonly number: number;
  readonly kg: number;
  /** By the wall clock, as if it were UTC; null while the device does not know the time. */
  readonly wallMs: number | null;
}

export interface Stored {
  readonly next: number;
  readonly weighings: readonly StoredWeighing[];
  /** Up to which number a central has confirmed them; the one that was told last stands last. */
  readonly told: readonly { readonly central: string; readonly upTo: number }[];
}

export const nothingStored: Stored = { next: 1, weighings: [], told: [] };

/** Three months of a household of four; the oldest go. */
export const MOST_WEIGHINGS = 400;
/** Phones of a household and its hub; a phone that changes its address counts anew. */
const MOST_CENTRALS = 16;

export function store({ next, weighings, told }: Stored, kg: number, wallMs: number | null): Stored {
  return { next: next + 1, weighings: [...weighings, { number: next, kg, wallMs }].slice(-MOST_WEIGHINGS), told };
}

/** The next weigh-in that a central was not told. */
export function nextFor({ weighings, told }: Stored, central: string): StoredWeighing | undefined {
  const upTo = told.find((one) => one.central === central)?.upTo ?? 0;
  return weighings.find(({ number }) => number > upTo);
}

/** A central has confirmed a weigh-in. */
export function confirmed(stored: Stored, central: string, number: number): Stored {
  const others = stored.told.filter((one) => one.central !== central);
  return { ...stored, told: [...others.slice(-MOST_CENTRALS + 1), { central, upTo: number }] };
}

/** Those that were measured before the time was known, in this run, get their times. */
export const dated = (stored: Stored, wallMsOf: (number: number) => number | undefined): Stored => ({
  ...stored,
  weighings: stored.weighings.map((one) => (one.wallMs === null ? { ...one, wallMs: wallMsOf(one.number) ?? null } : one)),
});

/** What was read from a disk. */
export function isStored(value: unknown): value is Stored {
  const { next, weighings, told } = (value ?? {}) as Partial<Stored>;
  const isWeighing = (one: Partial<StoredWeighing> | null): boolean =>
    Number.isSafeInteger(one?.number) && Number.isFinite(one?.kg) && (one?.wallMs === null || Number.isFinite(one?.wallMs));
  const isTold = (one: { central?: unknown; upTo?: unknown } | null): boolean =>
    typeof one?.central === 'string' && Number.isSafeInteger(one.upTo);
  return Number.isSafeInteger(next) && Array.isArray(weighings) && weighings.every(isWeighing) && Array.isArray(told) && told.every(isTold);
}
