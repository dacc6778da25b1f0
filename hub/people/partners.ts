/**
 * Partners (B11, E2, E3): who may ask people for a link, which links people gave them, and what went over each. A link is for reading or for
 * bringing in, never both, and names categories, days, and an end; a partner reaches nothing else of a person, and stopping it is felt by the
 * next request.
 */
import { randomBytes } from 'node:crypto';
import { type Category, quantities } from '../../firmware/protocol/quantities.ts';
import type { StoredMeasurement } from '../store/log-entry.ts';
import type { Household } from './household.ts';
import { openTokens, type Tokens } from './partner-tokens.ts';

export interface Partner {
  readonly id: string;
  readonly name: string;
  readonly policyUrl: string;
  /** Where it keeps what it reads, in words. */
  readonly region: string;
  readonly redirectUris: readonly string[];
  readonly webhookUrl: string | null;
  /** `waiting`: it registered itself; who runs the hub has not looked yet. */
  readonly state: 'waiting' | 'approved';
  readonly createdMs: number;
}

export interface NewPartner {
  readonly name: string;
  readonly policyUrl: string;
  readonly region: string;
  readonly redirectUris: readonly string[];
  readonly webhookUrl: string | null;
  /** Has a server that can keep a secret. */
  readonly isConfidential: boolean;
}

export interface Link {
  readonly id: string;
  /** What the authorisation server calls it; reading and bringing in that were allowed together have the same. */
  readonly grant: string;
  readonly kind: 'reads' | 'writes';
  readonly owner: string;
  readonly partner: string;
  /** Its name when the link was given: the partner may be gone since. */
  readonly partnerName: string;
  readonly categories: readonly Category[];
  /** Days that it is about, UTC milliseconds; null: open on that side. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly createdMs: number;
  readonly endsMs: number;
  readonly stoppedMs: number | null;
  readonly lastMs: number | null;
  /** Values that went over it. */
  readonly rows: number;
  readonly consentVersion: string;
  /** The words that were agreed to. */
  readonly consent: string;
}

export type NewLink = Pick<
  Link,
  'grant' | 'kind' | 'owner' | 'partner' | 'partnerName' | 'categories' | 'fromMs' | 'toMs' | 'endsMs' | 'consentVersion' | 'consent'
>;

export interface LinkAct {
  readonly atMs: number;
  readonly kind: 'read' | 'live' | 'write' | 'told';
  readonly rows: number;
}

export interface Partners {
  readonly tokens: Tokens;
  /** The secrets are told once. Undefined when too many wait. */
  add(
    partner: NewPartner,
    state: Partner['state'],
    nowMs: number,
  ): { readonly partner: Partner; readonly clientSecret?: string; readonly webhookSecret?: string } | undefined;
  approve(id: string): boolean;
  /** Also stops every link to it. */
  remove(id: string, nowMs: number): boolean;
  list(): Partner[];
  get(id: string): Partner | undefined;
  secrets(id: string): { readonly client: string | null; readonly webhook: string | null };
  link(link: NewLink, nowMs: number): Link;
  /** Of a person, newest first; those that ended too. */
  given(owner: string): Link[];
  /** Open ones of whoever has a partner with a webhook. */
  withWebhook(nowMs: number): Link[];
  getLink(id: string): Link | undefined;
  ofGrant(grant: string): Link[];
  isOpen(link: Link, nowMs: number): boolean;
  /** The open links of an access token, at most one of a kind; undefined when there is none. */
  byToken(token: string, nowMs: number): { readonly reads?: Link; readonly writes?: Link } | undefined;
  /** Whether a link for reading, as it stands now, lets a measurement be read. */
  covers(id: string, measurement: StoredMeasurement, nowMs: number): boolean;
  /** Notes what went over it. */
  note(id: string, kind: LinkAct['kind'], rows: number, nowMs: number): void;
  /** What went over it, newest first. */
  acts(id: string): LinkAct[];
  /** False when there is no open one of theirs. With the last of a grant its tokens are dead. */
  stop(id: string, owner: string, nowMs: number): boolean;
  /** Called with each link that is stopped, whoever stopped it. */
  onStop(listener: (link: Link) => void): () => void;
  forget(person: string): void;
  remains(person: string): number;
}

/** Who registers itself is looked at by a person: more than they look at is a flood. */
const MOST_WAITING = 20;
const MOST_PARTNERS = 100;
/** What a page shows of a link; older acts are in its sums. */
const MOST_ACTS = 500;
/** Values of a live stream come one by one: a minute of them is one act. */
const SAME_ACT_MS = 60_000;

