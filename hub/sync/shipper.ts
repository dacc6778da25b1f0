/**
 * Brings vaults' logs to one target, in order, from where its cursor stands. A cursor moves after the target has what lies before it,
 * so a kill at any moment repeats at most one delivery. An entry that the target never takes is set aside with the reason and the rest
 * goes on; everything else is tried again, later and later.
 */

import { type QuantityId, quantities } from '../../firmware/protocol/quantities.ts';
import type { Clock } from '../../firmware/protocol/time.ts';
import type { LogEntry, StoredMeasurement } from '../store/log-entry.ts';
import type { Ledger } from './ledger.ts';
import { MOST_ASIDE } from './ledger.ts';
import { homeRetries, refusedRetries, waitsOf } from './retry-schedule.ts';
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

const erasedThere = (subject: string): string =>
  `everything of '${subject}' was erased there and stays erased: say once more what it may have of them, then it begins anew`;

/** Entries that come together go together. */
const GATHER_MS = 1000;
/** Looked at anyway, should a wake-up have been missed. */
const IDLE_MS = 60_000;

export interface TargetState {
  readonly name: string;
  readonly kind: string;
  readonly state: 'synced' | 'behind' | 'down' | 'refused' | 'paused' | 'leaving';
  /** Entries that the target does not have yet. */
  readonly lag: number;
  readonly lastError: string;
  readonly lastSentMs: number | null;
  readonly setAside: number;
  readonly sentEntries: number;
  readonly sentBytes: number;
  readonly tries: number;
  readonly region: string;
  readonly says: string;
}

export interface ShipperOptions {
  readonly source: LogSource;
  readonly target: Target;
  readonly selection: Selection;
  readonly ledger: Ledger;
  /** Why a subject's data must not go to the target's region; undefined when it may. */
  readonly outOfRegion: (subject: string, region: string) => string | undefined;
  readonly onOutOfRegion?: (subject: string, why: string) => void;
  /** Whether a person lets the target have more of them. */
  readonly maySend?: (subject: string) => boolean;
  /** `paused`: nothing goes out but erasures, until it goes on. `leaving`: only erasures, and then it is over. */
  readonly mode?: () => 'on' | 'paused' | 'leaving';
  /** Devices that the household took out: a target that shows what is now shows them no more. */
  readonly isGone?: (device: string) => boolean;
  /** Begins when this has settled. */
  readonly after?: Promise<void> | undefined;
  /** Every erasure that was asked for has been done. */
  readonly onErased?: () => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly random: () => number;
}

export interface Shipper {
  /** There may be new entries. */
  wake(): void;
  /** Tries at once, and delivers again what was set aside. */
  retry(): void;
  state(): TargetState;
  readonly done: Promise<void>;
}

