/**
 * Whose guardian is who. A minor's account waits until the guardian consents, which is a signed receipt; the guardian sees the ward's
 * data and may withdraw. At majority the guardian's access ends by itself, at the first moment of the birthday.
 */
import type { Accounts } from './accounts.ts';
import { ageGroup, birthDateOf, dayIn } from './age.ts';
import type { Household } from './household.ts';
import type { Identities } from './identity.ts';
import type { OperationsLog } from './operations-log.ts';
import type { HubKey } from './receipts.ts';

export const CONSENT_TEXT =
  'I am the parent or guardian of this young person. I agree that this hub measures and keeps weight, activity, sleep and other ' +
  'readings of theirs in a vault of their own, that I can look at it and take this consent back at any time, and that my access ' +
  'ends on the day they come of age.';

export interface Guardianship {
  readonly ward: string;
  readonly guardian: string;
  /** Signed by the hub; undefined until consent was given. */
  readonly receipt: string | undefined;
  readonly state: 'asked' | 'given' | 'withdrawn' | 'handed-over';
}

export interface Guardians {
  /** To be called in the transaction that makes the ward's account. */
  ask(ward: string, guardian: string): void;
  of(ward: string): Guardianship | undefined;
  /** Wards whose data this person may see now. */
  wardsOf(guardian: string): string[];
  /** All whom this person is or was asked to be guardian of, for the page. */
  listOf(guardian: string): Guardianship[];
  /** Returns the receipt. */
  consent(ward: string, guardian: string, nowUtcMs: number): Promise<string>;
  withdraw(ward: string, guardian: string, nowUtcMs: number): void;
  /** Forgets a ward's guardian, and a guardian's wards: those wait for another consent. */
  forget(person: string): void;
  /** Ends the access of guardians whose wards came of age. Called before rights are decided. */
  handOver(nowUtcMs: number): void;
}

interface Row {
  ward: string;
  guardian: string;
  receipt: string | null;
  given: number | null;
  withdrawn: number | null;
  handed_over: number | null;
}

/** Who came of age is looked for this often, and always on a new day. */
const LOOK_EVERY_MS = 60_000;

export interface GuardiansOptions {
  readonly household: Household;
  readonly accounts: Accounts;
  readonly identities: Identities;
  readonly operations: OperationsLog;
  readonly key: HubKey;
  readonly zone: string;
}

export function openGuardians({ household, accounts, identities, operations, key, zone }: GuardiansOptions): Guardians {
  const select = household.prepare<[string], Row>('SELECT * FROM guardian WHERE ward = ?');
  const selectOf = household.prepare<[string], Row>('SELECT * FROM guardian WHERE guardian = ? ORDER BY ward');
  const guardianshipOf = ({ ward, guardian, receipt, given, withdrawn, handed_over }: Row): Guardianship => ({
    ward,
    guardian,
    receipt: receipt ?? undefined,
    state: handed_over !== null ? 'handed-over' : withdrawn !== null ? 'withdrawn' : given !== null ? 'given' : 'asked',
  });
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let lookedOn = '';

  return {
    ask: (ward, guardian) => void household.prepare('INSERT INTO guardian (ward, guardian) VALUES (?, ?)').run(ward, guardian),
    of(ward) {
      const row = select.get(ward);
      return row === undefined ? undefined : guardianshipOf(row);
    },
    wardsOf: (guardian) =>
      selectOf
        .all(guardian)
        .filter((row) => guardianshipOf(row).state === 'given')
        .map(({ ward }) => ward),
    listOf: (guardian) => selectOf.all(guardian).map(guardianshipOf),
    async consent(ward, guardian, nowUtcMs) {
      const receipt = await key.issue({ kind: 'guardian-consent', atUtcMs: nowUtcMs, subject: ward, by: guardian, text: CONSENT_TEXT });
      household.transaction(() => {
        household.prepare('UPDATE guardian SET receipt = ?, given = ?, withdrawn = NULL WHERE ward = ?').run(receipt, nowUtcMs, ward);
        accounts.setState(ward, 'active');
        operations.append({ kind: 'consent-given', actor: guardian, subject: ward });
      })();
      return receipt;
    },
    withdraw(ward, guardian, nowUtcMs) {
      household.transaction(() => {
        household.prepare('UPDATE guardian SET withdrawn = ? WHERE ward = ?').run(nowUtcMs, ward);
        accounts.setState(ward, 'waiting');
        operations.append({ kind: 'consent-withdrawn', actor: guardian, subject: ward });
      })();
    },
    forget(person) {
      household.transaction(() => {
        for (const { ward } of selectOf.all(person).filter((row) => row.handed_over === null)) accounts.setState(ward, 'waiting');
        household.prepare('DELETE FROM guardian WHERE ward = ? OR guardian = ?').run(person, person);
      })();
    },
    handOver(nowUtcMs) {
      const today = dayIn(zone, nowUtcMs);
      const day = `${today.year}-${today.month}-${today.day}`;
      if (day === lookedOn && nowUtcMs >= lookedAtMs && nowUtcMs - lookedAtMs < LOOK_EVERY_MS) return;
      lookedAtMs = nowUtcMs;
      lookedOn = day;
      for (const { ward, guardian } of household.prepare<[], Row>('SELECT * FROM guardian WHERE handed_over IS NULL').all()) {
        const { birthDate } = identities.get(ward);
        if (birthDate === undefined || ageGroup(birthDateOf(birthDate, today), today) !== 'adult') continue;
        household.transaction(() => {
          household.prepare('UPDATE guardian SET handed_over = ? WHERE ward = ?').run(nowUtcMs, ward);
          accounts.setState(ward, 'active');
          operations.append({ kind: 'hand-over', actor: 'hub', subject: ward, detail: { guardian } });
        })();
      }
    },
  };
}
