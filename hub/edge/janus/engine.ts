/**
 * Video through a Janus server on the edge's machine: many viewers for little CPU of ours. A camera is a publisher of a video room. A viewer
 * is a session of the NoSIP plugin that the room forwards plain RTP to within the machine, because Janus' rooms send offers to those who
 * watch and take none, and WHEP begins with the viewer's. Who is let in, for how long and what is written of it stays with the edge:
 * nobody but it reaches Janus' API.
 */
import { randomBytes, randomInt } from 'node:crypto';
import type { Publisher, VideoEngine } from '../video-engine.ts';
import { janusPublisher, ROOM_PLUGIN, type Room } from './publisher.ts';
import { type JanusAddress, type JanusError, openJanus } from './session.ts';
import type { Source } from './source.ts';
import { janusViewer } from './viewer.ts';

/** Of one edge; a camera that comes again is there twice for a moment. */
const MOST_PUBLISHERS = 32;
/** Janus' number for a room that is there already. */
const ROOM_EXISTS = 427;

export function janusEngine(address: JanusAddress): VideoEngine {
  const room: Room = {
    room: randomInt(1, 2 ** 47),
    secret: randomBytes(18).toString('base64url'),
    pin: randomBytes(18).toString('base64url'),
  };
  const sources = new WeakMap<Publisher, Source>();
  const janus = openJanus(address, async ({ attach }) => {
    const handle = await attach(ROOM_PLUGIN);
    const made = { ...room, is_private: true, permanent: false, publishers: MOST_PUBLISHERS, notify_joining: false };
    // No cap: what the network carries is the sender's to find out.
    const carries = {
      audiocodec: 'opus',
      videocodec: 'vp8,h264',
      h264_profile: '42e01f',
      bitrate: 0,
      fir_freq: 0,
      transport_wide_cc_ext: true,
    };
    await handle.ask({ request: 'create', ...made, ...carries }).catch((error: JanusError) => {
      if (error.code !== ROOM_EXISTS) throw error;
    });
    handle.detach();
  });

  return {
    newPublisher: (id, nowUtcMs) => janusPublisher(janus, room, sources, id, nowUtcMs),
    newViewer: (publisher, watcher) => janusViewer(janus, room, sources, publisher, watcher),
    trouble: () => janus.trouble(),
    async close() {
      const destroy = async (): Promise<void> => {
        const handle = await janus.attach(ROOM_PLUGIN);
        await handle.ask({ request: 'destroy', room: room.room, secret: room.secret });
      };
      if (janus.trouble() === undefined) await destroy().catch(() => undefined);
      janus.close();
    },
  };
}
