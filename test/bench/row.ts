/** One measured figure beside what it is held against. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The limit or the peer, in words: `raw SQLite, same run`, `limit 150 MB`. */
  readonly against: string;
  /** value / the figure held against; null where a ratio says nothing. */
  readonly ratio: number | null;
  /** What must hold, in words: `ratio >= 0.5`. */
  readonly goal: string;
  readonly holds: boolean;
}

/** A bench is a file in a folder of test/bench that exports this. */
export type Bench = () => Promise<BenchRow[]>;
