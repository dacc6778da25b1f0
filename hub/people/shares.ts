/**
 * Sharing (C8, C9, E1, E7): nothing of a person is read by another but under a grant of theirs, through {@link Shares.read}, which knows
 * whom it is for, which categories and which days, and writes down what was read. Stopping it is felt by the next read.
 */
import { createHash, randomBytes, randomInt, scryptSync, timingSafeEqual } from 'node:crypto';
import { type Category, quantities } from '../../firmware/protocol/quantities.ts';
import type { StoredMeasurement } from '../store/log-entry.ts';
import type { Store } from '../store/store.ts';
import type { Household } from './household.ts';

export interface Share {
  readonly id: string;
  readonly owner: string;
  /** The account it is for; null for an outside person with a link. */
  readonly account: string | null;
  /** What the owner calls them. */
  readonly label: string;
  readonly categories: readonly Category[];
  /** Days that it covers, UTC milliseconds; null: open on that side. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly createdMs: number;
  readonly endsMs: number;
  readonly stoppedMs: number | null;
  readonly lastReadMs: number | null;
  readonly rowsRead: number;
}

export interface NewShare {
  readonly owner: string;
  readonly account: string | null;
  readonly label: string;
  readonly categories: readonly Category[];
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly endsMs: number;
}

export interface Shares {
  /** A link has a token and a passcode; both are told once, and kept as hashes. */
  give(share: NewShare, nowMs: number): { readonly share: Share; readonly token?: string; readonly passcode?: string };
  /** Given by a person, newest first; those that ended too. */
  given(owner: string): Share[];
  /** Open ones for an account. */
  received(account: string, nowMs: number): Share[];
  get(id: string): Share | undefined;
  byLink(token: string, passcode: string): Share | undefined;
  isOpen(share: Share, nowMs: number): boolean;
  /** Whether a grant, as it stands now, covers a measurement. */
  covers(id: string, measurement: StoredMeasurement, nowMs: number): boolean;
  /** The newest measurements that the grant covers; noted in it. Empty once it ended. */
  read(id: string, store: Store, limit: number, nowMs: number): StoredMeasurement[];
  /** Notes rows that went over a live stream. */
  note(id: string, rows: number, nowMs: number): void;
  /** False when there is no open one of theirs. */
  stop(id: string, owner: string, nowMs: number): boolean;
  /** Lets shares of a person go that ended before a time. Returns how many. */
  dropEnded(owner: string, beforeMs: number): number;
  endedBefore(owner: string, beforeMs: number): number;
  /** Those given by a person and those for them. */
  forget(person: string): void;
  remains(person: string): number;
}

const ENDED_BEFORE = 'owner = ? AND min(ends, coalesce(stopped, ends)) < ?';
const PASSCODE_DIGITS = 8;
const SCRYPT = { N: 16_384, r: 8, p: 1 };