export function startShipper(options: ShipperOptions): Shipper {
  const { source, target, selection, ledger, outOfRegion, maySend = () => true, clock, signal, random } = options;
  const { mode = () => 'on', isGone = () => false, onErased = () => undefined, onOutOfRegion = () => undefined } = options;
  const { name } = target;
  let trouble: { readonly kind: 'down' | 'refused'; readonly message: string } | undefined;
  let lastSentMs: number | null = null;
  let sentEntries = 0;
  let sentBytes = 0;
  let tries = 0;
  let woken = Promise.withResolvers<void>();
  let hurried = new AbortController();
  let redeliver = false;
  /** Subjects whose refusal was logged already. */
  const refusedFor = new Map<string, string>();
  /** What the target was last held to show of each subject. */
  const shown = new Map<string, string>();

  const log = (kind: 'refused' | 'residency' | 'set-aside' | 'erased' | 'recovered', subject: string, message: string): void =>
    ledger.log({ atMs: clock.utc(), kind, target: name, subject, message });

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
    tries++;
    const { bytes, receipt } = await target.send(delivery, signal);
    const atMs = clock.utc();
    sentBytes += bytes;
    sentEntries += delivery.entries.length;
    lastSentMs = atMs;
    if (receipt !== undefined) ledger.addReceipt({ target: name, subject: delivery.subject, upTo: delivery.upTo, atMs, receipt });
  };
  const setAside = (subject: string, seq: number, reason: string): void => {
    if (ledger.listAside(name).length >= MOST_ASIDE)
      throw new TargetError('refused', `${MOST_ASIDE} entries were set aside already, the newest because: ${reason}`);
    ledger.setAside({ target: name, subject, seq, reason, atMs: clock.utc() });
    log('set-aside', subject, `entry ${seq}: ${reason}`);
  };

  const shipSubject = async (subject: string): Promise<void> => {
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

  const redeliverAside = async (): Promise<void> => {
    for (const { subject, seq } of ledger.listAside(name)) {
      const [entry] = source.subjects().includes(subject) ? source.vault(subject).entries(seq - 1, 1) : [];
      try {
        if (entry?.seq === seq && isWanted(subject, entry)) await send(deliveryOf(subject, seq - 1, seq, [entry]));
        ledger.takeBack(name, subject, seq);
      } catch (error) {
        if (!(error instanceof TargetError) || error.kind !== 'poisoned') throw error;
        ledger.setAside({ target: name, subject, seq, reason: error.message, atMs: clock.utc() });
      }
    }
    redeliver = false;
  };

  const eraseAll = async (): Promise<void> => {
    for (const subject of ledger.erasures(name)) {
      if (target.erase === undefined)
        log('erased', subject, `${target.kind} cannot erase by itself: remove the data there by hand. ${target.capabilities.says}`);
      else {
        await target.erase(subject, signal, ledger.life(name, subject));
        log('erased', subject, 'everything of this vault is gone there');
      }
      ledger.erased(name, subject);
    }
    onErased();
  };

  /** A target that shows what is now shows nothing that was withdrawn, narrowed, or of a device that is gone. */
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

  const shipAll = async (): Promise<void> => {
    await eraseAll();
    if (mode() === 'leaving') return;
    await keepOnlyAllowed();
    if (mode() === 'paused') return;
    if (redeliver) await redeliverAside();
    const failures: unknown[] = [];
    for (const subject of source.subjects()) {
      if (!isSent(subject)) continue;
      try {
        const why = outOfRegion(subject, target.region);
        if (why !== undefined) {
          if (refusedFor.get(subject) !== why) log('residency', subject, why);
          refusedFor.set(subject, why);
          onOutOfRegion(subject, why);
          continue;
        }
        refusedFor.delete(subject);
        await shipSubject(subject);
      } catch (error) {
        // A damaged or an erased vault does not keep the others back; a target that is away does.
        if (signal.aborted || (error instanceof TargetError && error.kind === 'away')) throw error;
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  };

  const fail = (error: unknown): void => {
    const kind = error instanceof TargetError && error.kind === 'refused' ? 'refused' : 'down';
    const message = error instanceof Error ? error.message : String(error);
    if (kind === 'refused' && trouble?.message !== message) log('refused', '', message);
    trouble = { kind, message };
  };

  const run = async (): Promise<void> => {
    let soon = waitsOf(homeRetries, random);
    let late = waitsOf(refusedRetries, random);
    await options.after;
    while (!signal.aborted) {
      woken = Promise.withResolvers();
      hurried = new AbortController();
      try {
        await shipAll();
        if (trouble?.kind === 'refused') log('recovered', '', 'it takes what is sent again');
        trouble = undefined;
        soon = waitsOf(homeRetries, random);
        late = waitsOf(refusedRetries, random);
      } catch (error) {
        if (signal.aborted) return;
        fail(error);
      }
      const stops = AbortSignal.any([signal, hurried.signal]);
      const sleep = (ms: number, early?: Promise<void>): Promise<void> => {
        const enough = new AbortController();
        const slept = clock.sleep(ms, AbortSignal.any([stops, enough.signal])).catch(() => undefined);
        return early === undefined ? slept : Promise.race([slept, early.then(() => enough.abort())]);
      };
      // While the target is away, new entries do not hurry the next try; a person does.
      if (trouble !== undefined) await sleep((trouble.kind === 'down' ? soon : late).next().value);
      else {
        await sleep(IDLE_MS, woken.promise);
        await sleep(GATHER_MS);
      }
    }
  };
  const done = run().then(() => target.close());

  const lagOf = (): number =>
    source
      .subjects()
      .filter(isSent)
      .reduce((sum, subject) => sum + Math.max(0, headOf(subject) - ledger.cursor(name, subject)), 0);
  const headOf = (subject: string): number => {
    try {
      return source.vault(subject).head();
    } catch {
      // A vault that does not open is the store's trouble, which the store tells.
      return 0;
    }
  };
  return {
    wake: () => woken.resolve(),
    retry() {
      redeliver = true;
      woken.resolve();
      hurried.abort();
    },
    state() {
      const lag = lagOf();
      const [refusal] = [
        ...[...refusedFor].flatMap(([subject, why]) => (isSent(subject) ? why : [])),
        ...ledger.foundErasedOf(name).flatMap((subject) => (selection(subject) === undefined ? [] : erasedThere(subject))),
      ];
      const present = mode();
      return {
        name,
        kind: target.kind,
        state: present !== 'on' ? present : (trouble?.kind ?? (refusal !== undefined ? 'refused' : lag > 0 ? 'behind' : 'synced')),
        lag,
        lastError: trouble?.message ?? refusal ?? '',
        lastSentMs,
        setAside: ledger.listAside(name).length,
        sentEntries,
        sentBytes,
        tries,
        region: target.region,
        says: target.capabilities.says,
      };
    },
    done,
  };
}
