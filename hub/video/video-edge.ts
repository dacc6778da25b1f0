/**
 * An edge through which the camera is shown: the hub's own, or one in the video region of the people who live here. One outside proves each
 * hour, and after each failure, that it is the one with which this hub enrolled and that it stands where it should; else nothing is asked of it.
 */
import { writeFileSync } from 'node:fs';
import { fingerprintOf } from '../edge/certificates.ts';
import { type Enrolment, enrol, privateKeyOf, readEnrolment, renewed } from '../sync/enrolment.ts';
import { answerError, createHttpClient, type HttpClient } from '../sync/http.ts';
import { checkStatement } from '../sync/region-statement.ts';
import { TargetError } from '../sync/target.ts';

export interface VideoEdge {
  readonly region: string;
  /** It proved its region by a signed statement, or it is this home; else that is the word of who set it up. */
  readonly isProven: boolean;
  /** Where the camera is published. */
  whip(): string;
  /** Pictures go there now, or no more; told by who sends them. */
  told?(isLive: boolean): void;
  /** What the camera is called there; another once the hub has enrolled. */
  camera(): string;
  /** Asks it something as this hub, or as who has the bearer token of the headers. Rejects with TargetError, or when it does not answer. */
  ask(method: string, path: string, headers: Readonly<Record<string, string>>, body?: string): Promise<Response>;
  /** Of the authority of its certificate, for programs that talk to it by themselves; undefined where none is needed. */
  readonly authorityFile?: string;
}

/** What a camera is called at an edge that does not know this hub yet. */
export const NOT_ENROLLED = 'not-enrolled';
const ANSWER_WITHIN_MS = 10_000;
const STATEMENT_MS = 3_600_000;

/** The edge of this machine, reached by its operator's token. */
export const ownVideoEdge = ({ url, token, region }: { url: string; token: string; region: string }): VideoEdge => ({
  region,
  isProven: true,
  whip: () => `${url}/v1/whip/home`,
  camera: () => 'home',
  ask: (method, path, headers, body) =>
    fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      ...(body === undefined ? {} : { body }),
    }),
});

export interface OutsideEdgeOptions {
  readonly url: string;
  /** Where it must be. */
  readonly region: string;
  /** Where this hub's key and what was pinned are kept. */
  readonly folder: string;
  /** A code of one use of its operator, asked for when this hub is not enrolled there. Throws TargetError when there is none. */
  readonly code: () => string;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

export function outsideVideoEdge({ url, region, folder, code, now, signal }: OutsideEdgeOptions): VideoEdge {
  const base = new URL(url.endsWith('/') ? url : `${url}/`);
  const authorityFile = `${folder}/authority.pem`;
  let enrolment = readEnrolment(folder);
  let http: HttpClient | undefined;
  let checkedMs = Number.NEGATIVE_INFINITY;
  const connect = (to: Enrolment): HttpClient => {
    http?.[Symbol.dispose]();
    writeFileSync(authorityFile, to.authority, { mode: 0o600 });
    // Asked seldom, and at once when the network has changed: a picture waits for it.
    http = createHttpClient({ ca: to.authority, cert: to.certificate, key: privateKeyOf(folder) }, false);
    return http;
  };
  /** Enrolled, connected, and in its region. */
  const ready = async (): Promise<HttpClient> => {
    enrolment ??= await enrol(folder, base, code(), region, signal);
    if (enrolment.region !== region)
      throw new TargetError(
        'refused',
        `this hub enrolled with a video edge in '${enrolment.region}', but its settings say '${region}': remove ${folder} and enrol there`,
      );
    const client = http ?? connect(enrolment);
    if (now() - checkedMs < STATEMENT_MS && now() >= checkedMs) return client;
    const answer = await client.send('GET', new URL('v1/region', base), {}, undefined, signal);
    if (answer.status !== 200) throw answerError('the video edge', answer);
    const { statement = '' } = JSON.parse(answer.body.toString('utf8')) as { statement?: string };
    await checkStatement(statement, enrolment.key, region, fingerprintOf(enrolment.authority));
    const next = await renewed(folder, base, enrolment, client, now(), signal);
    checkedMs = now();
    if (next === undefined) return client;
    enrolment = next;
    return connect(next);
  };
  // A hub's cameras are called after it there.
  const camera = (): string => enrolment?.hub ?? NOT_ENROLLED;
  return {
    region,
    isProven: true,
    whip: () => new URL(`v1/whip/${camera()}`, base).href,
    camera,
    authorityFile,
    async ask(method, path, headers, body) {
      try {
        const client = await ready();
        const bytes = body === undefined ? undefined : Buffer.from(body);
        const answer = await client.send(method, new URL(path.replace(/^\//, ''), base), headers, bytes, signal);
        const given = Object.entries(answer.headers).flatMap(([name, value]): [string, string][] =>
          typeof value === 'string' ? [[name, value]] : [],
        );
        const isEmpty = answer.status === 204 || answer.status === 304;
        return new Response(isEmpty ? null : new Uint8Array(answer.body), { status: answer.status, headers: given });
      } catch (error) {
        // Whoever answers next may be another.
        checkedMs = Number.NEGATIVE_INFINITY;
        throw error;
      }
    },
  };
}

/** The first one whose region all who live here allow; where none is, the first, which is then refused by its region. */
export function chosenEdge(edges: readonly [VideoEdge, ...VideoEdge[]], outOfRegion: (region: string) => string | undefined): VideoEdge {
  return edges.find(({ region }) => outOfRegion(region) === undefined) ?? edges[0];
}
