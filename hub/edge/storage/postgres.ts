/**
 * The grown edge's storage: PostgreSQL 15, one partition for each month of measurement. Edge processes share it and nothing else.
 *
 * A batch is one transaction that locks its vault's row, so batches of one vault take their turn while other vaults go on. Rows
 * beyond the vault's position are new by that lock; rows at or before it are compared, because the partition key (time) may differ
 * from the one that is kept.
 *
 * Removing: a row version that was replaced stays in PostgreSQL's file until the table is rewritten, so partitions with a removal
 * are rewritten (`VACUUM FULL`), before the batch is answered. Its write-ahead log and its backups keep the value until they
 * are recycled; how long is the operator's choice.
 */
import pg from 'pg';
import { type Entry, type MeasuredEntry, qualityNumberOf, timeQualities } from '../entry.ts';
import { type EdgeStorage, type Note, StorageError, type Taken } from './storage.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS vault (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, hub text NOT NULL, name text NOT NULL,
    up_to bigint NOT NULL DEFAULT 0, erased boolean NOT NULL DEFAULT false, UNIQUE (hub, name)
  );
  CREATE TABLE IF NOT EXISTS entry (
    vault bigint NOT NULL, seq bigint NOT NULL, device text, boot bigint, sequence bigint, code integer, value double precision,
    end_ms bigint NOT NULL, span_ms bigint, quality smallint, PRIMARY KEY (vault, seq, end_ms)
  ) PARTITION BY RANGE (end_ms);
  CREATE TABLE IF NOT EXISTS entry_other PARTITION OF entry DEFAULT;
  CREATE TABLE IF NOT EXISTS note (vault bigint NOT NULL, seq bigint NOT NULL, name text NOT NULL, body text NOT NULL, PRIMARY KEY (vault, seq));
  CREATE TABLE IF NOT EXISTS hub (name text PRIMARY KEY, enrolled_ms bigint, revoked_ms bigint);
  CREATE TABLE IF NOT EXISTS code (hash text PRIMARY KEY, hub text NOT NULL, ends_ms bigint NOT NULL);
