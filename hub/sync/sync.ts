/** Everything that leaves the vaults: one shipper for each target, added and taken away while the hub runs, and what is to be seen of them. */
import { mkdirSync, rmSync } from 'node:fs';
import { type Category, quantities, quantityOfCode } from '../../firmware/protocol/quantities.ts';
import type { Clock } from '../../firmware/protocol/time.ts';
import { BookError, type BookedTarget, type Grant, openBook } from './book.ts';
import type { LogSource } from './delivering.ts';
import { type KeptReceipt, type Ledger, type Operation, openLedger, type SetAside } from './ledger.ts';
import { AT_HOME, outOfRegion, type Residency, stayHome } from './residency.ts';
import { type Allowed, chosen, everything, type Selection } from './selection.ts';
import { mistakeInPlace, secretSettingOf, type TargetKind, type TargetPlace, type TargetSettings } from './settings.ts';
import { type Shipper, startShipper, type TargetState } from './shipper.ts';
import type { Target } from './target.ts';
import { embeddedEdge, openTarget } from './targets.ts';

/** Name of the edge inside the hub. */
export const EMBEDDED = 'embedded';

export interface SyncOptions {
  readonly source: LogSource;
  /** What sync keeps: positions, keys, receipts, targets that people added. */
  readonly folder: string;
  /** Those that the configuration names. */
  readonly targets: readonly TargetSettings[];
  /** The edge inside the hub; undefined without one. */
  readonly embedded: { readonly url: string; readonly token: string } | undefined;
  /** Where a person's data may be; at home alone unless told. */
  readonly residencyOf?: (subject: string) => Residency;
  /** Something of a subject stayed here, since the target is out of its region. */
  readonly onOutOfRegion?: (subject: string, target: string, why: string) => void;
  /** Whether a person lets a target have more of them; everybody does unless told. */
  readonly maySend?: (subject: string, target: string) => boolean;
  /** Devices that the household took out. */
  readonly isGone?: (device: string) => boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Uniform in [0, 1): spreads the retries of many hubs. */
  readonly random: () => number;
}

export interface TargetView extends TargetState {
  /** `hub`: its own edge. `file`: named in the configuration, where its people and categories stand too. `book`: added by people. */
  readonly origin: 'hub' | 'file' | 'book';
  /** Address or folder, without any secret. */
  readonly address: string;
}

export interface Sync {
  /** There may be new entries, or somebody changed their mind. */
  wake(): void;
  state(): TargetView[];
  /** Tries a target at once, with what was set aside. False when none has that name. */
  retry(target: string): boolean;
  setAside(): SetAside[];
  operations(limit: number): Operation[];
  receipts(target: string, limit: number, subject?: string): KeptReceipt[];
  /** A subject's vault is gone: every target that had some of it is told, as soon as it can be reached, also after a restart, and gets nothing more of it; `only` one target, where it is named. */
  erase(subject: string, only?: string): void;
  /** Adds a target, which has nothing of anybody yet. Throws {@link BookError}. */
  add(place: TargetPlace, secret: string | undefined): void;
  /** Takes one away; with `erase` only when it has deleted what it has. Throws {@link BookError}. */
  remove(target: string, erase: boolean): void;
  /** Throws {@link BookError}. */
  pause(target: string, isPaused: boolean): void;
  /** A new password, token, key or enrolment code in place of the old one; an edge is enrolled with anew. Throws {@link BookError}. */
  setSecret(target: string, secret: string): void;
  /** What a target may have of a subject from now on; nothing when the list is empty. Throws {@link BookError}. */
  allow(target: string, subject: string, categories: readonly Category[]): void;
  /** What it may have of a subject; undefined: nothing. */
  allowed(target: string, subject: string): { readonly categories: Allowed; readonly sinceMs: number | undefined } | undefined;
  /** Sends something that is nobody's. Rejects with TargetError, or {@link BookError} when none has that name. */
  test(target: string, signal: AbortSignal): Promise<string>;
  /** Settles once the signal was aborted and every target is closed. */
  readonly done: Promise<void>;
}

/** Secrets without which a target does nothing; a broker may ask for none. */
const neededSecrets: Readonly<Partial<Record<TargetKind, string>>> = { influx: 'token', webhook: 'signing secret', edge: 'enrolment code' };

