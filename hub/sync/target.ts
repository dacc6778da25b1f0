/** What every target of sync is: one file in targets/ that brings entries of a vault's log somewhere. */
import type { LogEntry, StoredMeasurement } from '../store/log-entry.ts';

/** What a target can and cannot, said to the household in words. */
export interface Capabilities {
  /** Whether a measurement of last week arrives dated last week. */
  readonly keepsTime: boolean;
  /** Whether a corrected value takes the place of the old one there. */
  readonly amends: boolean;
  /** Whether a removed value goes away there. */
  readonly removes: boolean;
  /** Whether what was not allowed at first is filled in when it is allowed later, without doubling the rest. */
  readonly fillsIn: boolean;
  readonly says: string;
}

/** The entries that this target is to have of the positions (after, upTo] of a subject's vault. */
export interface Delivery {
  readonly subject: string;
  /** How often everything of the subject began anew at the target, after it was erased there. */
  readonly life: number;
  readonly after: number;
  readonly upTo: number;
  readonly entries: readonly LogEntry[];
  /** The measurement that an entry speaks of, as it now stands; undefined when it is gone. */
  measurementAt(seq: number): StoredMeasurement | undefined;
  /** Newest values of the subject, of the categories that the target may have. */
  latest(): readonly StoredMeasurement[];
  /** What the target may have of the subject that ends in [fromMs, toMs], as it now stands. */
  between(fromMs: number, toMs: number): readonly StoredMeasurement[];
}

export interface Delivered {
  readonly bytes: number;
  /** Signed by the target, kept by the hub. */
  readonly receipt?: string;
}

export interface Target {
  readonly name: string;
  readonly kind: string;
  readonly capabilities: Capabilities;
  /** Where it keeps what it gets: a region of the table, `home`, or `unknown` while its owner did not say. */
  readonly region: string;
  /** Entries in one delivery. */
  readonly mostEntries: number;
  /** Whether it must be told of positions that hold nothing for it, since it takes deliveries only end to end. */
  readonly countsPositions: boolean;
  /** Resolves when the target has all of it. Safe to repeat. Rejects with {@link TargetError}. */
  send(delivery: Delivery, signal: AbortSignal): Promise<Delivered>;
  /** Everything of the subject goes away there; absent when the target cannot. */
  readonly erase?: (subject: string, signal: AbortSignal, life: number) => Promise<void>;
  /** For a target that shows what is now: everything that it shows of the subject beside these values goes. */
  readonly keepOnly?: (subject: string, values: readonly StoredMeasurement[], signal: AbortSignal) => Promise<void>;
  /** Sends something that is nobody's. Resolves with what was seen, for people. Rejects with {@link TargetError}. */
  test(signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

/** Why a delivery did not arrive. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
  /**
   * `away`: try again soon. `refused`: a person has to mend it. `poisoned`: one of the entries is not taken, ever.
   * `behind`: the target stands at `upTo`, go on from there. `erased`: it erased the subject and takes nothing more of it.
   */
  readonly kind: 'away' | 'refused' | 'poisoned' | 'behind' | 'erased';
  /** `poisoned`: the entry's position, when the target names it. `behind`: the target's position. */
  readonly seq: number | undefined;

  constructor(kind: TargetError['kind'], message: string, seq?: number) {
    super(message);
    this.kind = kind;
    this.seq = seq;
  }
}
