/**
 * A ticket names an archive that can be fetched, and fetched on: whose, up to which positions, when it was asked for. It is signed, so
 * that the hub need not remember it: after a restart the same ticket gives the same bytes.
 */
import { createHash } from 'node:crypto';
import type { People } from '../../people/people.ts';
import type { HubKey } from '../../people/receipts.ts';
import { HOME } from '../../people/subjects.ts';
import type { Store } from '../../store/store.ts';
import type { Scope } from './parts.ts';

export interface Ticket extends Scope {
  readonly atUtcMs: number;
}

const SCOPE_WORD = 'archive';

export const ticketText = (ticket: Ticket, key: HubKey): string => {
  const body = Buffer.from(JSON.stringify(ticket)).toString('base64url');
  return `${body}.${key.sign(`${SCOPE_WORD} ${body}`)}`;
};

/** Undefined when this hub did not give it. */
export function ticketOf(text: string, key: HubKey): Ticket | undefined {
  const [body = '', signature = ''] = text.split('.');
  if (!key.isSigned(`${SCOPE_WORD} ${body}`, signature)) return undefined;
  return JSON.parse(Buffer.from(body, 'base64url').toString()) as Ticket;
}

/** Entries looked through for changes of older ones; more of them since a ticket mean another archive anyway. */
const MOST_LATER = 10_000;

/** Names the bytes: another one when something within the scope was changed since. */
export function tagOf(ticket: Ticket, store: Store, people: Pick<People, 'choices' | 'records'>): string {
  const hash = createHash('sha256').update(JSON.stringify(ticket));
  const { subject: own } = ticket;
  hash.update(JSON.stringify([people.choices.all(own), people.records.all(own)]));
  for (const [subject, upTo] of [
    [ticket.subject, ticket.upTo],
    [HOME, ticket.homeUpTo],
  ] as const) {
    if (upTo === undefined || !store.subjects().includes(subject)) continue;
    for (const { seq, kind } of store.vault(subject).entries(upTo, MOST_LATER))
      if (kind === 'amended' || kind === 'removed' || kind === 'redated') hash.update(`${subject} ${seq}`);
  }
  return `"${hash.digest('base64url').slice(0, 22)}"`;
}