interface Running {
  readonly shipper: Shipper;
  readonly target: Target;
  readonly selection: Selection;
  readonly origin: TargetView['origin'];
  readonly address: string;
  readonly stop: AbortController;
}

export function startSync({
  source,
  folder,
  targets,
  embedded,
  residencyOf = () => stayHome,
  onOutOfRegion = () => undefined,
  maySend = () => true,
  isGone = () => false,
  clock,
  signal,
  random,
}: SyncOptions): Sync {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const ledger: Ledger = openLedger(`${folder}/sync.db`);
  const book = openBook(folder);
  const running = new Map<string, Running>();
  /** Targets that are being closed, those taken away too. */
  const closing = new Set<Promise<void>>();
  const log = (kind: Operation['kind'], target: string, message: string, subject = ''): void =>
    ledger.log({ atMs: clock.utc(), kind, target, subject, message });

  const start = (target: Target, selection: Selection, origin: TargetView['origin'], address: string, after?: Promise<void>): void => {
    const { name } = target;
    const stop = new AbortController();
    const shipper = startShipper({
      source,
      target,
      selection,
      ledger,
      outOfRegion: (subject, region) => outOfRegion('records', residencyOf(subject), region, subject),
      onOutOfRegion: (subject, why) => onOutOfRegion(subject, name, why),
      maySend: (subject) => maySend(subject, name),
      mode: () => (origin === 'hub' ? 'on' : book.modeOf(name)),
      isGone,
      after,
      onErased() {
        if (book.get(name)?.mode === 'leaving') finish(name);
      },
      clock,
      signal: AbortSignal.any([signal, stop.signal]),
      random,
    });
    running.set(name, { shipper, target, selection, origin, address, stop });
    closing.add(shipper.done);
  };
  const startBooked = ({ place }: BookedTarget, after?: Promise<void>): void =>
    start(
      openTarget(place, folder, log, clock.utc),
      (subject) => book.grantOf(place.name, subject)?.categories,
      'book',
      place.url ?? place.folder ?? '',
      after,
    );
  const edgeFolder = (name: string): string => `${folder}/edges/${name}`;
  const finish = (name: string): void => {
    const found = running.get(name);
    running.delete(name);
    book.remove(name);
    log('target', name, 'taken away');
    ledger.forgetTarget(name);
    rmSync(edgeFolder(name), { recursive: true, force: true });
    found?.stop.abort(new Error('the target was taken away'));
    // What was under way may have moved a position.
    if (found !== undefined)
      closing.add(
        found.shipper.done.then(() => {
          if (!running.has(name)) ledger.forgetTarget(name);
        }),
      );
  };
  const find = (name: string): Running => {
    const found = running.get(name);
    if (found === undefined) throw new BookError('unknown', `no target is called '${name}'`);
    return found;
  };
  const findBooked = (name: string): Running => {
    const found = find(name);
    if (found.origin === 'hub') throw new BookError('fixed', 'the edge inside the hub has everything and stays: it is the hub itself');
    if (found.origin === 'file') throw new BookError('fixed', `'${name}' is named in hearth.yaml: change it there and start the hub again`);
    return found;
  };

  if (embedded !== undefined) start(embeddedEdge(EMBEDDED, AT_HOME, folder, embedded, log, clock.utc), everything, 'hub', embedded.url);
  for (const settings of targets)
    start(
      openTarget(settings, folder, log, clock.utc),
      chosen(settings.people, settings.categories),
      'file',
      settings.url ?? settings.folder ?? '',
    );
  /** What passed a target by as unknown, since nobody could say of which category it is, is gone over again once an update knows it. */
  const fillInDecoded = (): void => {
    const fresh = ledger.newCodes(Object.values(quantities).map(({ code }) => code)).flatMap((code) => quantityOfCode(code)?.id ?? []);
    for (const subject of fresh.length === 0 ? [] : source.subjects())
      for (const quantity of fresh)
        for (const { seq } of source.vault(subject).range({ quantity, limit: 1 }))
          for (const [name, { target }] of running)
            if (target.capabilities.fillsIn && ledger.cursor(name, subject) >= seq) ledger.setCursor(name, subject, seq - 1);
  };
  for (const booked of book.list()) if (!running.has(booked.place.name)) startBooked(booked);
  fillInDecoded();

  return {
    wake() {
      for (const { shipper } of running.values()) shipper.wake();
    },
    state: () => [...running.values()].map(({ shipper, origin, address }) => ({ ...shipper.state(), origin, address })),
    retry(target) {
      const found = running.get(target);
      found?.shipper.retry();
      return found !== undefined;
    },
    setAside: () => ledger.listAside(),
    operations: ledger.operations,
    receipts: ledger.receipts,
    erase(subject, only) {
      if (only === undefined) book.forget(subject);
      for (const [name, { shipper }] of running) {
        if (only !== undefined && name !== only) continue;
        ledger.addErasure(name, subject);
        shipper.retry();
      }
    },
    add(place, secret) {
      if (running.has(place.name) || place.name === EMBEDDED)
        throw new BookError('taken', `the name '${place.name}' is taken: choose another`);
      const setting = secretSettingOf(place.target);
      if (secret !== undefined && setting === undefined) throw new BookError('wrong', `a ${place.target} target has no secret`);
      const needed = secret === undefined ? neededSecrets[place.target] : undefined;
      if (needed !== undefined) throw new BookError('wrong', `${place.target} needs its ${needed}: give it as the secret`);
      const mistake = mistakeInPlace(setting === undefined || secret === undefined ? place : { ...place, [setting]: 'kept here' });
      if (mistake !== undefined) throw new BookError('wrong', mistake.message);
      startBooked(book.add(place, secret, clock.utc()));
      log('target', place.name, `added: ${place.target}, ${place.url ?? place.folder ?? ''}`);
    },
    remove(target, erase) {
      const { shipper } = findBooked(target);
      const subjects = ledger.sentSubjects(target);
      if (!erase || subjects.length === 0) return finish(target);
      for (const subject of subjects) ledger.addErasure(target, subject);
      book.setMode(target, 'leaving');
      log('target', target, 'to be taken away once it has deleted what it has');
      shipper.retry();
    },
    pause(target, isPaused) {
      const { shipper, origin } = find(target);
      if (origin === 'hub') throw new BookError('fixed', 'the edge inside the hub cannot be paused: it is the hub itself');
      if (book.modeOf(target) === 'leaving') throw new BookError('fixed', `'${target}' is on its way out`);
      book.setMode(target, isPaused ? 'paused' : 'on');
      log('target', target, isPaused ? 'paused' : 'goes on');
      shipper.retry();
    },
    setSecret(target, secret) {
      const { stop, shipper } = findBooked(target);
      const booked = book.setSecret(target, secret);
      if (booked.place.target === 'edge') rmSync(`${edgeFolder(target)}/enrolment.json`, { force: true });
      stop.abort(new Error('the target has a new secret'));
      // The old connection ends before the new one begins: both keep positions.
      running.delete(target);
      startBooked(booked, shipper.done);
      log('target', target, booked.place.target === 'edge' ? 'got a new enrolment code' : 'got a new secret');
    },
    allow(target, subject, categories) {
      const found = findBooked(target);
      const before = book.grantOf(target, subject)?.categories ?? [];
      book.setGrant(target, subject, categories, clock.utc());
      const isWider = categories.some((one) => !before.includes(one));
      if (categories.length > 0) ledger.beginAnew(target, subject);
      // What lies before the position is gone over again: what is there stays as it is, and what is newly allowed is filled in.
      if (isWider && found.target.capabilities.fillsIn) ledger.setCursor(target, subject, 0);
      log('target', target, categories.length === 0 ? 'may have nothing more' : `may have ${categories.join(', ')}`, subject);
      found.shipper.retry();
    },
    allowed(target, subject) {
      const found = running.get(target);
      const categories = found?.selection(subject);
      if (categories === undefined) return undefined;
      return { categories, sinceMs: (book.grantOf(target, subject) as Grant | undefined)?.sinceMs };
    },
    async test(target, ends) {
      return find(target).target.test(AbortSignal.any([signal, ends]));
    },
    done: (async () => {
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      await Promise.all(closing);
      ledger[Symbol.dispose]();
    })(),
  };
}
