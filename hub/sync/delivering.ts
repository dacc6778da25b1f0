/** What goes to one target of one vault: deliveries cut from its log behind the cursor, halved where one entry spoils the rest. */
import { type QuantityId, quantities } from '../../firmware/protocol/quantities.ts';
import type { LogEntry, StoredMeasurement } from '../store/log-entry.ts';
import { type Ledger, MOST_ASIDE } from './ledger.ts';
import { mayGo, mayHaveCategory, type Selection } from './selection.ts';
import { type Delivery, type Target, TargetError } from './target.ts';

/** The store as sync reads it. */
export interface LogSource {
  subjects(): string[];
  vault(subject: string): {
    entries(afterSeq: number, limit: number): LogEntry[];
    head(): number;
    latest(): StoredMeasurement[];
    range(query: {
      readonly fromMs?: number;
      readonly toMs?: number;
      readonly quantity?: QuantityId;
      readonly limit?: number;
    }): Iterable<StoredMeasurement>;
  };
}

export interface DeliveringOptions {
  readonly source: LogSource;
  readonly target: Target;
  readonly selection: Selection;
  readonly ledger: Ledger;
  /** Whether a person lets the target have more of them. */
  readonly maySend: (subject: string) => boolean;
  /** Devices that the household took out: a target that shows what is now shows them no more. */
  readonly isGone: (device: string) => boolean;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** What was delivered since the start. */
export interface Sent {
  tries: number;
  entries: number;
  bytes: number;
  lastMs: number | null;
}

export interface Delivering {
  readonly sent: Readonly<Sent>;
  /** Whether anything of a subject goes there. */
  isSent(subject: string): boolean;
  /** Everything behind the cursor. Throws {@link TargetError} when the target is away or refuses. */
  ship(subject: string): Promise<void>;
  /** What was set aside, once more. */
  redeliver(): Promise<void>;
  /** Erasures that were asked for, each until it is done there. */
  eraseAsked(): Promise<void>;
  /** A target that shows what is now shows nothing that was withdrawn, narrowed, or of a device that is gone. */
  keepOnlyAllowed(): Promise<void>;
  log(kind: 'refused' | 'residency' | 'set-aside' | 'erased' | 'recovered', subject: string, message: string): void;
}

export function createDelivering({ source, target, selection, ledger, maySend, isGone, now, signal }: DeliveringOptions): Delivering {
  const { name } = target;
  const sent: Sent = { tries: 0, entries: 0, bytes: 0, lastMs: null };
  /** What the target was last held to show of each subject. */
  const shown = new Map<string, string>();

  const log = (kind: 'refused' | 'residency' | 'set-aside' | 'erased' | 'recovered', subject: string, message: string): void =>
    ledger.log({ atMs: now(), kind, target: name, subject, message });
  const deliveryOf = (subject: string, after: number, upTo: number, entries: readonly LogEntry[]): Delivery => ({
    subject,
    life: ledger.life(name, subject),
    after,
    upTo,
    entries,
    measurementAt: (seq) => measurementAt(subject, seq),
    latest: () => latestOf(subject),
    between: (fromMs, toMs) => [...source.vault(subject).range({ fromMs, toMs: toMs + 1 })].filter((one) => isAllowed(subject, one)),
  });
  const isAllowed = (subject: string, { quantity }: StoredMeasurement): boolean => {
    const allowed = selection(subject);
    return allowed !== undefined && mayHaveCategory(allowed, quantities[quantity].category);
  };
  const latestOf = (subject: string): StoredMeasurement[] =>
    source
      .vault(subject)
      .latest()
      .filter((one) => isAllowed(subject, one) && !isGone(one.device));
  const measurementAt = (subject: string, seq: number): StoredMeasurement | undefined => {
    const [entry] = source.vault(subject).entries(seq - 1, 1);
    return entry?.kind === 'measured' && entry.seq === seq ? entry.measurement : undefined;
  };
  const isSent = (subject: string): boolean => selection(subject) !== undefined && maySend(subject) && !ledger.isErased(name, subject);
  const isWanted = (subject: string, entry: LogEntry): boolean => {
    const allowed = selection(subject);
    return allowed !== undefined && mayGo(allowed, entry, (seq) => measurementAt(subject, seq));
  };

  const send = async (delivery: Delivery): Promise<void> => {
    sent.tries++;
    const { bytes, receipt } = await target.send(delivery, signal);
    const atMs = now();
    sent.bytes += bytes;
    sent.entries += delivery.entries.length;
    sent.lastMs = atMs;
    if (receipt !== undefined) ledger.addReceipt({ target: name, subject: delivery.subject, upTo: delivery.upTo, atMs, receipt });
  };
  const setAside = (subject: string, seq: number, reason: string): void => {
    if (ledger.listAside(name).length >= MOST_ASIDE)
      throw new TargetError('refused', `${MOST_ASIDE} entries were set aside already, the newest because: ${reason}`);
    ledger.setAside({ target: name, subject, seq, reason, atMs: now() });
    log('set-aside', subject, `entry ${seq}: ${reason}`);
  };

  const ship = async (subject: string): Promise<void> => {
    let limit = target.mostEntries;
    const vault = source.vault(subject);
    for (;;) {
      signal.throwIfAborted();
      const after = ledger.cursor(name, subject);
      const all = vault.entries(after, limit);
      if (all.length === 0) return;
      const upTo = all.at(-1)!.seq;
      const aside = new Set(ledger.listAside(name).flatMap((row) => (row.subject === subject ? row.seq : [])));
      const entries = all.filter((entry) => !aside.has(entry.seq) && isWanted(subject, entry));
      try {
        if (entries.length > 0 || target.countsPositions) await send(deliveryOf(subject, after, upTo, entries));
        ledger.setCursor(name, subject, upTo);
        limit = Math.min(target.mostEntries, limit * 2);
      } catch (error) {
        if (!(error instanceof TargetError)) throw error;
        if (error.kind === 'behind' && error.seq !== undefined && error.seq < after) ledger.setCursor(name, subject, error.seq);
        else if (error.kind === 'poisoned' && error.seq !== undefined) setAside(subject, error.seq, error.message);
        else if (error.kind === 'poisoned' && entries.length === 1) setAside(subject, entries[0]!.seq, error.message);
        else if (error.kind === 'erased') {
          ledger.foundErased(name, subject);
          log('refused', subject, error.message);
          return;
        } else if (error.kind === 'poisoned') limit = Math.max(1, Math.floor(all.length / 2));
        else throw error;
      }
    }
  };

  const redeliver = async (): Promise<void> => {
    for (const { subject, seq } of ledger.listAside(name)) {
      const [entry] = source.subjects().includes(subject) ? source.vault(subject).entries(seq - 1, 1) : [];
      try {
        if (entry?.seq === seq && isWanted(subject, entry)) await send(deliveryOf(subject, seq - 1, seq, [entry]));
        ledger.takeBack(name, subject, seq);
      } catch (error) {
        if (!(error instanceof TargetError) || error.kind !== 'poisoned') throw error;
        ledger.setAside({ target: name, subject, seq, reason: error.message, atMs: now() });
      }
    }
  };

  const keepOnlyAllowed = async (): Promise<void> => {
    if (target.keepOnly === undefined) return;
    for (const subject of ledger.sentSubjects(name)) {
      if (ledger.isErased(name, subject)) continue;
      const isStill = isSent(subject) && source.subjects().includes(subject);
      const values = isStill ? latestOf(subject) : [];
      const key = JSON.stringify(isStill ? [selection(subject), values.map(({ device, quantity }) => `${device}/${quantity}`).sort()] : []);
      if (shown.get(subject) === key) continue;
      await target.keepOnly(subject, values, signal);
      shown.set(subject, key);
      // Allowed again, it is told the newest values anew.
      if (!isStill) ledger.setCursor(name, subject, 0);
    }
  };

  const eraseAsked = async (): Promise<void> => {
    for (const subject of ledger.erasures(name)) {
      if (target.erase === undefined)
        log('erased', subject, `${target.kind} cannot erase by itself: remove the data there by hand. ${target.capabilities.says}`);
      else {
        await target.erase(subject, signal, ledger.life(name, subject));
        log('erased', subject, 'everything of this vault is gone there');
      }
      ledger.erased(name, subject);
    }
  };

  return { sent, isSent, ship, redeliver, eraseAsked, keepOnlyAllowed, log };
}