interface PartnerRow {
  id: string;
  name: string;
  policy_url: string;
  region: string;
  redirect_uris: string;
  webhook_url: string | null;
  client_secret: string | null;
  webhook_secret: string | null;
  state: Partner['state'];
  created: number;
}
interface LinkRow {
  id: string;
  grant_id: string;
  owner: string;
  partner: string;
  partner_name: string;
  kind: Link['kind'];
  categories: string;
  from_ms: number | null;
  to_ms: number | null;
  created: number;
  ends: number;
  stopped: number | null;
  last: number | null;
  rows: number;
  consent_version: string;
  consent: string;
}

const partnerOf = (row: PartnerRow): Partner => ({
  id: row.id,
  name: row.name,
  policyUrl: row.policy_url,
  region: row.region,
  redirectUris: JSON.parse(row.redirect_uris) as string[],
  webhookUrl: row.webhook_url,
  state: row.state,
  createdMs: row.created,
});
const linkOf = (row: LinkRow): Link => ({
  id: row.id,
  grant: row.grant_id,
  owner: row.owner,
  partner: row.partner,
  partnerName: row.partner_name,
  kind: row.kind,
  categories: JSON.parse(row.categories) as Category[],
  fromMs: row.from_ms,
  toMs: row.to_ms,
  createdMs: row.created,
  endsMs: row.ends,
  stoppedMs: row.stopped,
  lastMs: row.last,
  rows: row.rows,
  consentVersion: row.consent_version,
  consent: row.consent,
});
const random = (bytes: number): string => randomBytes(bytes).toString('base64url');

