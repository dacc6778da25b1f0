/**
 * An HTTP endpoint of the owner's own as a target, signed in the manner of Standard Webhooks (standardwebhooks.com, 1.0): the same
 * delivery has the same `webhook-id` whenever it is sent again, so a receiver can drop what it has.
 */
import { createHmac } from 'node:crypto';
import { eventsOf } from '../event.ts';
import { answerError, createHttpClient, type HttpClient } from '../http.ts';
import { type Target, TargetError } from '../target.ts';

export interface WebhookOptions {
  readonly name: string;
  readonly region: string;
  readonly url: URL;
  /** `whsec_` and base64, as Standard Webhooks writes it, or any text. */
  readonly secret: () => string;
  readonly now: () => number;
}

/** 100 kB of JSON, which every framework takes. */
const MOST_ENTRIES = 250;
/** The prefix of a secret; behind it stands base64. */
const SECRET_PREFIX = 'whsec_';

export function webhookTarget({ name, region, url, secret, now }: WebhookOptions): Target {
  const http: HttpClient = createHttpClient();
  const post = async (id: string, payload: object, signal: AbortSignal): Promise<number> => {
    const body = Buffer.from(JSON.stringify(payload));
    const seconds = String(Math.floor(now() / 1000));
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': seconds,
      'webhook-signature': signatureOf(secret(), id, seconds, body),
    };
    const answer = await http.send('POST', url, headers, body, signal);
    if (answer.status >= 200 && answer.status < 300) return body.length;
    if (answer.status === 410)
      throw new TargetError('refused', `${url.host} says that it wants no more (410): remove the target, or set the endpoint up again`);
    throw answerError(url.host, answer);
  };
  return {
    name,
    kind: 'webhook',
    region,
    mostEntries: MOST_ENTRIES,
    countsPositions: false,
    capabilities: {
      keepsTime: true,
      amends: true,
      removes: true,
      fillsIn: false,
      says: 'Gets each measurement with its own time, and is told of corrections, removals and erasures; what it does with them is its own affair.',
    },
    async send(delivery, signal) {
      const { subject, after, upTo } = delivery;
      const events = eventsOf(delivery);
      return {
        bytes: await post(
          `${name}-${subject}-${after}-${upTo}`,
          { type: 'measurements', timestamp: new Date(now()).toISOString(), data: { subject, events } },
          signal,
        ),
      };
    },
    async erase(subject, signal) {
      await post(`${name}-${subject}-erased`, { type: 'erased', timestamp: new Date(now()).toISOString(), data: { subject } }, signal);
    },
    async test(signal) {
      const at = new Date(now()).toISOString();
      await post(
        `${name}-test-${at}`,
        { type: 'test', timestamp: at, data: { says: 'A test of this hub: it holds nothing of anybody.' } },
        signal,
      );
      return `${url.host} took a signed message of type 'test'.`;
    },
    async close() {
      http[Symbol.dispose]();
    },
  };
}

/** `v1,` and HMAC-SHA256 over `id.timestamp.body`, base64. */
export function signatureOf(secret: string, id: string, seconds: string, body: Buffer): string {
  const key = secret.startsWith(SECRET_PREFIX) ? Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64') : Buffer.from(secret);
  return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.`).update(body).digest('base64')}`;
}
