/**
 * Whose a reading is (H9). The home's values go to the home; a paired product's to its person; where one person lives, all to them; what
 * several people share is decided by {@link judge}, visit by visit, and where that is not sure it waits for one tap. Never the wrong
 * person by default; a guest's readings are thrown away.
 */
import { quantityOfCode } from '../../../firmware/protocol/quantities.ts';
import type { Store } from '../../store/store.ts';
import type { NewMeasurement, StoredMeasurement } from '../../store/vault.ts';
import type { Accounts } from '../accounts.ts';
import { CollectionError, collect } from '../collection.ts';
import type { Household } from '../household.ts';
import type { OperationsLog } from '../operations-log.ts';
import { HOME } from '../subjects.ts';
import { giveDecoded } from './decoded.ts';
import { judge } from './model.ts';
import { type Move, moveReadings } from './move.ts';
import { openPairings, type Pairing } from './pairings.ts';
import { openTrends, weighingOf } from './trends.ts';
import { GUEST, INBOX, openVisits, type Reason, type Visit } from './visits.ts';

/** Readings of one frame are numbered in a row. */
const BESIDE = 8;
/** Readings so close together are of one visit: somebody stands there, or has just stepped off. */
const VISIT_GAP_MS = 60_000;
/** Two weights further apart than this are of two people. */
const SAME_VISIT_KG = 1.5;
/** What is not assigned by then is thrown away: most of it is guests'. */
export const INBOX_MS = 14 * 86_400_000;
const MOST_INBOX = 200;
/** Where one person lives, a weight so far from theirs is a child's, a pet's or a suitcase's, once theirs is known. */
const STRANGE_SHARE = 0.35;
const LEAST_KNOWN = 5;

export interface Attribution {
  /** Keeps a device's readings where they belong; resolves with the ones new in vaults, all on disk, those that wait included. */
  keep(device: string, boot: number, rows: readonly NewMeasurement[]): Promise<StoredMeasurement[]>;
  /** What an update of the hub made known to be about a person goes to them; to be called once the hub runs. Rejects with StoreError. */
  giveDecoded(): Promise<void>;
  /** Whom a live value of a device is shown to; undefined while nobody knows. */
  subjectNow(device: string, code: number): string | undefined;
  /** Visits that wait, newest first. */
  inbox(): Visit[];
  /** Visits that were put into a person's vault, and why. */
  reasons(subject: string, limit: number): Visit[];
  /** One tap: the visit is theirs, and that is learned from. Undefined when there is no such visit in the inbox. */
  assign(visit: number, subject: string, actor: string): Promise<StoredMeasurement[] | undefined>;
  /** A guest's: thrown away. */
  drop(visit: number, actor: string): boolean;
  pairings(): Pairing[];
  /** The person to whom a product was given; undefined for one that is shared. */
  ownerOf(device: string): string | undefined;
  /** Who measures on a product for certain: its person, or who lives here alone. */
  personOf(device: string): string | undefined;
  /** Gives a product to a person, or to nobody; what waited of it goes to them. */
  pair(device: string, subject: string | undefined, actor: string): Promise<StoredMeasurement[]>;
  /** Moves a span of a person's readings into another's vault: new there, removed here with what was computed from them, both logs say so. Resolves with what is new there. */
  move(move: Move): Promise<StoredMeasurement[]>;
  /** A visit was somebody else's: its readings are moved, and both trends learn anew. Undefined when it is not `from`'s. */
  correct(visit: number, from: string, to: string, actor: string): Promise<StoredMeasurement[] | undefined>;
  /** A lock was put on their vault: why visits were theirs is forgotten, values and all. */
  guard(subject: string): void;
  /** Forgets a person: their trend, pairings and visits. Returns what was removed. */
  forget(subject: string): number;
  remains(subject: string): number;
}

export interface AttributionOptions {
  readonly household: Household;
  readonly store: Store;
  readonly accounts: Accounts;
  readonly operations: OperationsLog;
  /** Whether a person lets a value be made of them. */
  readonly mayMake?: (subject: string, code: number) => boolean;
  readonly now: () => number;
}

