/** Requests to targets: one kept connection each unless told, answers with a limit in size and time, and failures sorted by who can mend them. */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { TargetError } from './target.ts';

export interface Tls {
  /** PEM; only this authority's servers are talked to. */
  readonly ca?: string;
  readonly key?: string;
  readonly cert?: string;
  /** Only to fetch what is then compared with a fingerprint. */
  readonly anyServer?: true;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface HttpClient extends Disposable {
  /** Resolves with any answer. Rejects with TargetError: `away` when none came, `refused` when the server is not the right one. */
  send(method: string, url: URL, headers: Readonly<Record<string, string>>, body: Buffer | undefined, signal: AbortSignal): Promise<Answer>;
}

/** A batch over a slow uplink, and an edge that rewrites a table. */
const ANSWER_WITHIN_MS = 30_000;
/** No target has this much to say. */
const MOST_ANSWER_BYTES = 8 * 1024 * 1024;
/** OpenSSL's and Node's words for a server or an own certificate that is not right. */
const tlsCodes = /^(ERR_TLS_|ERR_SSL_|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|EPROTO)/;

/** @param keepAlive without it each request has a connection of its own, and none goes by one that another network has made useless */
export function createHttpClient(tls: Tls = {}, keepAlive = true): HttpClient {
  const { anyServer, ...own } = tls;
  const http = new HttpAgent({ keepAlive, maxSockets: 2 });
  const https = new HttpsAgent({ keepAlive, maxSockets: 2, minVersion: 'TLSv1.2', ...own, rejectUnauthorized: anyServer !== true });
  return {
    send(method, url, headers, body, signal) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
      const isSecure = url.protocol === 'https:';
      return new Promise((resolve, reject) => {
        const fail = (error: Error): void => reject(signal.aborted ? signal.reason : failureOf(error, url));
        const sent = (isSecure ? httpsRequest : httpRequest)(
          url,
          {
            method,
            agent: isSecure ? https : http,
            signal: limit,
            headers: { ...headers, ...(body === undefined ? {} : { 'content-length': String(body.length) }) },
          },
          (response) => {
            read(response).then((bytes) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes }), fail);
          },
        );
        sent.on('error', fail);
        sent.end(body);
      });
    },
    [Symbol.dispose]() {
      http.destroy();
      https.destroy();
    },
  };
}

async function read(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_ANSWER_BYTES) throw new Error(`the answer is larger than ${MOST_ANSWER_BYTES / 1024 / 1024} MB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

function failureOf(error: Error, url: URL): TargetError {
  const code = 'code' in error ? String(error.code) : '';
  const today = new Date().toISOString().slice(0, 10);
  // A machine without a clock of its own is in the past until it learns the time: then this mends itself.
  if (code === 'CERT_NOT_YET_VALID')
    return new TargetError(
      'away',
      `the certificate of ${url.host} is not valid yet by the clock of this machine, which stands at ${today}: it goes on once the clock is right`,
    );
  if (code === 'CERT_HAS_EXPIRED')
    return new TargetError(
      'refused',
      `the certificate of ${url.host} has ended, so that nobody can know whether it is the right one: its operator has to renew it (where the clock of this machine, ${today}, is right)`,
    );
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return new TargetError(
      'refused',
      `the certificate of the server at ${url.host} is for another name (${error.message}): use the name that its operator gave, or ask them to add this one`,
    );
  if (tlsCodes.test(code))
    return new TargetError('refused', `${url.host} is not the server that it should be, or does not know this hub: ${error.message}`);
  const why =
    error.name === 'TimeoutError' || error.name === 'AbortError' ? `no answer within ${ANSWER_WITHIN_MS / 1000} s` : error.message || code;
  return new TargetError('away', `${url.host} cannot be reached: ${why}`);
}

/** What an answer that is no success means, by its status; `what` names the server. */
export function answerError(what: string, { status, headers, body }: Answer): TargetError {
  const text = messageIn(body);
  const said = `${what} answered ${status}${text === '' ? '' : `: ${text}`}`;
  if (status === 408 || status === 425 || status === 429 || status >= 500)
    return new TargetError('away', `${said}${headers['retry-after'] === undefined ? '' : ` (asks to wait ${headers['retry-after']} s)`}`);
  if (status === 400 || status === 413 || status === 422) return new TargetError('poisoned', said);
  return new TargetError('refused', said);
}

/** Longest piece of an answer that is shown to a person. */
const MOST_SAID = 300;

function messageIn(body: Buffer): string {
  const text = body.toString('utf8').trim();
  try {
    const json = JSON.parse(text) as { error?: string | { message?: unknown }; message?: unknown };
    const message = typeof json.error === 'string' ? json.error : (json.error?.message ?? json.message);
    if (typeof message === 'string') return message.slice(0, MOST_SAID);
  } catch {
    // No JSON: the text itself says it.
  }
  return text.slice(0, MOST_SAID);
}