export function openPartners(household: Household): Partners {
  const tokens = openTokens(household);
  const listeners = new Set<(link: Link) => void>();
  const selectPartner = household.prepare<[string], PartnerRow>('SELECT * FROM partner WHERE id = ?');
  const selectLink = household.prepare<[string], LinkRow>('SELECT * FROM partner_link WHERE id = ?');
  const selectGrant = household.prepare<[string], LinkRow>('SELECT * FROM partner_link WHERE grant_id = ?');
  const ofGrant = (grant: string): Link[] => selectGrant.all(grant).map(linkOf);
  const get = (id: string): Partner | undefined => {
    const row = selectPartner.get(id);
    return row === undefined ? undefined : partnerOf(row);
  };
  const getLink = (id: string): Link | undefined => {
    const row = selectLink.get(id);
    return row === undefined ? undefined : linkOf(row);
  };
  const list = (): Partner[] => household.prepare<[], PartnerRow>('SELECT * FROM partner ORDER BY created, id').all().map(partnerOf);
  const isOpen = ({ stoppedMs, endsMs }: Link, nowMs: number): boolean => stoppedMs === null && endsMs > nowMs;
  const stopped = (link: Link): void => {
    if (ofGrant(link.grant).every(({ stoppedMs }) => stoppedMs !== null)) tokens.dropGrant(link.grant);
    for (const listener of listeners) listener(link);
  };
  const stop: Partners['stop'] = (id, owner, nowMs) => {
    const { changes } = household
      .prepare('UPDATE partner_link SET stopped = ? WHERE id = ? AND owner = ? AND stopped IS NULL')
      .run(Math.round(nowMs), id, owner);
    if (changes > 0) stopped(getLink(id)!);
    return changes > 0;
  };
  const linksOf = (column: 'owner' | 'partner', id: string): Link[] =>
    household.prepare<[string], LinkRow>(`SELECT * FROM partner_link WHERE ${column} = ? ORDER BY created DESC, id`).all(id).map(linkOf);

  return {
    tokens,
    add({ name, policyUrl, region, redirectUris, webhookUrl, isConfidential }, state, nowMs) {
      const all = list();
      if (all.length >= MOST_PARTNERS || (state === 'waiting' && all.filter((one) => one.state === 'waiting').length >= MOST_WAITING))
        return undefined;
      const id = `partner-${random(9)}`;
      const clientSecret = isConfidential ? random(32) : null;
      const webhookSecret = webhookUrl === null ? null : `whsec_${randomBytes(24).toString('base64')}`;
      household
        .prepare('INSERT INTO partner VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
        .run(id, name, policyUrl, region, JSON.stringify(redirectUris), webhookUrl, clientSecret, webhookSecret, state, Math.round(nowMs));
      return {
        partner: get(id)!,
        ...(clientSecret === null ? {} : { clientSecret }),
        ...(webhookSecret === null ? {} : { webhookSecret }),
      };
    },
    approve: (id) => household.prepare("UPDATE partner SET state = 'approved' WHERE id = ? AND state = 'waiting'").run(id).changes > 0,
    remove(id, nowMs) {
      for (const link of linksOf('partner', id)) stop(link.id, link.owner, nowMs);
      return household.prepare('DELETE FROM partner WHERE id = ?').run(id).changes > 0;
    },
    list,
    get,
    secrets(id) {
      const row = selectPartner.get(id);
      return { client: row?.client_secret ?? null, webhook: row?.webhook_secret ?? null };
    },
    link(link, nowMs) {
      const id = random(9);
      household
        .prepare(
          `INSERT INTO partner_link (id, grant_id, kind, owner, partner, partner_name, categories, from_ms, to_ms, created, ends, consent_version, consent)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          id,
          link.grant,
          link.kind,
          link.owner,
          link.partner,
          link.partnerName,
          JSON.stringify(link.categories),
          link.fromMs,
          link.toMs,
          Math.round(nowMs),
          Math.round(link.endsMs),
          link.consentVersion,
          link.consent,
        );
      return getLink(id)!;
    },
    given: (owner) => linksOf('owner', owner),
    withWebhook: (nowMs) =>
      household
        .prepare<[number], LinkRow>(
          `SELECT partner_link.* FROM partner_link JOIN partner ON partner.id = partner_link.partner
           WHERE webhook_url IS NOT NULL AND kind = 'reads' AND stopped IS NULL AND ends > ?`,
        )
        .all(Math.round(nowMs))
        .map(linkOf),
    getLink,
    ofGrant,
    isOpen,
    byToken(token, nowMs) {
      const payload = tokens.find('AccessToken', token, nowMs);
      if (typeof payload?.grantId !== 'string') return undefined;
      const open = ofGrant(payload.grantId).filter((link) => isOpen(link, nowMs) && get(link.partner)?.state === 'approved');
      const [reads, writes] = (['reads', 'writes'] as const).map((kind) => open.find((link) => link.kind === kind));
      if (reads === undefined && writes === undefined) return undefined;
      return { ...(reads === undefined ? {} : { reads }), ...(writes === undefined ? {} : { writes }) };
    },
    covers(id, { subject, quantity, end }, nowMs) {
      const link = getLink(id);
      return (
        link !== undefined &&
        isOpen(link, nowMs) &&
        link.kind === 'reads' &&
        subject === link.owner &&
        link.categories.includes(quantities[quantity].category) &&
        end >= (link.fromMs ?? Number.NEGATIVE_INFINITY) &&
        end < (link.toMs ?? Number.POSITIVE_INFINITY)
      );
    },
    note(id, kind, rows, nowMs) {
      const atMs = Math.round(nowMs);
      const last = household
        .prepare<[string], { number: number; at: number; kind: string }>(
          'SELECT number, at, kind FROM partner_act WHERE link = ? ORDER BY number DESC LIMIT 1',
        )
        .get(id);
      if (kind === 'live' && last?.kind === 'live' && atMs - last.at < SAME_ACT_MS)
        household.prepare('UPDATE partner_act SET rows = rows + ? WHERE number = ?').run(rows, last.number);
      else {
        household.prepare('INSERT INTO partner_act (link, at, kind, rows) VALUES (?, ?, ?, ?)').run(id, atMs, kind, rows);
        household
          .prepare(
            'DELETE FROM partner_act WHERE link = ? AND number NOT IN (SELECT number FROM partner_act WHERE link = ? ORDER BY number DESC LIMIT ?)',
          )
          .run(id, id, MOST_ACTS);
      }
      if (kind !== 'told') household.prepare('UPDATE partner_link SET last = ?, rows = rows + ? WHERE id = ?').run(atMs, rows, id);
    },
    acts: (id) =>
      household
        .prepare<[string], { at: number; kind: LinkAct['kind']; rows: number }>(
          'SELECT at, kind, rows FROM partner_act WHERE link = ? ORDER BY number DESC',
        )
        .all(id)
        .map(({ at, kind, rows }) => ({ atMs: at, kind, rows })),
    stop,
    onStop(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    forget(person) {
      for (const link of linksOf('owner', person)) {
        tokens.dropGrant(link.grant);
        if (link.stoppedMs === null) for (const listener of listeners) listener(link);
      }
      // Its acts go with it.
      household.prepare('DELETE FROM partner_link WHERE owner = ?').run(person);
    },
    remains: (person) => linksOf('owner', person).length,
  };
}
