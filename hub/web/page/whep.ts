/** A view of the camera by WHEP, as it is opened: the offer goes to the hub, the hub's edge answers, the picture comes. */
import { ApiError, call, send } from './api.ts';
import type { Sealed } from './unseal.ts';

/** The host's own addresses are there within a tenth of it; no others are asked for. */
const GATHER_WITHIN_MS = 500;
/** After the first address the others of the host follow at once; what comes later the edge learns from the page's first packet (RFC 8445, 7.3.1.3). */
const MORE_WITHIN_MS = 10;

/** Picture and sound come by one path: addresses are gathered once. */
const together: RTCConfiguration = { bundlePolicy: 'max-bundle' };

export interface View {
  readonly connection: RTCPeerConnection;
  /** Of the picture. */
  readonly track: Promise<MediaStreamTrack>;
  /** Of the room's sound; never settles where the view has none. */
  readonly sound: Promise<MediaStreamTrack>;
  /** Settles when the answer was taken; rejects with ApiError. */
  readonly opened: Promise<void>;
  /** Ends it here and at the edge. */
  close(): void;
}

/** Opens a view at once. Nobody needs to look at it yet: it can be opened while the page still fills. */
export function openView(): View {
  const connection = new RTCPeerConnection(together);
  let resource = '';
  let isClosed = false;
  const workers: Worker[] = [];
  const [track, sound] = [Promise.withResolvers<MediaStreamTrack>(), Promise.withResolvers<MediaStreamTrack>()];
  connection.ontrack = (event) => (event.track.kind === 'audio' ? sound : track).resolve(event.track);
  const leave = (): void => {
    // Kept alive: a page that is closed says so too, and is off the list of who watches.
    if (resource !== '') void fetch(`/api/v1/${resource}`, { method: 'DELETE', keepalive: true }).catch(() => undefined);
    resource = '';
  };
  const open = async (): Promise<void> => {
    const [pictures, room] = (['video', 'audio'] as const).map(
      (kind) => connection.addTransceiver(kind, { direction: 'recvonly' }).receiver,
    );
    const servers = await call<RTCIceServer[]>('GET', 'camera/ice-servers').catch(() => []);
    if (isClosed) return;
    connection.setConfiguration({ ...together, iceServers: servers });
    await connection.setLocalDescription(await connection.createOffer());
    await gathered(connection);
    if (isClosed) return;
    const response = await send('POST', 'camera/whep', connection.localDescription?.sdp ?? '', 'application/sdp');
    resource = (response.headers.get('location') ?? '').replace('/api/v1/', '');
    const sdp = await response.text();
    const seal = response.headers.get('x-hearth-seal');
    if (seal !== null) workers.push(unseal(pictures!, seal, 'pictures'), unseal(room!, seal, 'sound'));
    if (isClosed) leave();
    else await connection.setRemoteDescription({ type: 'answer', sdp });
  };
  const opened = open();
  // Whoever takes the view hears of it; until then it is no loose end.
  opened.catch(() => undefined);
  return {
    connection,
    track: track.promise,
    sound: sound.promise,
    opened,
    close() {
      isClosed = true;
      connection.close();
      for (const worker of workers) worker.terminate();
      leave();
    },
  };
}

/** Puts the opening of what was sealed before the decoder. Throws ApiError where the browser cannot. */
function unseal(receiver: RTCRtpReceiver, seal: string, of: Sealed): Worker {
  const [kid = '', text = ''] = seal.split(' ');
  if (typeof RTCRtpScriptTransform === 'undefined' || !isSecureContext)
    throw new ApiError(
      0,
      'sealed',
      'The picture is sealed, and this browser cannot open it here.',
      'Open the page by https, or by localhost on the hub itself, with a browser of this year.',
    );
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const key = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  const worker = new Worker('/page/unseal-worker.ts', { type: 'module' });
  receiver.transform = new RTCRtpScriptTransform(worker, { kid, key, of });
  return worker;
}

/** Not until gathering is complete: that only tells, a tenth of a second later, that there is no more. */
function gathered(connection: RTCPeerConnection): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (connection.iceGatheringState === 'complete') resolve();
    };
    connection.onicegatheringstatechange = look;
    connection.onicecandidate = ({ candidate }) => {
      if (candidate !== null) window.setTimeout(resolve, MORE_WITHIN_MS);
    };
    look();
    window.setTimeout(resolve, GATHER_WITHIN_MS);
  });
}
