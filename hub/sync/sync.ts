/** Everything that leaves the vaults: one shipper for each target, and what is to be seen of them. */
import { mkdirSync } from 'node:fs';
import type { Clock } from '../../firmware/protocol/time.ts';
import { type KeptReceipt, type Ledger, type Operation, openLedger, type SetAside } from './ledger.ts';
import { AT_HOME, type ContinentId, outOfRegion } from './residency.ts';
import { everything, type Selection } from './selection.ts';
import type { TargetSettings } from './settings.ts';
import { type LogSource, type Shipper, startShipper, type TargetState } from './shipper.ts';
import type { Target } from './target.ts';
import { embeddedEdge, openTarget } from './targets.ts';

/** Name of the edge inside the hub. */
export const EMBEDDED = 'embedded';

export interface SyncOptions {
  readonly source: LogSource;
  /** What sync keeps: positions, keys, receipts. */
  readonly folder: string;
  readonly targets: readonly TargetSettings[];
  /** The edge inside the hub; undefined without one. */
  readonly embedded: { readonly url: string; readonly token: string } | undefined;
  /** Where a person lives; undefined while nobody said so. */
  readonly continentOf: (subject: string) => ContinentId | undefined;
  /** Whether a person lets a target have more of them; everybody does unless told. */
  readonly maySend?: (subject: string, target: string) => boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Uniform in [0, 1): spreads the retries of many hubs. */
  readonly random: () => number;
}

export interface Sync {
  /** There may be new entries. */
  wake(): void;
  state(): TargetState[];
  /** Tries a target at once, with what was set aside. False when none has that name. */
  retry(target: string): boolean;
  setAside(): SetAside[];
  operations(limit: number): Operation[];
  receipts(target: string, limit: number): KeptReceipt[];
  /** A subject's vault is gone: every target that had some of it is told, as soon as it can be reached, also after a restart. */
  erase(subject: string): void;
  /** Settles once the signal was aborted and every target is closed. */
  readonly done: Promise<void>;
}

export function startSync({
  source,
  folder,
  targets,
  embedded,
  continentOf,
  maySend = () => true,
  clock,
  signal,
  random,
}: SyncOptions): Sync {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const ledger: Ledger = openLedger(`${folder}/sync.db`);
  const shippers = new Map<string, Shipper>();
  const start = (target: Target, selection: Selection): void => {
    shippers.set(
      target.name,
      startShipper({
        source,
        target,
        selection,
        ledger,
        outOfRegion: (subject, region) => outOfRegion('records', continentOf(subject), region, subject),
        maySend: (subject) => maySend(subject, target.name),
        clock,
        signal,
        random,
      }),
    );
  };
  const log = (kind: Operation['kind'], target: string, message: string): void =>
    ledger.log({ atMs: clock.utc(), kind, target, subject: '', message });
  if (embedded !== undefined) start(embeddedEdge(EMBEDDED, AT_HOME, folder, embedded, log, clock.utc), everything);
  for (const settings of targets)
    start(openTarget(settings, folder, log, clock.utc), { people: settings.people, categories: settings.categories });

  return {
    wake() {
      for (const shipper of shippers.values()) shipper.wake();
    },
    state: () => [...shippers.values()].map((shipper) => shipper.state()),
    retry(target) {
      const shipper = shippers.get(target);
      shipper?.retry();
      return shipper !== undefined;
    },
    setAside: () => ledger.listAside(),
    operations: ledger.operations,
    receipts: ledger.receipts,
    erase(subject) {
      for (const [name, shipper] of shippers) {
        ledger.addErasure(name, subject);
        shipper.retry();
      }
    },
    done: Promise.all([...shippers.values()].map(({ done }) => done)).then(async () => {
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      ledger[Symbol.dispose]();
    }),
  };
}
