/**
 * Brings vaults' logs to one target, in order, from where its cursor stands. A cursor moves after the target has what lies before it,
 * so a kill at any moment repeats at most one delivery. An entry that the target never takes is set aside with the reason and the rest
 * goes on; everything else is tried again, later and later.
 */

import type { Clock } from '../../firmware/protocol/time.ts';
import { createDelivering, type LogSource } from './delivering.ts';
import type { Ledger } from './ledger.ts';
import { homeRetries, refusedRetries, waitsOf } from './retry-schedule.ts';
import type { Selection } from './selection.ts';
import { type Target, TargetError } from './target.ts';

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
  let woken = Promise.withResolvers<void>();
  let hurried = new AbortController();
  let redelivers = false;
  /** Subjects whose refusal was logged already. */
  const refusedFor = new Map<string, string>();
  const delivering = createDelivering({ source, target, selection, ledger, maySend, isGone, now: () => clock.utc(), signal });
  const { isSent, log, sent } = delivering;

  const shipAll = async (): Promise<void> => {
    await delivering.eraseAsked();
    onErased();
    if (mode() === 'leaving') return;
    await delivering.keepOnlyAllowed();
    if (mode() === 'paused') return;
    if (redelivers) await delivering.redeliver();
    redelivers = false;
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
        await delivering.ship(subject);
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
      redelivers = true;
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
        lastSentMs: sent.lastMs,
        setAside: ledger.listAside(name).length,
        sentEntries: sent.entries,
        sentBytes: sent.bytes,
        tries: sent.tries,
        region: target.region,
        says: target.capabilities.says,
      };
    },
    done,
  };
}