export function openAttribution({ household, store, accounts, operations, now, mayMake = () => true }: AttributionOptions): Attribution {
  const visits = openVisits(household);
  const trends = openTrends(store, now);
  const pairings = openPairings(household, operations, now);

  /** Whom readings may be about: people with a vault, minors only with consent. Before the claim, the first person to be. */
  const residents = (): string[] => {
    if (!accounts.isClaimed) return [accounts.firstPerson];
    return accounts.list().flatMap(({ id, role, state }) => (role !== 'guest' && state === 'active' ? [id] : []));
  };

  const commit = async (subject: string, rows: readonly NewMeasurement[]): Promise<StoredMeasurement[]> =>
    rows.length === 0
      ? []
      : store.keep(
          subject,
          rows.filter(({ code }) => mayMake(subject, code)),
        );

  /** Puts what a visit holds into its person's vault. Runs again after a power cut: a vault keeps a reading once. */
  const deliver = async (visit: Visit): Promise<StoredMeasurement[]> => {
    const rows = visits.held(visit.number);
    const stored = await commit(visit.place, rows);
    // These alone: others may have come while they were written.
    visits.release(rows);
    return stored;
  };

  /** With a lock, its values stand nowhere but in the vault. */
  const isGuarded = (subject: string): boolean => store.lockState(subject) !== 'plain';
  const settle: typeof visits.settle = (number, place, { by, actor, ...values }, endUtcMs) =>
    visits.settle(number, place, { by, ...(actor === undefined ? {} : { actor }), ...(isGuarded(place) ? {} : values) }, endUtcMs);
  /** The newest weight on each scale, in memory alone. */
  const lastWeights = new Map<string, number>();

  /** The visit that readings belong to: the device's last one, or a new one when time or weight say that somebody else came. */
  const visitFor = (device: string, boot: number, rows: readonly NewMeasurement[]): Visit => {
    const startUtcMs = Math.min(...rows.map(({ endUtcMs, spanMs }) => endUtcMs - spanMs));
    const last = visits.newest(device, boot);
    const weightKg = weighingOf(rows)?.weightKg;
    const lastKg = last === undefined ? undefined : (last.reason.weightKg ?? lastWeights.get(last.device));
    const isSame =
      last !== undefined &&
      // Of a vault with a lock the weight is not noted: after a restart the next reading is another visit.
      (weightKg === undefined || lastKg !== undefined || !isGuarded(last.place)) &&
      startUtcMs - last.endUtcMs <= VISIT_GAP_MS &&
      last.startUtcMs - startUtcMs <= VISIT_GAP_MS &&
      (weightKg === undefined || lastKg === undefined || Math.abs(weightKg - lastKg) <= SAME_VISIT_KG);
    return isSame ? last : visits.open(device, boot, startUtcMs);
  };

  /** Decides a visit by all that it has shown so far; one that was decided stays so. */
  const decide = (visit: Visit): { place: string; reason: Reason } => {
    if (visit.place !== INBOX) return { place: visit.place, reason: visit.reason };
    const weighing = weighingOf(visits.held(visit.number));
    if (weighing === undefined) return { place: INBOX, reason: { by: 'unpaired' } };
    const { subject, guesses, guest } = judge(residents().map(trends.of), weighing);
    const reason: Reason = {
      by: subject === undefined ? 'unsure' : 'trend',
      weightKg: weighing.weightKg,
      ...(weighing.impedanceOhm === undefined ? {} : { impedanceOhm: weighing.impedanceOhm }),
      guesses: guesses.slice(0, 3),
      guest,
    };
    return { place: subject ?? INBOX, reason };
  };

  const keepShared = async (device: string, boot: number, rows: readonly NewMeasurement[]): Promise<StoredMeasurement[]> => {
    const settled = visits.transaction(() => {
      const touched = new Map<number, NewMeasurement[]>();
      // A reading that was sent again goes where it went, and is written there again: its vault knows whether it has it.
      const fresh = rows.filter((row) => {
        const before = visits.of(device, boot, row.sequence);
        if (before !== undefined) touched.set(before.number, [...(touched.get(before.number) ?? []), row]);
        return before === undefined;
      });
      if (fresh.length > 0) {
        const visit = visitFor(device, boot, fresh);
        visits.hold(visit.number, fresh);
        const { place, reason } = decide(visit);
        if (reason.weightKg !== undefined) lastWeights.set(device, reason.weightKg);
        visits.settle(
          visit.number,
          place,
          isGuarded(place) ? { by: reason.by } : reason,
          Math.max(...fresh.map(({ endUtcMs }) => endUtcMs)),
        );
        if (place !== INBOX && visit.place === INBOX) trends.learn(place, visits.held(visit.number));
        if (place === GUEST) visits.release(fresh);
        touched.set(visit.number, touched.get(visit.number) ?? []);
      }
      return [...touched].map(([number, again]) => ({ visit: visits.get(number)!, again }));
    });
    const stored: StoredMeasurement[] = [];
    for (const { visit, again } of settled) {
      if (visit.place === INBOX || visit.place === GUEST) continue;
      stored.push(...(await deliver(visit)), ...(await commit(visit.place, again)));
    }
    return stored;
  };

  /** Somebody else on a scale of one person's: far from their trend, or still standing there since. A paired product asks nobody. */
  const isStranger = (device: string, boot: number, person: string, rows: readonly NewMeasurement[]): boolean => {
    if (pairings.ownerOf(device) === person || rows.length === 0) return false;
    const { weight, count } = trends.of(person);
    const weighing = weighingOf(rows);
    if (weighing !== undefined && weight !== undefined && count >= LEAST_KNOWN)
      return Math.abs(weighing.weightKg / weight.mean - 1) > STRANGE_SHARE;
    const last = visits.newest(device, boot);
    return last !== undefined && last.place !== person && rows[0]!.endUtcMs - last.endUtcMs <= VISIT_GAP_MS;
  };

  const isHomes = (code: number): boolean => {
    const category = quantityOfCode(code)?.category;
    // A code of a newer device is kept with the home until it is known.
    return category === undefined || category === 'environment' || category === 'technical';
  };
  const mayKeep = ({ code }: NewMeasurement): boolean => {
    const category = quantityOfCode(code)?.category;
    if (category === undefined) return true;
    try {
      collect(operations, 'product', category, 'hub', HOME);
      return true;
    } catch (error) {
      if (error instanceof CollectionError) return false;
      throw error;
    }
  };
  const expire = (): void => {
    for (const { number, endUtcMs, reason } of visits.in(INBOX, MOST_INBOX))
      if (now() - endUtcMs > INBOX_MS) {
        visits.settle(number, GUEST, { by: reason.by }, endUtcMs);
        visits.release(visits.held(number));
      }
  };
  const move = async (move: Move): Promise<StoredMeasurement[]> => {
    const stored = await moveReadings(move, { store, operations });
    for (const subject of [move.from, move.to]) trends.relearn(subject);
    return stored;
  };

  /** Of a reading that lies with the home: the person of what the device measured beside it, else of the device. */
  const personOfRow = ({ device, boot, sequence }: StoredMeasurement): string | undefined => {
    for (let by = 1; by <= BESIDE; by++)
      for (const one of [sequence - by, sequence + by]) {
        const place = visits.of(device, boot, one)?.place;
        if (place !== undefined) return place === INBOX || place === GUEST ? undefined : place;
      }
    return pairings.certain(device, residents());
  };
  /** What was decided and not yet in its vault when the power went. */
  const recovered = (async () => {
    for (const visit of visits.holding()) if (visit.place !== INBOX && visit.place !== GUEST) await deliver(visit);
  })();
  // Told to whoever keeps next; nothing is lost meanwhile.
  recovered.catch(() => undefined);

  return {
    async keep(device, boot, readings) {
      await recovered;
      const rows = readings.filter(mayKeep);
      const people = residents();
      const own = rows.filter(({ code }) => !isHomes(code));
      const known = pairings.certain(device, people);
      const person = known === undefined || isStranger(device, boot, known, own) ? undefined : known;
      const home = commit(
        HOME,
        rows.filter(({ code }) => isHomes(code)),
      );
      if (own.length === 0) return home;
      // A product that visits were noted of goes on by visits for what it sends again.
      const again = person === undefined ? own : own.filter(({ sequence }) => visits.of(device, boot, sequence) !== undefined);
      const direct = person === undefined ? [] : own.filter((row) => !again.includes(row));
      if (person !== undefined) trends.learn(person, direct);
      const kept = await Promise.all([
        home,
        person === undefined ? [] : commit(person, direct),
        again.length === 0 ? [] : keepShared(device, boot, again),
      ]);
      return kept.flat();
    },
    async giveDecoded() {
      await recovered;
      const given = await giveDecoded({ store, personOf: personOfRow, commit });
      for (const [subject, readings] of given)
        operations.append({ kind: 'moved', actor: 'hub', subject, detail: { readings, from: HOME } });
    },
    subjectNow: (device, code) => (isHomes(code) ? HOME : pairings.certain(device, residents())),
    inbox() {
      expire();
      return visits.in(INBOX, MOST_INBOX);
    },
    guard(subject) {
      for (const { number, endUtcMs, reason } of visits.in(subject, Number.MAX_SAFE_INTEGER))
        visits.settle(number, subject, { by: reason.by }, endUtcMs);
    },
    reasons: (subject, limit) => visits.in(subject, limit),
    async assign(number, subject, actor) {
      const visit = visits.get(number);
      if (visit === undefined || visit.place !== INBOX) return undefined;
      const rows = visits.held(number);
      visits.transaction(() => {
        settle(number, subject, { ...visit.reason, by: 'tap', actor }, visit.endUtcMs);
        operations.append({ kind: 'attributed', actor, subject, detail: { device: visit.device, readings: rows.length } });
      });
      const stored = await deliver({ ...visit, place: subject });
      // Trends learn in the order of time: an old reading that is assigned late is learned with all others.
      trends.relearn(subject);
      return stored;
    },
    drop(number, actor) {
      const visit = visits.get(number);
      if (visit === undefined || visit.place !== INBOX) return false;
      visits.transaction(() => {
        visits.settle(number, GUEST, { by: 'tap', actor }, visit.endUtcMs);
        visits.release(visits.held(number));
        operations.append({ kind: 'reading-dropped', actor, subject: HOME, detail: { device: visit.device } });
      });
      return true;
    },
    ownerOf: pairings.ownerOf,
    personOf: (device) => pairings.certain(device, residents()),
    pairings: pairings.list,
    async pair(device, subject, actor) {
      pairings.give(device, subject, actor);
      if (subject === undefined) return [];
      const stored: StoredMeasurement[] = [];
      for (const visit of visits.in(INBOX, MOST_INBOX)) {
        if (visit.device !== device) continue;
        settle(visit.number, subject, { ...visit.reason, by: 'tap', actor }, visit.endUtcMs);
        stored.push(...(await deliver({ ...visit, place: subject })));
      }
      trends.relearn(subject);
      return stored;
    },
    move,
    async correct(number, from, to, actor) {
      const visit = visits.get(number);
      if (visit === undefined || visit.place !== from) return undefined;
      const { device, startUtcMs, endUtcMs } = visit;
      // What is sent again from now on goes to them.
      settle(number, to, { ...visit.reason, by: 'tap', actor }, endUtcMs);
      return move({ from, to, fromMs: startUtcMs, toMs: endUtcMs + 1, device, actor });
    },
    forget(subject) {
      trends.relearn(subject);
      return visits.forget(subject) + pairings.forget(subject);
    },
    remains: (subject) => visits.in(subject, 1).length + pairings.remains(subject),
  };
}
