/** Keeps the camera's track published at a WHIP server: connects, and connects again after every loss. */
import wrtc, { type Connection, type VideoTrack } from 'wrtc';
import type { Clock } from '../../firmware/protocol/time.ts';
import { publishOffer, type WhipEndpoint } from './whip.ts';

/** A viewer waits five seconds at most for the picture to be back. */
const RETRY_MS = 1000;
const CONNECT_WITHIN_MS = 10_000;
const GATHER_WITHIN_MS = 1000;

export interface PublisherOptions {
  readonly endpoint: WhipEndpoint;
  readonly track: VideoTrack;
  readonly onState: (state: { readonly kind: 'connecting' | 'live' } | { readonly kind: 'fault'; readonly message: string }) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export async function keepPublished({ endpoint, track, onState, clock, signal }: PublisherOptions): Promise<void> {
  const once = async (): Promise<void> => {
    const connection = new wrtc.RTCPeerConnection();
    let remove = async (): Promise<void> => undefined;
    try {
      connection.addTrack(track);
      await connection.setLocalDescription(await connection.createOffer());
      await gathered(connection, clock);
      const resource = await publishOffer(endpoint, connection.localDescription?.sdp ?? '');
      remove = resource.remove;
      await connection.setRemoteDescription({ type: 'answer', sdp: resource.answer });
      await lost(connection, () => onState({ kind: 'live' }), clock, signal);
    } finally {
      connection.close();
      await remove();
    }
  };
  while (!signal.aborted) {
    onState({ kind: 'connecting' });
    await once().catch((error: unknown) => onState({ kind: 'fault', message: error instanceof Error ? error.message : String(error) }));
    await clock.sleep(RETRY_MS, signal).catch(() => undefined);
  }
}

/** The offer carries all its candidates, so no PATCH is needed for them. */
async function gathered(connection: Connection, clock: Clock): Promise<void> {
  const complete = new Promise<void>((resolve) => {
    connection.onicegatheringstatechange = () => {
      if (connection.iceGatheringState === 'complete') resolve();
    };
  });
  if (connection.iceGatheringState !== 'complete') await Promise.race([complete, clock.sleep(GATHER_WITHIN_MS)]);
}

/** Settles when the signal is aborted; rejects when the connection is lost or does not come about. */
function lost(connection: Connection, onConnected: () => void, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const patience = new AbortController();
    clock.sleep(CONNECT_WITHIN_MS, patience.signal).then(
      () => reject(new Error(`no connection to the edge within ${CONNECT_WITHIN_MS / 1000} s`)),
      () => undefined,
    );
    const look = (): void => {
      if (connection.connectionState === 'connected') {
        patience.abort();
        onConnected();
      } else if (['disconnected', 'failed', 'closed'].includes(connection.connectionState)) {
        patience.abort();
        reject(new Error('the connection to the edge was lost'));
      }
    };
    connection.onconnectionstatechange = look;
    look();
    signal.addEventListener(
      'abort',
      () => {
        patience.abort();
        resolve();
      },
      { once: true },
    );
  });
}
