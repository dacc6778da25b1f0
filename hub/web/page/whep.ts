/** A view of the camera by WHEP, as it is opened: the offer goes to the hub, the hub's edge answers, the picture comes. */
import { send } from './api.ts';

/** The host's own addresses are there within a tenth of it; no others are asked for. */
const GATHER_WITHIN_MS = 500;

export interface View {
  readonly connection: RTCPeerConnection;
  readonly track: Promise<MediaStreamTrack>;
  /** Settles when the answer was taken; rejects with ApiError. */
  readonly opened: Promise<void>;
  /** Ends it here and at the edge. */
  close(): void;
}

/** Opens a view at once. Nobody needs to look at it yet: it can be opened while the page still fills. */
export function openView(): View {
  const connection = new RTCPeerConnection();
  let resource = '';
  let isClosed = false;
  const track = new Promise<MediaStreamTrack>((resolve) => {
    connection.ontrack = (event) => resolve(event.track);
  });
  const leave = (): void => {
    // Kept alive: a page that is closed says so too, and is off the list of who watches.
    if (resource !== '') void fetch(`/api/v1/${resource}`, { method: 'DELETE', keepalive: true }).catch(() => undefined);
    resource = '';
  };
  const open = async (): Promise<void> => {
    connection.addTransceiver('video', { direction: 'recvonly' });
    await connection.setLocalDescription(await connection.createOffer());
    await gathered(connection);
    if (isClosed) return;
    const response = await send('POST', 'camera/whep', connection.localDescription?.sdp ?? '', 'application/sdp');
    resource = (response.headers.get('location') ?? '').replace('/api/v1/', '');
    const sdp = await response.text();
    if (isClosed) leave();
    else await connection.setRemoteDescription({ type: 'answer', sdp });
  };
  const opened = open();
  // Whoever takes the view hears of it; until then it is no loose end.
  opened.catch(() => undefined);
  return {
    connection,
    track,
    opened,
    close() {
      isClosed = true;
      connection.close();
      leave();
    },
  };
}

function gathered(connection: RTCPeerConnection): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (connection.iceGatheringState === 'complete') resolve();
    };
    connection.onicegatheringstatechange = look;
    look();
    window.setTimeout(resolve, GATHER_WITHIN_MS);
  });
}
