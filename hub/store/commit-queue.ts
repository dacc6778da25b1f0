/**
 * Group commit: what is committed while another commit is being gathered shares its transaction, so that a busy minute costs few
 * flushes of the card. The first after a pause goes at once; those that follow close upon it wait until the window has passed. Flushes of a
 * steady trickle are rationed: some are free, so that what is measured now and then is kept at once, and each comes back after a while, so
 * that one reading a second costs a flush each few seconds. Nobody is answered before the flush: a device holds what it measured until then.
 */

/** Rows in one transaction: bounds its memory and how long a reader of the newest value waits. */
const MOST_ROWS_A_TRANSACTION = 5000;
/** So many rows are worth a flush of their own: a device that catches up is not held back. */
const WORTH_A_FLUSH = 64;
/** Flushes in a row before a trickle waits: a person on a scale, with what is computed from it, and the devices that say hello at once. */
const FREE_FLUSHES = 8;

interface Waiting<Row, Stored> {
  readonly rows: readonly Row[];
  readonly resolve: (stored: Stored[]) => void;
  readonly reject: (error: unknown) => void;
}

export interface CommitQueue<Row, Stored> {
  commit(rows: readonly Row[]): Promise<Stored[]>;
  /** Writes all that waits, now. */
  flush(): void;
}

export interface CommitQueueOptions<Row, Stored> {
  /** One transaction: what of each part is new, part by part. Throws when nothing was kept. */
  readonly write: (parts: readonly (readonly Row[])[]) => Stored[][];
  /** Told after each transaction, when everybody was answered. */
  readonly afterFlush: () => void;
  readonly windowMs: number;
  /** A flush comes back to the ration after this long; 0 for as many as there are. */
  readonly trickleMs?: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Does the work after so many milliseconds, unless what it returns is called before. */
  readonly later?: (work: () => void, ms: number) => () => void;
}

export function createCommitQueue<Row, Stored>(options: CommitQueueOptions<Row, Stored>): CommitQueue<Row, Stored> {
  const { write, afterFlush, windowMs, trickleMs = 0, now, later = afterMs } = options;
  let waiting: Waiting<Row, Stored>[] = [];
  let waitingRows = 0;
  let cancel: (() => void) | undefined;
  let soon: NodeJS.Immediate | undefined;
  let flushedMs = Number.NEGATIVE_INFINITY;
  /** Flushes left at `flushedMs`. */
  let left = FREE_FLUSHES;
  const leftAt = (nowMs: number): number =>
    trickleMs === 0 || flushedMs === Number.NEGATIVE_INFINITY
      ? FREE_FLUSHES
      : Math.min(FREE_FLUSHES, left + (nowMs - flushedMs) / trickleMs);
  /** How long a row that is given now waits for company. */
  const waitMs = (): number => {
    const nowMs = now();
    return Math.max(flushedMs + windowMs - nowMs, trickleMs === 0 ? 0 : (1 - leftAt(nowMs)) * trickleMs);
  };

  const flush = (): void => {
    cancel?.();
    clearImmediate(soon);
    cancel = undefined;
    soon = undefined;
    if (waiting.length === 0) return;
    const all = waiting;
    waiting = [];
    waitingRows = 0;
    let batch: Waiting<Row, Stored>[] = [];
    let rows = 0;
    for (const one of all) {
      if (batch.length > 0 && rows + one.rows.length > MOST_ROWS_A_TRANSACTION) {
        keep(batch);
        batch = [];
        rows = 0;
      }
      batch.push(one);
      rows += one.rows.length;
    }
    keep(batch);
    const nowMs = now();
    left = Math.max(0, leftAt(nowMs) - 1);
    flushedMs = nowMs;
    afterFlush();
  };

  /** When the transaction fails, nobody's rows were kept and all are told. */
  const keep = (batch: readonly Waiting<Row, Stored>[]): void => {
    try {
      const stored = write(batch.map((one) => one.rows));
      for (const [index, one] of batch.entries()) one.resolve(stored[index] ?? []);
    } catch (error) {
      for (const one of batch) one.reject(error);
    }
  };

  return {
    commit(rows) {
      return new Promise((resolve, reject) => {
        waiting.push({ rows, resolve, reject });
        waitingRows += rows.length;
        const forMs = waitingRows >= WORTH_A_FLUSH ? 0 : waitMs();
        if (forMs <= 0) soon ??= setImmediate(flush);
        else cancel ??= later(flush, forMs);
      });
    },
    flush,
  };
}

function afterMs(work: () => void, ms: number): () => void {
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
}
