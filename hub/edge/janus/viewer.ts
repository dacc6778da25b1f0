/** Who watches at Janus: a session of the NoSIP plugin that the room forwards plain RTP to within the machine. */
import { fragmentOf, withIce } from '../../video/sdp-fragment.ts';
import { type EdgePeer, needKeyFrame, newViewerOf, type Publisher, type Viewer, type Watcher } from '../video-engine.ts';
import { bareAnswer, offeredSound, offeredVideo, portOf, ufragOf } from './bare-sdp.ts';
import { type Room, refused } from './publisher.ts';
import { JanusError, type JanusHandle, type JanusSession } from './session.ts';
import { HERE, type Source, toHere } from './source.ts';

const LEG_PLUGIN = 'janus.plugin.nosip';

export function janusViewer(
  janus: JanusSession,
  room: Room,
  sources: WeakMap<Publisher, Source>,
  publisher: Publisher,
  watcher: Watcher,
): Viewer {
  let handle: JanusHandle | undefined;
  let offered = '';
  let end = (): void => undefined;
  let answerTo = (_bare: string): string => '';
  const close = async (): Promise<void> => {
    end();
    end = () => undefined;
    handle?.detach();
  };
  const peer: EdgePeer = {
    async answer(offer) {
      try {
        const source = sources.get(publisher);
        const video = publisher.codec === undefined ? undefined : offeredVideo(offer, publisher.codec);
        if (source?.fromPort === undefined || publisher.codec === undefined || video === undefined) return undefined;
        const own = await janus.attach(LEG_PLUGIN);
        handle = own;
        own.onDown = () => peer.onLost();
        offered = offer;
        const { data } = await own.ask({ request: 'generate' }, { type: 'offer', sdp: offer });
        const bare = String((data.result as { sdp?: unknown } | undefined)?.sdp ?? '');
        const at = /^c=IN IP[46] (\S+)/m.exec(bare)?.[1] ?? '';
        if (at !== HERE)
          throw new JanusError(
            0,
            `its NoSIP plugin is at ${at}, where others reach it: set local_ip = "${HERE}" in janus.plugin.nosip.jcfg`,
          );
        const port = portOf(bare, 'video');
        if (port === undefined) throw new JanusError(0, 'no video was taken');
        const sound = source.soundMid === undefined ? undefined : offeredSound(offer);
        const soundPort = portOf(bare, 'audio');
        const streams = [{ mid: source.mid, port, pt: video.payloadType }];
        if (source.soundMid !== undefined && sound !== undefined && soundPort !== undefined) {
          streams.push({ mid: source.soundMid, port: soundPort, pt: sound.payloadType });
          source.listening.add(viewer);
        }
        own.onUp = () => up(source, port, streams);
        const { codec } = publisher;
        const { fromPort } = source;
        answerTo = (next) => bareAnswer(next, { codec, video, sound, fromPort });
        const { jsep } = await own.ask({ request: 'process', type: 'answer', sdp: answerTo(bare) });
        return jsep?.sdp;
      } catch (error) {
        return refused(error, close);
      }
    },
    async restart(ice) {
      try {
        const offer = withIce(offered, ice);
        const { data } = await handle!.ask({ request: 'generate' }, { type: 'offer', sdp: offer });
        const bare = String((data.result as { sdp?: unknown } | undefined)?.sdp ?? '');
        const { jsep } = await handle!.ask({ request: 'process', type: 'answer', sdp: answerTo(bare) });
        if (jsep === undefined) return undefined;
        offered = offer;
        return fragmentOf(jsep.sdp);
      } catch (error) {
        return refused(error, async () => undefined);
      }
    },
    get remoteUfrag() {
      return ufragOf(offered);
    },
    addCandidate: async (candidate, mid) => handle?.trickle(candidate, mid),
    onLost: () => undefined,
    close,
  };
  const up = (source: Source, port: number, streams: readonly object[]): void => {
    viewer.isConnected = true;
    viewer.heardUtcMs = watcher.now();
    // Reports come from the port above the pictures'.
    source.reporters.set(port + 1, () => {
      viewer.heardUtcMs = watcher.now();
    });
    source.wishes.set(port + 1, () => needKeyFrame(publisher, viewer));
    const forward = { request: 'rtp_forward', ...room, publisher_id: source.feed };
    const begun = source.handle.ask({ ...forward, ...toHere(streams) });
    begun.then(
      () => needKeyFrame(publisher, viewer),
      () => peer.onLost(),
    );
    end = () => {
      source.listening.delete(viewer);
      source.reporters.delete(port + 1);
      source.wishes.delete(port + 1);
      const stop = async (): Promise<void> => {
        for (const stream_id of forwardsOf((await begun).data))
          await source.handle.ask({ request: 'stop_rtp_forward', ...room, publisher_id: source.feed, stream_id });
      };
      // Where the camera has left there is nothing more to stop.
      stop().catch(() => undefined);
    };
  };
  const viewer = newViewerOf(peer, watcher);
  return viewer;
}

function forwardsOf({ forwarders }: Readonly<Record<string, unknown>>): number[] {
  const all = Array.isArray(forwarders) ? (forwarders as { stream_id?: unknown }[]) : [];
  return all.flatMap(({ stream_id }) => (typeof stream_id === 'number' ? [stream_id] : []));
}