`;
/** Any number, the same in every edge process: one of them makes tables at a time. */
const SCHEMA_LOCK = 4_871_733;
/** Two cores' worth of a database server, for each edge process. */
const MOST_CONNECTIONS = 8;
const ANSWER_WITHIN_MS = 30_000;
/** Months that get a partition of their own; a date outside is a mistake and lies in the default partition. */
const FIRST_MONTH_MS = Date.UTC(2000, 0);
const LAST_MONTH_MS = Date.UTC(2100, 0);

const columns = 'vault, seq, device, boot, sequence, code, value, end_ms, span_ms, quality';
const given = `SELECT $1::bigint, * FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::integer[], $7::double precision[],
  $8::bigint[], $9::bigint[], $10::smallint[]) AS given (seq, device, boot, sequence, code, value, end_ms, span_ms, quality)`;
const insertNew = `INSERT INTO entry (${columns}) ${given} ON CONFLICT DO NOTHING`;
const insertMissing = `INSERT INTO entry (${columns}) ${given}
  WHERE NOT EXISTS (SELECT 1 FROM entry WHERE entry.vault = $1 AND entry.seq = given.seq) ON CONFLICT DO NOTHING`;

/** Connects and makes the tables. `url` is `postgres://…` or a socket folder by `postgres:///name?host=/folder`. Rejects with StorageError. */
export async function openPostgresStorage(url: string): Promise<EdgeStorage> {
  const pool = new pg.Pool({
    connectionString: url,
    max: MOST_CONNECTIONS,
    statement_timeout: ANSWER_WITHIN_MS,
    connectionTimeoutMillis: ANSWER_WITHIN_MS,
  });
  // An idle connection that the server ends is replaced by the next query.
  pool.on('error', () => undefined);
  // One that is at work tells the query that failed, and says it again as an event, which would end the process if nobody listened.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const months = new Set<string>();

  const guarded = async <T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
    let client: pg.PoolClient | undefined;
    try {
      client = await pool.connect();
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      client?.release(true);
      throw new StorageError(`the edge's database takes nothing now: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  };
  const transaction = <T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> =>
    guarded(async (client) => {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    });

  /** Partitions for these times, made before the batch's transaction so that it holds no lock on the whole table. */
  const makeMonths = async (times: readonly number[]): Promise<void> => {
    const wanted = [...new Set(times.filter((ms) => ms >= FIRST_MONTH_MS && ms < LAST_MONTH_MS).map(monthOf))].filter(
      (one) => !months.has(one),
    );
    if (wanted.length === 0) return;
    await transaction(async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
      for (const month of wanted) {
        const [year, number] = month.split('_').map(Number) as [number, number];
        const [from, to] = [Date.UTC(year, number - 1), Date.UTC(year, number)];
        await client.query(`CREATE TABLE IF NOT EXISTS entry_${month} PARTITION OF entry FOR VALUES FROM (${from}) TO (${to})`);
      }
    });
    for (const month of wanted) months.add(month);
  };

  const insert = async (client: pg.PoolClient, vault: string, rows: readonly MeasuredEntry[], sql: string): Promise<number> => {
    if (rows.length === 0) return 0;
    const column = <T>(pick: (row: MeasuredEntry) => T): T[] => rows.map(pick);
    const { rowCount } = await client.query({
      name: sql === insertNew ? 'insert-new' : 'insert-missing',
      text: sql,
      values: [
        vault,
        column(({ seq }) => seq),
        column(({ device }) => device),
        column(({ boot }) => boot),
        column(({ sequence }) => sequence),
        column(({ code }) => code),
        column(({ value }) => value),
        column(({ endUtcMs }) => endUtcMs),
        column(({ spanMs }) => spanMs),
        column(qualityNumberOf),
      ],
    });
    return rowCount ?? 0;
  };

  /** Gives how many rows it changed. */
  const change = async (client: pg.PoolClient, vault: string, entry: Exclude<Entry, MeasuredEntry>): Promise<number> => {
    const run = async (sql: string, ...values: unknown[]): Promise<number> => (await client.query(sql, [vault, ...values])).rowCount ?? 0;
    switch (entry.kind) {
      case 'amended':
        return run('UPDATE entry SET value = $3 WHERE vault = $1 AND seq = $2 AND code IS NOT NULL', entry.of, entry.value);
      case 'removed': {
        // A second value under the same identity goes with the first.
        await run("UPDATE note SET body = '{}' WHERE vault = $1 AND name = 'conflict' AND body LIKE $2", `%"of":${entry.of},%`);
        const changed = await run(
          `UPDATE entry SET device = NULL, boot = NULL, sequence = NULL, code = NULL, value = NULL, span_ms = NULL, quality = NULL
           WHERE vault = $1 AND seq = $2`,
          entry.of,
        );
        return changed > 0 ? changed : run('INSERT INTO entry (vault, seq, end_ms) VALUES ($1, $2, 0)', entry.of);
      }
      case 'redated':
        return run(
          'UPDATE entry SET end_ms = end_ms + $4, quality = quality - 3 WHERE vault = $1 AND seq BETWEEN $2 AND $3 AND quality >= 3',
          entry.fromSeq,
          entry.toSeq,
          Math.round(entry.shiftMs),
        );
      case 'note':
        return run('INSERT INTO note VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', entry.seq, entry.name, entry.body);
    }
  };
  const lockVault = async (
    client: pg.PoolClient,
    hub: string,
    name: string,
  ): Promise<{ number: string; upTo: number; erased: boolean }> => {
    const read = () =>
      client.query<{ number: string; up_to: string; erased: boolean }>(
        'SELECT number, up_to, erased FROM vault WHERE hub = $1 AND name = $2 FOR UPDATE',
        [hub, name],
      );
    let found = await read();
    if (found.rows.length === 0) {
      await client.query('INSERT INTO vault (hub, name) VALUES ($1, $2) ON CONFLICT DO NOTHING', [hub, name]);
      found = await read();
    }
    const { number, up_to, erased } = found.rows[0]!;
    return { number, upTo: Number(up_to), erased };
  };
  const partitionsOf = async (client: pg.PoolClient, vault: string, seqs: readonly number[]): Promise<string[]> => {
    const found = await client.query<{ name: string }>(
      'SELECT DISTINCT tableoid::regclass::text AS name FROM entry WHERE vault = $1 AND seq = ANY ($2::bigint[])',
      [vault, seqs],
    );
    return found.rows.map(({ name }) => name);
  };
  const rewrite = async (tables: readonly string[]): Promise<void> => {
    for (const table of tables) await guarded((client) => client.query(`VACUUM FULL ${table}`));
  };

  await transaction(async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
    await client.query(schema);
  }).catch(async (error: unknown) => {
    await pool.end();
    throw error;
  });

  return {
    async take({ hub, vault: name, after, upTo, entries }) {
      const measured = entries.filter((entry) => entry.kind === 'measured');
      const others = entries.filter((entry) => entry.kind !== 'measured');
      await makeMonths(measured.map(({ endUtcMs }) => endUtcMs));
      let dirty: string[] = [];
      const taken = await transaction(async (client): Promise<Taken> => {
        const vault = await lockVault(client, hub, name);
        if (vault.erased) return { kind: 'erased' };
        if (after > vault.upTo) return { kind: 'ahead', upTo: vault.upTo };
        let added = await insert(
          client,
          vault.number,
          measured.filter(({ seq }) => seq > vault.upTo),
          insertNew,
        );
        added += await insert(
          client,
          vault.number,
          measured.filter(({ seq }) => seq <= vault.upTo),
          insertMissing,
        );
        const gone = others.flatMap((entry) => (entry.kind === 'removed' || entry.kind === 'amended' ? entry.of : []));
        for (const entry of others) if (entry.kind === 'note' || entry.seq > vault.upTo) added += await change(client, vault.number, entry);
        if (gone.length > 0) dirty = [...(await partitionsOf(client, vault.number, gone)), 'note'];
        await client.query('UPDATE vault SET up_to = greatest(up_to, $2) WHERE number = $1', [vault.number, upTo]);
        return { kind: 'taken', upTo: Math.max(upTo, vault.upTo), added };
      });
      await rewrite(dirty);
      return taken;
    },
    vaults: (hub) =>
      guarded(async (client) => {
        const { rows } = await client.query<{ vault: string; up_to: string; erased: boolean; rows: string }>(
          `SELECT name AS vault, up_to, erased, (SELECT count(*) FROM entry WHERE vault = vault.number AND code IS NOT NULL) AS rows
           FROM vault WHERE hub = $1 ORDER BY name`,
          [hub],
        );
        return rows.map(({ vault, up_to, erased, rows }) => ({ vault, upTo: Number(up_to), erased, rows: Number(rows) }));
      }),
    rows: (hub, vault, after, limit) =>
      guarded(async (client) => {
        const { rows } = await client.query<
          Record<'seq' | 'boot' | 'sequence' | 'end_ms' | 'span_ms', string> & {
            device: string;
            code: number;
            value: number | null;
            quality: number;
          }
        >(
          `SELECT seq, device, boot, sequence, code, value, end_ms, span_ms, quality FROM entry
           WHERE vault = (SELECT number FROM vault WHERE hub = $1 AND name = $2) AND seq > $3 AND code IS NOT NULL ORDER BY seq LIMIT $4`,
          [hub, vault, after, limit],
        );
        return rows.map(({ seq, device, boot, sequence, code, value, end_ms, span_ms, quality }) => ({
          seq: Number(seq),
          device,
          boot: Number(boot),
          sequence: Number(sequence),
          code,
          value,
          endUtcMs: Number(end_ms),
          spanMs: Number(span_ms),
          timeQuality: timeQualities[quality]!,
        }));
      }),
    notes: (hub, vault, after, limit) =>
      guarded(async (client) => {
        const { rows } = await client.query<Omit<Note, 'seq'> & { seq: string }>(
          `SELECT seq, name, body FROM note WHERE vault = (SELECT number FROM vault WHERE hub = $1 AND name = $2) AND seq > $3 ORDER BY seq LIMIT $4`,
          [hub, vault, after, limit],
        );
        return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
      }),
    async erase(hub, name) {
      let dirty: string[] = [];
      const count = await transaction(async (client) => {
        const { number } = await lockVault(client, hub, name);
        const found = await client.query<{ name: string }>('SELECT DISTINCT tableoid::regclass::text AS name FROM entry WHERE vault = $1', [
          number,
        ]);
        dirty = [...found.rows.map((row) => row.name), 'note'];
        await client.query('DELETE FROM note WHERE vault = $1', [number]);
        const { rowCount } = await client.query('DELETE FROM entry WHERE vault = $1', [number]);
        await client.query('UPDATE vault SET erased = true WHERE number = $1', [number]);
        return rowCount ?? 0;
      });
      await rewrite(dirty);
      return count;
    },
    addCode: (hash, hub, endsUtcMs) =>
      guarded(async (client) => {
        await client.query('INSERT INTO code VALUES ($1, $2, $3) ON CONFLICT (hash) DO UPDATE SET hub = $2, ends_ms = $3', [
          hash,
          hub,
          Math.round(endsUtcMs),
        ]);
      }),
    redeemCode: (hash, nowUtcMs) =>
      guarded(async (client) => {
        const { rows } = await client.query<{ hub: string; ends_ms: string }>('DELETE FROM code WHERE hash = $1 RETURNING hub, ends_ms', [
          hash,
        ]);
        const [used] = rows;
        if (used === undefined || Number(used.ends_ms) <= nowUtcMs) return undefined;
        await client.query('INSERT INTO hub VALUES ($1, $2, NULL) ON CONFLICT (name) DO UPDATE SET enrolled_ms = $2', [
          used.hub,
          Math.round(nowUtcMs),
        ]);
        return used.hub;
      }),
    hubs: () =>
      guarded(async (client) => {
        const { rows } = await client.query<{ hub: string; enrolled_ms: string | null; revoked_ms: string | null; vaults: string }>(
          `SELECT name AS hub, enrolled_ms, revoked_ms, (SELECT count(*) FROM vault WHERE vault.hub = known.name) AS vaults
           FROM (SELECT name, enrolled_ms, revoked_ms FROM hub UNION ALL
                 SELECT DISTINCT hub, NULL::bigint, NULL::bigint FROM vault WHERE hub NOT IN (SELECT name FROM hub)) AS known ORDER BY name`,
        );
        const numberOf = (text: string | null): number | null => (text === null ? null : Number(text));
        return rows.map(({ hub, enrolled_ms, revoked_ms, vaults }) => ({
          hub,
          enrolledMs: numberOf(enrolled_ms),
          revokedMs: numberOf(revoked_ms),
          vaults: Number(vaults),
        }));
      }),
    revoke: (hub, nowUtcMs) =>
      guarded(async (client) => {
        await client.query('INSERT INTO hub VALUES ($1, NULL, $2) ON CONFLICT (name) DO UPDATE SET revoked_ms = $2', [
          hub,
          Math.round(nowUtcMs),
        ]);
      }),
    revokedAt: (hub) =>
      guarded(async (client) => {
        const { rows } = await client.query<{ at: string | null }>('SELECT revoked_ms AS at FROM hub WHERE name = $1', [hub]);
        return rows[0]?.at == null ? undefined : Number(rows[0].at);
      }),
    check: () => guarded(async (client) => void (await client.query('SELECT 1'))),
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

/** `2026_11` of a time in November 2026 (UTC). */
function monthOf(ms: number): string {
  const date = new Date(ms);
  return `${date.getUTCFullYear()}_${String(date.getUTCMonth() + 1).padStart(2, '0')}`;
}
