/**
 * A regional edge as a target. Everything is checked each time: the server by its authority, its region and key by the signed
 * statement, each batch by its receipt. What does not fit is refused, and nothing goes anywhere else instead.
 */
import { createHash } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import { fingerprintOf } from '../../edge/certificates.ts';
import { MOST_ENTRIES } from '../../edge/entry.ts';
import { packOf } from '../../edge/pack.ts';
import { type Enrolment, enrol, privateKeyOf, readEnrolment, renewed } from '../enrolment.ts';
import { type Answer, answerError, createHttpClient, type HttpClient } from '../http.ts';
import { checkReceipt, checkStatement } from '../region-statement.ts';
import { edgeEntryOf } from '../shipment.ts';
import { type Target, TargetError } from '../target.ts';

export interface EdgeTargetOptions {
  readonly name: string;
  /** Ends in a slash. Asked each time: an embedded edge may come back elsewhere. */
  readonly url: () => URL;
  /** Where it must be. */
  readonly region: string;
  /** Where this hub's key and what was pinned are kept. */
  readonly folder: string;
  /** A code of one use, asked for when the hub is not enrolled yet. Rejects with TargetError when there is none. */
  readonly code: (signal: AbortSignal) => Promise<string>;
  /** Of the operator, for an edge on this machine without TLS; then it is the access, and the certificate is not needed. */
  readonly token?: string;
  readonly onEnrolled: (how: 'enrolled' | 'renewed', enrolment: Enrolment) => void;
  readonly now: () => number;
}

/** An edge takes nothing more of a vault that it erased: what is sent after that is a vault of its own there. */
const vaultAt = (subject: string, life: number): string => (life === 0 ? subject : `${subject}-${life + 1}`);

/** The statement is looked at again after so long; each receipt names the region too. */
const STATEMENT_MS = 3_600_000;
/** Rows of the live trickle and of a catch-up alike: 9,000 take 20 kB. */
const BATCH_ENTRIES = Math.min(9000, MOST_ENTRIES);

export function edgeTarget({ name, url, region, folder, code, token, onEnrolled, now }: EdgeTargetOptions): Target {
  let enrolment = readEnrolment(folder);
  let http: HttpClient | undefined;
  let checkedMs = Number.NEGATIVE_INFINITY;
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };

  const connect = (to: Enrolment): HttpClient => {
    http?.[Symbol.dispose]();
    http = createHttpClient(token === undefined ? { ca: to.authority, cert: to.certificate, key: privateKeyOf(folder) } : {});
    return http;
  };
  /** Enrolled, connected, and in its region. */
  const ready = async (signal: AbortSignal): Promise<{ to: Enrolment; client: HttpClient }> => {
    if (token === undefined && url().protocol !== 'https:')
      throw new TargetError('refused', `${url()} is not https: an edge elsewhere is reached by TLS alone`);
    if (enrolment === undefined) {
      enrolment = await enrol(folder, url(), await code(signal), region, signal);
      onEnrolled('enrolled', enrolment);
    }
    if (enrolment.region !== region)
      throw new TargetError(
        'refused',
        `this hub enrolled with an edge in '${enrolment.region}', but is to send to '${region}': remove ${folder} and enrol there`,
      );
    const client = http ?? connect(enrolment);
    if (now() - checkedMs < STATEMENT_MS && now() >= checkedMs) return { to: enrolment, client };
    const answer = await client.send('GET', new URL('v1/region', url()), headers, undefined, signal);
    if (answer.status !== 200) throw answerError('the edge', answer);
    const { statement = '' } = JSON.parse(answer.body.toString('utf8')) as { statement?: string };
    await checkStatement(statement, enrolment.key, region, fingerprintOf(enrolment.authority));
    if (token === undefined) {
      const next = await renewed(folder, url(), enrolment, client, now(), signal);
      if (next !== undefined) {
        enrolment = next;
        onEnrolled('renewed', next);
        checkedMs = now();
        return { to: next, client: connect(next) };
      }
    }
    checkedMs = now();
    return { to: enrolment, client };
  };
  /** After a failure whoever answers next may be another: everything is checked again. */
  const checked = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TargetError) || error.kind === 'away' || error.kind === 'refused') checkedMs = Number.NEGATIVE_INFINITY;
      throw error;
    }
  };

  return {
    name,
    kind: 'edge',
    region,
    mostEntries: BATCH_ENTRIES,
    countsPositions: true,
    capabilities: {
      keepsTime: true,
      amends: true,
      removes: true,
      fillsIn: true,
      says: 'Keeps every measurement with its own time. Corrections, removals and erasures are done there too, against a signed receipt.',
    },
    send: ({ subject, life, after, upTo, entries }, signal) =>
      checked(async () => {
        const vault = vaultAt(subject, life);
        const { to, client } = await ready(signal);
        const body = zstdCompressSync(JSON.stringify(packOf({ after, upTo, entries: entries.map(edgeEntryOf) })));
        const path = new URL(`v1/hubs/${to.hub}/vaults/${vault}/log`, url());
        const answer = await client.send(
          'POST',
          path,
          { ...headers, 'content-type': 'application/json', 'content-encoding': 'zstd' },
          body,
          signal,
        );
        if (answer.status !== 200) throw refusalOf(answer);
        const { receipt = '' } = JSON.parse(answer.body.toString('utf8')) as { receipt?: string };
        const sha256 = createHash('sha256').update(body).digest('base64url');
        await checkReceipt(receipt, to.key, { region, hub: to.hub, vault, after, upTo, sha256 });
        return { bytes: body.length, receipt };
      }),
    erase: (subject, signal, life) =>
      checked(async () => {
        const { to, client } = await ready(signal);
        const answer = await client.send(
          'DELETE',
          new URL(`v1/hubs/${to.hub}/vaults/${vaultAt(subject, life)}`, url()),
          headers,
          undefined,
          signal,
        );
        if (answer.status !== 200) throw answerError('the edge', answer);
      }),
    test: (signal) =>
      checked(async () => {
        // Everything anew: the certificate, the region, the key.
        checkedMs = Number.NEGATIVE_INFINITY;
        const { to, client } = await ready(signal);
        const answer = await client.send('GET', new URL(`v1/hubs/${to.hub}/vaults`, url()), headers, undefined, signal);
        if (answer.status !== 200) throw answerError('the edge', answer);
        return `${url().host} proved that it is in ${to.region}, and knows this hub as '${to.hub}'.`;
      }),
    async close() {
      http?.[Symbol.dispose]();
    },
  };
}

function refusalOf(answer: Answer): TargetError {
  const failure = answerError('the edge', answer);
  if (answer.status === 410) return new TargetError('erased', failure.message);
  if (answer.status !== 409) return failure;
  const { error } = JSON.parse(answer.body.toString('utf8')) as { error?: { upTo?: number } };
  return new TargetError('behind', `the edge goes on from ${error?.upTo}`, error?.upTo ?? 0);
}