interface Row {
  id: string;
  owner: string;
  account: string | null;
  label: string;
  categories: string;
  from_ms: number | null;
  to_ms: number | null;
  created: number;
  ends: number;
  stopped: number | null;
  last_read: number | null;
  rows_read: number;
  token_hash: string | null;
  salt: string | null;
  passcode_hash: string | null;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');
const stretched = (passcode: string, salt: string): Buffer => scryptSync(passcode, salt, 32, SCRYPT);
const shareOf = (row: Row): Share => ({
  id: row.id,
  owner: row.owner,
  account: row.account,
  label: row.label,
  categories: JSON.parse(row.categories) as Category[],
  fromMs: row.from_ms,
  toMs: row.to_ms,
  createdMs: row.created,
  endsMs: row.ends,
  stoppedMs: row.stopped,
  lastReadMs: row.last_read,
  rowsRead: row.rows_read,
});

export function openShares(household: Household): Shares {
  const select = household.prepare<[string], Row>('SELECT * FROM share WHERE id = ?');
  const get = (id: string): Share | undefined => {
    const row = select.get(id);
    return row === undefined ? undefined : shareOf(row);
  };
  const isOpen = ({ stoppedMs, endsMs }: Share, nowMs: number): boolean => stoppedMs === null && endsMs > nowMs;
  const isCovered = ({ owner, categories, fromMs, toMs }: Share, { subject, quantity, end }: StoredMeasurement): boolean =>
    subject === owner &&
    categories.includes(quantities[quantity].category) &&
    end >= (fromMs ?? Number.NEGATIVE_INFINITY) &&
    end < (toMs ?? Number.POSITIVE_INFINITY);
  const note: Shares['note'] = (id, rows, nowMs) =>
    void household.prepare('UPDATE share SET last_read = ?, rows_read = rows_read + ? WHERE id = ?').run(Math.round(nowMs), rows, id);

  return {
    give({ owner, account, label, categories, fromMs, toMs, endsMs }, nowMs) {
      const id = randomBytes(9).toString('base64url');
      const token = account === null ? randomBytes(24).toString('base64url') : undefined;
      const passcode = account === null ? String(randomInt(10 ** PASSCODE_DIGITS)).padStart(PASSCODE_DIGITS, '0') : undefined;
      const salt = randomBytes(16).toString('base64url');
      household
        .prepare(
          `INSERT INTO share (id, owner, account, label, categories, from_ms, to_ms, created, ends, token_hash, salt, passcode_hash)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          id,
          owner,
          account,
          label,
          JSON.stringify(categories),
          fromMs,
          toMs,
          Math.round(nowMs),
          Math.round(endsMs),
          token === undefined ? null : sha256(token),
          salt,
          passcode === undefined ? null : stretched(passcode, salt).toString('base64url'),
        );
      return { share: get(id)!, ...(token === undefined ? {} : { token }), ...(passcode === undefined ? {} : { passcode }) };
    },
    given: (owner) =>
      household.prepare<[string], Row>('SELECT * FROM share WHERE owner = ? ORDER BY created DESC, id').all(owner).map(shareOf),
    received: (account, nowMs) =>
      household
        .prepare<[string], Row>('SELECT * FROM share WHERE account = ? ORDER BY created DESC, id')
        .all(account)
        .map(shareOf)
        .filter((share) => isOpen(share, nowMs)),
    get,
    byLink(token, passcode) {
      const row = household.prepare<[string], Row>('SELECT * FROM share WHERE token_hash = ?').get(sha256(token));
      // As long for a token that there is not.
      const guess = stretched(passcode, row?.salt ?? 'nobody');
      const kept = Buffer.from(row?.passcode_hash ?? '', 'base64url');
      return row !== undefined && kept.length === guess.length && timingSafeEqual(kept, guess) ? shareOf(row) : undefined;
    },
    isOpen,
    covers(id, measurement, nowMs) {
      const share = get(id);
      return share !== undefined && isOpen(share, nowMs) && isCovered(share, measurement);
    },
    read(id, store, limit, nowMs) {
      const share = get(id);
      if (share === undefined || !isOpen(share, nowMs) || !store.subjects().includes(share.owner)) return [];
      const newest: StoredMeasurement[] = [];
      for (const measurement of store
        .vault(share.owner)
        .range({ fromMs: share.fromMs ?? 0, ...(share.toMs === null ? {} : { toMs: share.toMs }) })) {
        if (!isCovered(share, measurement)) continue;
        newest.push(measurement);
        if (newest.length >= 2 * limit) newest.splice(0, limit);
      }
      const rows = newest.slice(-limit);
      note(id, rows.length, nowMs);
      return rows;
    },
    note,
    stop: (id, owner, nowMs) =>
      household.prepare('UPDATE share SET stopped = ? WHERE id = ? AND owner = ? AND stopped IS NULL').run(Math.round(nowMs), id, owner)
        .changes > 0,
    dropEnded: (owner, beforeMs) => household.prepare(`DELETE FROM share WHERE ${ENDED_BEFORE}`).run(owner, Math.round(beforeMs)).changes,
    endedBefore: (owner, beforeMs) =>
      household
        .prepare<[string, number], { count: number }>(`SELECT count(*) AS count FROM share WHERE ${ENDED_BEFORE}`)
        .get(owner, Math.round(beforeMs))!.count,
    forget: (person) => void household.prepare('DELETE FROM share WHERE owner = ? OR account = ?').run(person, person),
    remains: (person) =>
      household
        .prepare<[string, string], { count: number }>('SELECT count(*) AS count FROM share WHERE owner = ? OR account = ?')
        .get(person, person)!.count,
  };
}
