/** Keeps the camera's picture published at a WHIP server: connects, and connects again after every loss. */
import type { Clock } from '../../firmware/protocol/time.ts';
import { type RetrySchedule, waitsOf } from '../sync/retry-schedule.ts';
import type { IceServer } from './ice-links.ts';
import type { OpenPeer, Peer } from './peer.ts';
import { openSession, WhipError } from './whip.ts';

/** A viewer waits five seconds at most for the picture to be back, also after an hour without a server. */
export const lossRetries: RetrySchedule = { firstMs: 250, longestMs: 3000, jitter: 0.2 };
/** What a person must mend, such as a wrong URL. */
export const refusalRetries: RetrySchedule = { firstMs: 1000, longestMs: 60_000, jitter: 0.2 };
const CONNECT_WITHIN_MS = 10_000;
const LISTEN_EACH_MS = 500;

export type PublisherState = { readonly kind: 'connecting' | 'live' } | { readonly kind: 'fault'; readonly message: string };

export interface PublisherOptions {
  readonly url: string;
  /** A fresh token for each session. */
  readonly token: () => Promise<string>;
  readonly openPeer: OpenPeer;
  readonly onState: (state: PublisherState) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly fetcher?: typeof fetch;
}

/** Runs until the signal is aborted; the session is deleted then. */
export async function keepPublished(options: PublisherOptions): Promise<void> {
  const { url, token, openPeer, onState, clock, random, signal, fetcher = fetch } = options;
  /** What the server named last time: an engine must know them before it gathers. */
  let iceServers: readonly IceServer[] = [];
  let wasLive = false;
  const once = async (): Promise<void> => {
    const peer = openPeer(iceServers);
    let remove = async (): Promise<void> => undefined;
    try {
      const offer = await peer.offer();
      const session = await openSession({ url, token: await token() }, offer, fetcher);
      remove = session.remove;
      if (session.iceServers.length > 0) iceServers = session.iceServers;
      peer.onCandidate = (candidate) => void session.trickle(offer, candidate);
      await peer.answer(session.answer);
      const onConnected = (): void => {
        wasLive = true;
        onState({ kind: 'live' });
      };
      await untilLost(peer, onConnected, clock, signal);
    } finally {
      peer.close();
      await remove();
    }
  };
  let losses = waitsOf(lossRetries, random);
  let refusals = waitsOf(refusalRetries, random);
  while (!signal.aborted) {
    wasLive = false;
    onState({ kind: 'connecting' });
    let error: unknown;
    await once().catch((thrown: unknown) => {
      error = thrown;
    });
    if (signal.aborted) return;
    if (error !== undefined) onState({ kind: 'fault', message: error instanceof Error ? error.message : String(error) });
    if (wasLive) losses = waitsOf(lossRetries, random);
    const isRefused = error instanceof WhipError && error.kind === 'refused';
    if (!isRefused) refusals = waitsOf(refusalRetries, random);
    const askedMs = error instanceof WhipError ? error.waitMs : 0;
    const ownMs = isRefused ? refusals.next().value : losses.next().value;
    await clock.sleep(Math.max(askedMs, ownMs), signal).catch(() => undefined);
  }
}

/** Settles when the signal is aborted; rejects when the connection is lost or does not come about. */
function untilLost(peer: Peer, onConnected: () => void, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const patience = new AbortController();
    clock.sleep(CONNECT_WITHIN_MS, patience.signal).then(
      () => reject(new WhipError('unreachable', `no connection to the video server within ${CONNECT_WITHIN_MS / 1000} s`)),
      () => undefined,
    );
    const ended = new AbortController();
    let isListening = false;
    const listen = async (): Promise<void> => {
      if (isListening) return;
      isListening = true;
      while (!ended.signal.aborted) {
        await clock.sleep(LISTEN_EACH_MS, ended.signal).catch(() => undefined);
        if (!ended.signal.aborted && peer.isSilent()) lose('the video server has fallen silent');
      }
    };
    const lose = (why: string): void => {
      ended.abort();
      patience.abort();
      reject(new WhipError('unreachable', why));
    };
    const look = (): void => {
      if (peer.state === 'connecting') return;
      patience.abort();
      if (peer.state === 'connected') {
        onConnected();
        void listen();
      } else lose('the connection to the video server was lost');
    };
    peer.onState = look;
    look();
    const end = (): void => {
      ended.abort();
      patience.abort();
      resolve();
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
