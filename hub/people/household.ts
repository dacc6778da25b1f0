/**
 * What the hub keeps about its people apart from measurements: accounts, sessions, invitations, second secrets, consents, whose
 * device is whose, readings that wait for an owner, and the operations log. One encrypted file with a key of its own; each table
 * is used by one module of this folder.
 */
import { existsSync, mkdirSync } from 'node:fs';
import Database from 'better-sqlite3-multiple-ciphers';
import { keyOf } from '../store/keys.ts';
import { storeErrorOf } from '../store/store-error.ts';

/** Each entry brings the file from the form of its index to the next one. Never change an entry that was released. */
const migrations: readonly string[] = [
  `
  CREATE TABLE account (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    state TEXT NOT NULL,
    salt BLOB NOT NULL,
    hash BLOB NOT NULL,
    created INTEGER NOT NULL,
    watches INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE session (
    hash TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    browser TEXT NOT NULL,
    started INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    again INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE invitation (
    hash TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    child INTEGER NOT NULL,
    inviter TEXT NOT NULL,
    created INTEGER NOT NULL,
    ends INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE contact (hash BLOB NOT NULL, salt BLOB NOT NULL, ends INTEGER NOT NULL) STRICT;
  CREATE TABLE secret (
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    data TEXT NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (account, kind, id)
  ) STRICT;
  CREATE TABLE guardian (
    ward TEXT PRIMARY KEY,
    guardian TEXT NOT NULL,
    receipt TEXT,
    given INTEGER,
    withdrawn INTEGER,
    handed_over INTEGER
  ) STRICT;
  CREATE TABLE pairing (device TEXT PRIMARY KEY, subject TEXT NOT NULL, since INTEGER NOT NULL) STRICT;
  CREATE TABLE placed (
    device TEXT NOT NULL,
    boot INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    visit INTEGER NOT NULL,
    PRIMARY KEY (device, boot, sequence)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE visit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    device TEXT NOT NULL,
    boot INTEGER NOT NULL,
    start INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    place TEXT NOT NULL,
    reason TEXT NOT NULL
  ) STRICT;
  CREATE INDEX visit_by_device ON visit (device, ended);
  CREATE TABLE held (
    visit INTEGER NOT NULL REFERENCES visit (number) ON DELETE CASCADE,
    device TEXT NOT NULL,
    boot INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    reading TEXT NOT NULL,
    PRIMARY KEY (device, boot, sequence)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE operation (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT,
    salt TEXT,
    detail_hash TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  CREATE INDEX operation_by_subject ON operation (subject, seq);
  CREATE INDEX operation_by_actor ON operation (actor, seq);
  `,
  // What a person objected to.
  'CREATE TABLE objection (subject TEXT NOT NULL, purpose TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (subject, purpose)) STRICT, WITHOUT ROWID;',
  // What a person shares, with whom, and what was read of it.
  `
  CREATE TABLE share (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    account TEXT,
    label TEXT NOT NULL,
    categories TEXT NOT NULL,
    from_ms INTEGER,
    to_ms INTEGER,
    created INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    stopped INTEGER,
    last_read INTEGER,
    rows_read INTEGER NOT NULL DEFAULT 0,
    token_hash TEXT UNIQUE,
    salt TEXT,
    passcode_hash TEXT
  ) STRICT;
  CREATE INDEX share_by_owner ON share (owner);
  CREATE INDEX share_by_account ON share (account);
  `,
  // What a person chose, and what was written down for them in full.
  `
  CREATE TABLE choice (
    subject TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, value TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (subject, kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE record (
    number INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX record_by_subject ON record (subject, kind, number);
  `,
  // Who may watch the camera, and each session of it.
  `
  CREATE TABLE view_grant (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    camera TEXT NOT NULL,
    from_ms INTEGER NOT NULL,
    ends INTEGER,
    from_min INTEGER,
    to_min INTEGER,
    given_by TEXT NOT NULL
  ) STRICT;
  CREATE INDEX view_grant_by_account ON view_grant (account);
  CREATE TABLE video_session (id TEXT PRIMARY KEY, since INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE INDEX video_session_by_since ON video_session (since);
  `,
  // Who may ask for a link, the links that people gave, what went over each, and tokens by their hashes.
  `
  CREATE TABLE partner (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    policy_url TEXT NOT NULL,
    region TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    webhook_url TEXT,
    client_secret TEXT,
    webhook_secret TEXT,
    state TEXT NOT NULL,
    created INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE partner_link (
    id TEXT PRIMARY KEY,
    grant_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    owner TEXT NOT NULL,
    partner TEXT NOT NULL,
    partner_name TEXT NOT NULL,
    categories TEXT NOT NULL,
    from_ms INTEGER,
    to_ms INTEGER,
    created INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    stopped INTEGER,
    last INTEGER,
    rows INTEGER NOT NULL DEFAULT 0,
    consent_version TEXT NOT NULL,
    consent TEXT NOT NULL
  ) STRICT;
  CREATE INDEX partner_link_by_owner ON partner_link (owner);
  CREATE INDEX partner_link_by_grant ON partner_link (grant_id);
  CREATE INDEX partner_link_by_partner ON partner_link (partner);
  CREATE TABLE partner_act (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    link TEXT NOT NULL REFERENCES partner_link (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    rows INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX partner_act_by_link ON partner_act (link, number);
  CREATE TABLE partner_token (
    hash TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    grant_key TEXT NOT NULL,
    payload TEXT NOT NULL,
    expires INTEGER NOT NULL,
    consumed INTEGER
  ) STRICT;
  CREATE INDEX partner_token_by_grant ON partner_token (grant_key);
  `,
  // When somebody is woken, and what was decided last.
  'CREATE TABLE wake_up (subject TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;',
  // Challenges, who takes part, and open invitations to them.
  `
  CREATE TABLE challenge (
    id TEXT PRIMARY KEY,
    host_url TEXT,
    creator TEXT,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    terms TEXT NOT NULL,
    from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    created INTEGER NOT NULL,
    stopped INTEGER
  ) STRICT;
  CREATE TABLE challenge_member (
    id TEXT PRIMARY KEY,
    challenge TEXT NOT NULL REFERENCES challenge (id) ON DELETE CASCADE,
    account TEXT,
    name TEXT NOT NULL,
    shows_own INTEGER NOT NULL,
    receipt TEXT NOT NULL,
    joined INTEGER NOT NULL,
    left_at INTEGER,
    last_asked INTEGER,
    times_asked INTEGER NOT NULL DEFAULT 0,
    peer TEXT,
    peer_shows TEXT
  ) STRICT;
  CREATE INDEX challenge_member_by_challenge ON challenge_member (challenge);
  CREATE INDEX challenge_member_by_account ON challenge_member (account);
  CREATE TABLE challenge_invitation (
    hash TEXT PRIMARY KEY,
    challenge TEXT NOT NULL REFERENCES challenge (id) ON DELETE CASCADE,
    ends INTEGER NOT NULL
  ) STRICT;
  `,
];

export type Household = Database.Database;

/** Opens or makes the file. Throws StoreError when it is damaged or its key is missing. */
export function openHousehold(folder: string): Household {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = `${folder}/household.db`;
  let database: Household | undefined;
  try {
    const key = keyOf(`${folder}/keys`, 'household', !existsSync(file));
    database = new Database(file);
    database.pragma("cipher = 'sqlcipher'");
    database.pragma(`key = "x'${key}'"`);
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    // What is deleted is overwritten, so that an erased person's rows are not left in free pages.
    database.pragma('secure_delete = ON');
    database.pragma('foreign_keys = ON');
    database.pragma('cache_size = -500');
    migrate(database, file);
    return database;
  } catch (error) {
    database?.close();
    throw storeErrorOf(error, file);
  }
}

function migrate(database: Household, file: string): void {
  const version = database.pragma('user_version', { simple: true }) as number;
  if (version > migrations.length) throw new Error(`${file} was written by a newer Hearth: update the hub`);
  for (let next = version; next < migrations.length; next++) {
    database.transaction(() => {
      database.exec(migrations[next]!);
      database.pragma(`user_version = ${next + 1}`);
    })();
  }
}
