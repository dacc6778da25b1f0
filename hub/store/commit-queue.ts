/**
 * Group commit: what is committed while another commit is being gathered shares its transaction, so that a busy minute costs few
 * flushes of the card. The first after a pause goes at once; those that follow close upon it wait until the window has passed.
 */

/** Rows in one transaction: bounds its memory and how long a reader of the newest value waits. */
const MOST_ROWS_A_TRANSACTION = 5000;
/** So many rows are worth a flush of their own: a device that catches up is not held back. */
const WORTH_A_FLUSH = 64;

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
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

export function createCommitQueue<Row, Stored>(options: CommitQueueOptions<Row, Stored>): CommitQueue<Row, Stored> {
  const { write, afterFlush, windowMs, now } = options;
  let waiting: Waiting<Row, Stored>[] = [];
  let waitingRows = 0;
  let timer: NodeJS.Timeout | undefined;
  let soon: NodeJS.Immediate | undefined;
  let flushedMs = Number.NEGATIVE_INFINITY;

  const flush = (): void => {
    clearTimeout(timer);
    clearImmediate(soon);
    timer = undefined;
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
    flushedMs = now();
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
        const waitMs = waitingRows >= WORTH_A_FLUSH ? 0 : flushedMs + windowMs - now();
        if (waitMs <= 0) soon ??= setImmediate(flush);
        else timer ??= setTimeout(flush, waitMs);
      });
    },
    flush,
  };
}
