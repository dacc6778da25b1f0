/**
 * Telling partners that there is something new (Standard Webhooks): never what, so that each value is read under the link as it stands when
 * it is read, and counted there.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Category, quantities } from '../../../firmware/protocol/quantities.ts';
import type { Link, Partners } from '../../people/partners.ts';
import type { StoredMeasurement } from '../../store/log-entry.ts';
import { createHttpClient, type HttpClient } from '../../sync/http.ts';
import { homeRetries, waitsOf } from '../../sync/retry-schedule.ts';
import { signatureOf } from '../../sync/targets/webhook.ts';

/** A weigh-in is several values within seconds: they are one piece of news. */
const QUIET_MS = 5000;
/** Some minutes; who was away for longer reads when it is back. */
const MOST_TRIES = 10;
/** Deliveries that wait; a partner that is away must not fill the memory. */
const MOST_WAITING = 100;

export interface HooksOptions {
  readonly partners: Partners;
  readonly now: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Resolves after a time; rejects when the signal aborts. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

export interface Hooks extends AsyncDisposable {
  /** A measurement was kept. */
  heard(measurement: StoredMeasurement): void;
}

const waitFor = (ms: number, signal: AbortSignal): Promise<unknown> => sleep(ms, undefined, { signal, ref: false });

export function startPartnerHooks({ partners, now, random, wait = waitFor }: HooksOptions): Hooks {
  const stop = new AbortController();
  const { signal } = stop;
  const running = new Set<Promise<void>>();
  /** By person and category: the days that the news is of. */
  let news = new Map<string, { subject: string; category: Category; fromMs: number; toMs: number }>();
  let isQuiet = true;
  let http: HttpClient | undefined;

  const run = (work: Promise<void>): void => {
    const own = work
      .catch((error: unknown) => {
        if (!signal.aborted) console.error(`a partner was not told: ${error instanceof Error ? error.message : error}`);
      })
      .finally(() => running.delete(own));
    running.add(own);
  };
  const deliver = async (link: Link, type: string, data: object): Promise<void> => {
    const url = partners.get(link.partner)?.webhookUrl;
    const { webhook: secret } = partners.secrets(link.partner);
    if (url == null || secret === null || running.size > MOST_WAITING) return;
    http ??= createHttpClient();
    const id = `msg_${randomBytes(12).toString('hex')}`;
    const body = Buffer.from(JSON.stringify({ type, timestamp: new Date(now()).toISOString(), data: { link: link.id, ...data } }));
    const waits = waitsOf(homeRetries, random);
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const seconds = String(Math.floor(now() / 1000));
      const headers = {
        'content-type': 'application/json',
        // The same however often it is sent, so that a receiver can drop what it has.
        'webhook-id': id,
        'webhook-timestamp': seconds,
        'webhook-signature': signatureOf(secret, id, seconds, body),
      };
      const answer = await http.send('POST', new URL(url), headers, body, signal).catch(() => undefined);
      if (signal.aborted) return;
      if (answer !== undefined && answer.status >= 200 && answer.status < 300) {
        if (type !== 'link.stopped') partners.note(link.id, 'told', 0, now());
        return;
      }
      // It wants no more (Standard Webhooks), or its person wants it to have no more.
      if (answer?.status === 410 || (type !== 'link.stopped' && !partners.isOpen(partners.getLink(link.id) ?? link, now()))) return;
      await wait(waits.next().value, signal);
    }
  };
  const flush = (): void => {
    const told = news;
    news = new Map();
    isQuiet = true;
    for (const link of partners.withWebhook(now())) {
      const categories = [...told.values()]
        .filter(
          ({ subject, category, fromMs, toMs }) =>
            subject === link.owner &&
            link.categories.includes(category) &&
            toMs >= (link.fromMs ?? toMs) &&
            fromMs < (link.toMs ?? Number.POSITIVE_INFINITY),
        )
        .map(({ category }) => category);
      if (categories.length > 0) run(deliver(link, 'measurements.new', { categories }));
    }
  };
  const stopListening = partners.onStop((link) => {
    if (link.kind === 'reads') run(deliver(link, 'link.stopped', {}));
  });

  return {
    heard({ subject, quantity, end }) {
      const { category } = quantities[quantity];
      const before = news.get(`${subject} ${category}`);
      const [fromMs, toMs] = [Math.min(end, before?.fromMs ?? end), Math.max(end, before?.toMs ?? end)];
      news.set(`${subject} ${category}`, { subject, category, fromMs, toMs });
      if (!isQuiet) return;
      isQuiet = false;
      run(wait(QUIET_MS, signal).then(flush));
    },
    async [Symbol.asyncDispose]() {
      stopListening();
      stop.abort(new Error('the hub is stopping'));
      await Promise.allSettled(running);
      http?.[Symbol.dispose]();
    },
  };
}
