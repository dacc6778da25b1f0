/** Keeps the camera's picture published at a WHIP server: connects, and connects again after every loss. */
import type { Clock } from '../../firmware/protocol/time.ts';
import { type RetrySchedule, waitsOf } from '../sync/retry-schedule.ts';
import type { IceServer } from './ice-links.ts';
import type { Peer } from './peer.ts';
import { iceServersOf, openSession, WhipError, type WhipSession } from './whip.ts';

/** A viewer waits five seconds at most for the picture to be back, also after an hour without a server. */
export const lossRetries: RetrySchedule = { firstMs: 250, longestMs: 3000, jitter: 0.2 };
/** What a person must mend, such as a wrong URL. */
export const refusalRetries: RetrySchedule = { firstMs: 1000, longestMs: 60_000, jitter: 0.2 };
const CONNECT_WITHIN_MS = 10_000;
/** Another path of the same session is there within this, or another session is opened: five seconds in all since the path was lost. */
const RESTART_WITHIN_MS = 2000;
const LOOK_EACH_MS = 500;

export type PublisherState = { readonly kind: 'connecting' | 'live' } | { readonly kind: 'fault'; readonly message: string };

export interface PublisherOptions {
  readonly url: string;
  /** A fresh token for each session. */
  readonly token: () => Promise<string>;
  readonly openPeer: (iceServers: readonly IceServer[]) => Peer;
  /** Told for each session how to end it and open another at once: what it carries has changed. */
  readonly onSession?: (renew: () => void) => void;
  readonly onState: (state: PublisherState) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly fetcher?: typeof fetch;
}

/** Runs until the signal is aborted; the session is deleted then. */
export async function keepPublished(options: PublisherOptions): Promise<void> {
  const { url, token, openPeer, onSession, onState, clock, random, signal, fetcher = fetch } = options;
  /** What the server named last time: an engine must know them before it gathers. */
  let iceServers: readonly IceServer[] = [];
  let wasLive = false;
  const once = async (): Promise<void> => {
    const endpoint = { url, token: await token() };
    const named = await iceServersOf(endpoint, fetcher);
    if (named.length > 0) iceServers = named;
    const peer = openPeer(iceServers);
    const renewal = new AbortController();
    onSession?.(() => renewal.abort());
    let remove = async (): Promise<void> => undefined;
    try {
      const offer = await peer.offer();
      const session = await openSession(endpoint, offer, fetcher);
      remove = session.remove;
      if (session.iceServers.length > 0) iceServers = session.iceServers;
      peer.onCandidate = (candidate) => void session.trickle(offer, candidate);
      await peer.answer(session.answer);
      let isLive = false;
      const onConnected = (): void => {
        isLive = true;
        wasLive = true;
        onState({ kind: 'live' });
      };
      const ending = AbortSignal.any([signal, renewal.signal]);
      let loss = await lossOf(peer, 'first', onConnected, clock, ending);
      while (loss !== undefined && isLive) {
        isLive = false;
        onState({ kind: 'connecting' });
        if (!(await restarted(peer, session))) break;
        loss = await lossOf(peer, 'again', onConnected, clock, ending);
      }
      if (loss !== undefined) throw loss;
    } finally {
      peer.close();
      const removed = remove();
      // A server that does not answer any more holds up no other session.
      if (signal.aborted) await removed;
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

/** Takes the session to another path, the old one being lost: false where engine or server cannot. */
async function restarted(peer: Peer, session: WhipSession): Promise<boolean> {
  const offer = await peer.restart?.();
  if (offer === undefined) return false;
  peer.onCandidate = (candidate) => void session.trickle(offer, candidate);
  const answer = await session.restart(offer);
  if (answer === undefined) return false;
  await peer.answer(answer);
  return true;
}

/**
 * Settles when the connection is lost or does not come about, with why, and when the signal is aborted with undefined.
 * @param time one that is taken up `again` is there once something is heard; until then it says that the old path is lost
 */
function lossOf(
  peer: Peer,
  time: 'first' | 'again',
  onConnected: () => void,
  clock: Clock,
  signal: AbortSignal,
): Promise<WhipError | undefined> {
  const withinMs = time === 'first' ? CONNECT_WITHIN_MS : RESTART_WITHIN_MS;
  const patienceUntilMs = clock.monotonic() + withinMs;
  return new Promise((resolve) => {
    const ended = new AbortController();
    let isConnected = false;
    const end = (why?: string): void => {
      ended.abort();
      resolve(why === undefined ? undefined : new WhipError('unreachable', why));
    };
    const look = (): void => {
      if (ended.signal.aborted) return;
      const isHere = peer.state === 'connected' && !peer.isSilent();
      if (isHere && !isConnected) {
        isConnected = true;
        onConnected();
      } else if (isHere) return;
      else if (peer.state === 'lost' && (isConnected || time === 'first')) end('the connection to the video server was lost');
      else if (isConnected) end('the video server has fallen silent');
      else if (clock.monotonic() >= patienceUntilMs) end(`no connection to the video server within ${withinMs / 1000} s`);
    };
    const run = async (): Promise<void> => {
      while (!ended.signal.aborted) {
        look();
        await clock.sleep(LOOK_EACH_MS, ended.signal).catch(() => undefined);
      }
    };
    peer.onState = look;
    if (signal.aborted) return end();
    signal.addEventListener('abort', () => end(), { once: true, signal: ended.signal });
    void run();
  });
}
