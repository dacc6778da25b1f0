/** A camera at Janus: what the room forwards of it to this edge is counted, and what its viewers report is heard. */
import { createSocket, type Socket } from 'node:dgram';
import { wantsKeyFrame } from '../../video/rtcp.ts';
import { type Codec, countPacket, countSound, type Publisher, type Viewer } from '../video-engine.ts';
import { payloadOf } from './rtp.ts';
import type { JanusHandle } from './session.ts';

export const HERE = '127.0.0.1';

/** What of a publisher at Janus its viewers need. */
export interface Source {
  readonly handle: JanusHandle;
  readonly feed: number;
  readonly mid: string;
  /** Where its sound is; undefined of a camera that sends none. */
  readonly soundMid: string | undefined;
  /** Viewers who are sent the sound. */
  readonly listening: Set<Viewer>;
  /** Where the room's plain RTP comes from. */
  fromPort: number | undefined;
  /** Viewers by the port that their reports come from. */
  readonly reporters: Map<number, () => void>;
  readonly wishes: Map<number, () => void>;
}

/** UDP sockets of one camera, on this machine alone. */
export interface Sockets {
  /** Rejects when the port is taken. One that is bound after the end is closed at once. */
  bind(port: number): Promise<Socket>;
  close(): void;
}

export function openSockets(): Sockets {
  const open = new Set<Socket>();
  let isClosed = false;
  return {
    async bind(port) {
      const socket = await boundTo(port);
      if (isClosed) socket.close();
      else open.add(socket);
      return socket;
    },
    close() {
      isClosed = true;
      for (const socket of open) socket.close();
      open.clear();
    },
  };
}

/** Listens to what is forwarded of a camera: which media to forward to which ports of this machine. The first packet says where from. */
export async function tap(source: Source, publisher: Publisher, codec: Codec, sockets: Sockets): Promise<{ mid: string; port: number }[]> {
  const hearViewers = async (port: number): Promise<void> => {
    const feedback = await sockets.bind(port);
    feedback.on('message', (report, reporter) => {
      source.reporters.get(reporter.port)?.();
      if (wantsKeyFrame(report)) source.wishes.get(reporter.port)?.();
    });
  };
  const counted = async (mid: string, onPayload: (payload: Uint8Array, fromPort: number) => void) => {
    const socket = await sockets.bind(0);
    socket.on('message', (packet, from) => {
      const payload = payloadOf(packet);
      if (payload !== undefined) onPayload(payload, from.port);
    });
    return { mid, port: socket.address().port };
  };
  const pictures = await counted(source.mid, (payload, fromPort) => {
    if (source.fromPort === undefined) {
      source.fromPort = fromPort;
      hearViewers(fromPort + 1).catch((error: Error) =>
        console.error(`viewers of a camera are not heard when they lose the picture: ${error.message}`),
      );
    }
    publisher.codec = codec;
    countPacket(publisher, payload);
  });
  if (source.soundMid === undefined) return [pictures];
  return [pictures, await counted(source.soundMid, (payload) => countSound(publisher, payload, source.listening))];
}

/** Where Janus is to forward to. */
export const toHere = (streams: readonly object[]): object => ({ host: HERE, host_family: 'ipv4', streams });

function boundTo(port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, HERE, () => {
      socket.off('error', reject);
      socket.on('error', (error) => console.error(`a socket of a camera: ${error.message}`));
      resolve(socket);
    });
  });
}
