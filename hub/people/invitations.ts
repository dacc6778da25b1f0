/**
 * Invitations by one-time code. Whom it was sent to is never kept (B7): an address serves to notice a second invitation, as a hash
 * with a salt of its own that is gone with the invitation.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Household } from './household.ts';

export const INVITATION_MS = 48 * 3_600_000;
/** Open at a time; a household invites a few. */
const MOST_OPEN = 20;
/** Crockford's base32: no letters that are taken for digits. 16 characters are 80 bits, which nobody guesses in two days. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_CHARACTERS = 16;

export interface Invitation {
  /** Names it in lists; says nothing of its code. */
  readonly id: string;
  readonly role: 'member' | 'guest';
  /** For a child, whose guardian the inviter will be. */
  readonly child: boolean;
  readonly inviter: string;
  readonly createdUtcMs: number;
  readonly endsUtcMs: number;
}

export interface Invitations {
  /** The code, shown once. Undefined when too many are open. */
  make(invitation: Pick<Invitation, 'role' | 'child' | 'inviter'>, nowUtcMs: number): string | undefined;
  /** The open invitation of a code. */
  find(code: string, nowUtcMs: number): Invitation | undefined;
  /** Uses a code up. False when it was used or withdrawn meanwhile. */
  take(code: string, nowUtcMs: number): boolean;
  list(nowUtcMs: number): Invitation[];
  withdraw(id: string): boolean;
  /** What is kept of addresses: hashes, and of readable ones none. */
  keptAddresses(): { readonly hashes: number; readonly readable: number };
  /** Whether an invitation to this address is open; remembers it, as a hash, until then. */
  invitedBefore(address: string, nowUtcMs: number): boolean;
}

interface Row {
  hash: string;
  role: 'member' | 'guest';
  child: number;
  inviter: string;
  created: number;
  ends: number;
}

/** As people type it: without its hyphens and with the letters that look alike. */
const plainCode = (code: string): string => code.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll(/[IL]/g, '1').replaceAll('O', '0');
const hashOf = (code: string): string => createHash('sha256').update(plainCode(code)).digest('base64url');
const invitationOf = ({ hash, role, child, inviter, created, ends }: Row): Invitation => ({
  id: hash.slice(0, 12),
  role,
  child: child === 1,
  inviter,
  createdUtcMs: created,
  endsUtcMs: ends,
});

export function openInvitations(household: Household): Invitations {
  const clean = (nowUtcMs: number): void => {
    household.prepare('DELETE FROM invitation WHERE ends <= ?').run(nowUtcMs);
    household.prepare('DELETE FROM contact WHERE ends <= ?').run(nowUtcMs);
  };
  const select = household.prepare<[string, number], Row>('SELECT * FROM invitation WHERE hash = ? AND ends > ?');
  const selectAll = household.prepare<[number], Row>('SELECT * FROM invitation WHERE ends > ? ORDER BY created');
  return {
    make({ role, child, inviter }, nowUtcMs) {
      clean(nowUtcMs);
      if (selectAll.all(nowUtcMs).length >= MOST_OPEN) return undefined;
      const code = [...randomBytes(CODE_CHARACTERS)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
      household
        .prepare('INSERT INTO invitation VALUES (?, ?, ?, ?, ?, ?)')
        .run(hashOf(code), role, child ? 1 : 0, inviter, nowUtcMs, nowUtcMs + INVITATION_MS);
      return code.match(/.{4}/g)!.join('-');
    },
    find(code, nowUtcMs) {
      const row = select.get(hashOf(code), nowUtcMs);
      return row === undefined ? undefined : invitationOf(row);
    },
    take: (code, nowUtcMs) =>
      household.prepare('DELETE FROM invitation WHERE hash = ? AND ends > ?').run(hashOf(code), nowUtcMs).changes > 0,
    list: (nowUtcMs) => selectAll.all(nowUtcMs).map(invitationOf),
    withdraw: (id) => household.prepare('DELETE FROM invitation WHERE substr(hash, 1, 12) = ?').run(id).changes > 0,
    keptAddresses() {
      const rows = household.prepare<[], { hash: Buffer; salt: Buffer }>('SELECT hash, salt FROM contact').all();
      const isHash = ({ hash, salt }: (typeof rows)[number]): boolean => hash.length === 32 && salt.length === 16;
      return { hashes: rows.filter(isHash).length, readable: rows.filter((row) => !isHash(row)).length };
    },
    invitedBefore(address, nowUtcMs) {
      clean(nowUtcMs);
      const plain = address.trim().toLowerCase();
      const hash = (salt: Buffer): Buffer => createHmac('sha256', salt).update(plain).digest();
      const known = household.prepare<[], { hash: Buffer; salt: Buffer }>('SELECT hash, salt FROM contact').all();
      if (known.some(({ hash: kept, salt }) => kept.equals(hash(salt)))) return true;
      const salt = randomBytes(16);
      household.prepare('INSERT INTO contact VALUES (?, ?, ?)').run(hash(salt), salt, nowUtcMs + INVITATION_MS);
      return false;
    },
  };
}
