/**
 * The people who may sign in. The first account claims the hub and runs it; the others come by invitation. There is none until
 * somebody claims the hub, and no default one. An account's id is the opaque subject id of its person's vault.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeFileAtomic } from '../ops/files.ts';
import type { Household } from './household.ts';
import type { KeptPassword, Passwords } from './passwords.ts';

/** `owner` runs the hub and cannot read others' vaults; `guest` sees the home's air and keeps nothing here. */
export type Role = 'owner' | 'member' | 'guest';
/** `waiting`: a minor whose guardian has not consented (or has withdrawn): signs in, and nothing is collected. */
export type AccountState = 'active' | 'waiting';

export interface Account {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly state: AccountState;
  readonly createdUtcMs: number;
  /** A guest who was shown the camera; the household sees it anyway. */
  readonly watches: boolean;
}

/** The id of the first person, whose measurements were there before the hub knew several. */
export const FIRST_PERSON = 'person-1';
/** A large household with guests; a fault that invents accounts ends here. */
export const MOST_ACCOUNTS = 50;
export const MOST_NAME_CHARACTERS = 60;

export class AccountError extends Error {
  override readonly name = 'AccountError';
  readonly kind: 'taken' | 'full' | 'claimed';

  constructor(kind: AccountError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface NewAccount {
  readonly name: string;
  readonly password: string;
  readonly role: 'member' | 'guest';
  readonly state: AccountState;
}

export interface Accounts {
  readonly isClaimed: boolean;
  /** Who runs the hub; undefined before the claim. */
  owner(): Account | undefined;
  get(id: string): Account | undefined;
  list(): Account[];
  /** Makes the first account. Throws AccountError `claimed` when there is one. */
  claim(name: string, password: string, nowUtcMs: number): Promise<Account>;
  /** `onMade` runs in the same transaction: what else must hold or fail with it. Throws AccountError `taken` or `full`. */
  add(account: NewAccount, nowUtcMs: number, onMade?: (made: Account) => void): Promise<Account>;
  /** The account that name and password belong to. Without a name: the only one there is. Takes as long whatever is wrong. */
  check(name: string | undefined, password: string): Promise<Account | undefined>;
  isPasswordOf(id: string, password: string): Promise<boolean>;
  setPassword(id: string, password: string): Promise<void>;
  setState(id: string, state: AccountState): void;
  setWatches(id: string, watches: boolean): void;
  remove(id: string): void;
  /** Whoever lives here longest, of age and active, runs the hub from now on. Undefined when nobody else does. */
  handOn(from: string): Account | undefined;
  /** Whose the first readings are: of who claims the hub. */
  readonly firstPerson: string;
  /** After the first person was erased: who claims the hub next is somebody else. */
  renewFirstPerson(): void;
}

interface Row {
  id: string;
  name: string;
  role: Role;
  state: AccountState;
  salt: Buffer;
  hash: Buffer;
  created: number;
  watches: number;
}

const accountOf = ({ id, name, role, state, created, watches }: Row): Account => ({
  id,
  name,
  role,
  state,
  createdUtcMs: created,
  watches: watches === 1,
});

/** Names are compared without case and with composed accents, as people write them. */
export const nameKey = (name: string): string => name.trim().normalize('NFKC').toLowerCase();

/** `former`: the file of a hub that knew one account; it is taken over and removed. */
export function openAccounts(household: Household, passwords: Passwords, former: string): Accounts {
  const select = household.prepare<[string], Row>('SELECT * FROM account WHERE id = ?');
  const selectName = household.prepare<[string], Row>('SELECT * FROM account WHERE name_key = ?');
  const selectAll = household.prepare<[], Row>('SELECT * FROM account ORDER BY created, id');
  const insert = household.prepare(
    'INSERT INTO account (id, name, name_key, role, state, salt, hash, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const put = (id: string, name: string, role: Role, state: AccountState, { salt, hash }: KeptPassword, nowUtcMs: number): Account => {
    insert.run(id, name, nameKey(name), role, state, salt, hash, nowUtcMs);
    return accountOf(select.get(id)!);
  };
  const firstFile = `${dirname(former)}/first-person`;
  const firstPerson = (): string => (existsSync(firstFile) ? readFileSync(firstFile, 'utf8').trim() : FIRST_PERSON);
  takeOver(former, (name, kept) => {
    if (selectAll.all().length === 0) put(FIRST_PERSON, name, 'owner', 'active', kept, 0);
  });

  return {
    get isClaimed() {
      return selectAll.all().length > 0;
    },
    owner() {
      const row = selectAll.all().find(({ role }) => role === 'owner');
      return row === undefined ? undefined : accountOf(row);
    },
    get(id) {
      const row = select.get(id);
      return row === undefined ? undefined : accountOf(row);
    },
    list: () => selectAll.all().map(accountOf),
    async claim(name, password, nowUtcMs) {
      const kept = await passwords.keep(password);
      if (selectAll.all().length > 0) throw new AccountError('claimed', 'this hub has an owner already');
      return put(firstPerson(), name, 'owner', 'active', kept, nowUtcMs);
    },
    async add({ name, password, role, state }, nowUtcMs, onMade) {
      const kept = await passwords.keep(password);
      return household.transaction(() => {
        if (selectAll.all().length >= MOST_ACCOUNTS) throw new AccountError('full', `this hub has ${MOST_ACCOUNTS} accounts`);
        if (selectName.get(nameKey(name)) !== undefined) throw new AccountError('taken', `somebody here is called ${name} already`);
        const made = put(`${role === 'guest' ? 'guest' : 'person'}-${randomBytes(6).toString('hex')}`, name, role, state, kept, nowUtcMs);
        onMade?.(made);
        return made;
      })();
    },
    async check(name, password) {
      const all = selectAll.all();
      const row = name === undefined ? (all.length === 1 ? all[0] : undefined) : selectName.get(nameKey(name));
      return (await passwords.isRight(password, row)) ? accountOf(row!) : undefined;
    },
    isPasswordOf: (id, password) => passwords.isRight(password, select.get(id)),
    async setPassword(id, password) {
      const { salt, hash } = await passwords.keep(password);
      household.prepare('UPDATE account SET salt = ?, hash = ? WHERE id = ?').run(salt, hash, id);
    },
    setState: (id, state) => void household.prepare('UPDATE account SET state = ? WHERE id = ?').run(state, id),
    setWatches: (id, watches) => void household.prepare('UPDATE account SET watches = ? WHERE id = ?').run(watches ? 1 : 0, id),
    remove: (id) => void household.prepare('DELETE FROM account WHERE id = ?').run(id),
    handOn: household.transaction((from: string): Account | undefined => {
      const minors = new Set(
        household
          .prepare<[], { ward: string }>('SELECT ward FROM guardian WHERE handed_over IS NULL')
          .all()
          .map(({ ward }) => ward),
      );
      const next = selectAll.all().find(({ id, role, state }) => id !== from && role === 'member' && state === 'active' && !minors.has(id));
      if (next === undefined) return undefined;
      household.prepare("UPDATE account SET role = 'member' WHERE id = ?").run(from);
      household.prepare("UPDATE account SET role = 'owner' WHERE id = ?").run(next.id);
      return accountOf(select.get(next.id)!);
    }),
    get firstPerson() {
      return firstPerson();
    },
    renewFirstPerson: () => writeFileAtomic(firstFile, `person-${randomBytes(6).toString('hex')}\n`),
  };
}

function takeOver(former: string, put: (name: string, kept: KeptPassword) => void): void {
  if (!existsSync(former)) return;
  const { name, salt, hash } = JSON.parse(readFileSync(former, 'utf8')) as { name: string; salt: string; hash: string };
  put(name, { salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') });
  rmSync(former);
}
