/** Who of the guests may watch which camera, from when until when, and at which hours of the day: asked anew each time, so that its end is felt at once. */
import { randomBytes } from 'node:crypto';
import type { Household } from './household.ts';

export interface ViewGrant {
  readonly id: string;
  readonly account: string;
  readonly camera: string;
  readonly fromMs: number;
  /** Null: until it is taken back. */
  readonly endsMs: number | null;
  /** Minutes of the home's day between which it holds, the second left out; past midnight when it is the smaller. Null: the whole day. */
  readonly hours: { readonly fromMin: number; readonly toMin: number } | null;
  /** Who gave it. */
  readonly by: string;
}

export type NewViewGrant = Omit<ViewGrant, 'id'>;

export interface ViewGrants {
  give(grant: NewViewGrant): ViewGrant;
  /** Those not taken back and not over. */
  of(account: string, nowMs: number): ViewGrant[];
  allows(account: string, camera: string, nowMs: number): boolean;
  /** Takes all of an account back, at once. Returns how many there were. */
  takeBack(account: string): number;
  /** Those for a person and those given by them. */
  forget(person: string): void;
  remains(person: string): number;
}

interface Row {
  id: string;
  account: string;
  camera: string;
  from_ms: number;
  ends: number | null;
  from_min: number | null;
  to_min: number | null;
  given_by: string;
}

const grantOf = ({ id, account, camera, from_ms, ends, from_min, to_min, given_by }: Row): ViewGrant => ({
  id,
  account,
  camera,
  fromMs: from_ms,
  endsMs: ends,
  hours: from_min === null || to_min === null ? null : { fromMin: from_min, toMin: to_min },
  by: given_by,
});

/** Whether a minute of the day lies within hours that may go past midnight. */
export const isWithin = ({ fromMin, toMin }: { fromMin: number; toMin: number }, minute: number): boolean =>
  fromMin <= toMin ? minute >= fromMin && minute < toMin : minute >= fromMin || minute < toMin;

/** Minutes since midnight in a time zone. */
export function minuteOfDay(utcMs: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).formatToParts(
    utcMs,
  );
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value ?? 0);
  return part('hour') * 60 + part('minute');
}

/** @param zone IANA name of the home's time zone: what hour it is there decides */
export function openViewGrants(household: Household, zone: string): ViewGrants {
  const select = household.prepare<[string, number], Row>(
    'SELECT * FROM view_grant WHERE account = ? AND (ends IS NULL OR ends > ?) ORDER BY from_ms, id',
  );
  const of: ViewGrants['of'] = (account, nowMs) => select.all(account, Math.round(nowMs)).map(grantOf);
  return {
    give(grant) {
      const id = randomBytes(9).toString('base64url');
      const { account, camera, fromMs, endsMs, hours, by } = grant;
      household
        .prepare('INSERT INTO view_grant VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
        .run(
          id,
          account,
          camera,
          Math.round(fromMs),
          endsMs === null ? null : Math.round(endsMs),
          hours?.fromMin ?? null,
          hours?.toMin ?? null,
          by,
        );
      return { id, ...grant };
    },
    of,
    allows: (account, camera, nowMs) =>
      of(account, nowMs).some(
        (grant) =>
          grant.camera === camera && grant.fromMs <= nowMs && (grant.hours === null || isWithin(grant.hours, minuteOfDay(nowMs, zone))),
      ),
    takeBack: (account) => household.prepare('DELETE FROM view_grant WHERE account = ?').run(account).changes,
    forget: (person) => void household.prepare('DELETE FROM view_grant WHERE account = ? OR given_by = ?').run(person, person),
    remains: (person) =>
      household
        .prepare<[string, string], { count: number }>('SELECT count(*) AS count FROM view_grant WHERE account = ? OR given_by = ?')
        .get(person, person)!.count,
  };
}
