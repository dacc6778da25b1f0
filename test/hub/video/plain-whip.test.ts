/** The camera at a WHIP server that is no edge of ours: one of another library, which takes what it is sent and proves nothing. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import ndc from 'node-datachannel';
import t, { type Test } from 'tap';
import { systemClock } from '../../../firmware/clock.ts';
import { startHomeVideo } from '../../../hub/ops/video-program.ts';
import type { ViewSession } from '../../../hub/people/view-sessions.ts';
import { plainWhipServer } from '../../../hub/video/plain-whip.ts';
import { rawCamera, root, until } from './stage.ts';

const OFFER = 'v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n';

/** Takes a picture by WHIP with libdatachannel; what WHEP is asked is answered in words alone. */
async function openServer(t: Test) {
  const asked: string[] = [];
  let packets = 0;
  const peers: ndc.PeerConnection[] = [];
  const answerTo = (offer: string): Promise<string> =>
    new Promise((resolve) => {
      const peer = new ndc.PeerConnection('server', { iceServers: [] });
      peers.push(peer);
      peer.onTrack((track) => {
        track.setMediaHandler(new ndc.RtcpReceivingSession());
        track.onMessage(() => packets++);
        tracks.push(track);
      });
      peer.onGatheringStateChange((state) => {
        if (state === 'complete') resolve(peer.localDescription()!.sdp);
      });
      peer.setRemoteDescription(offer, 'offer');
    });
  const tracks: ndc.Track[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', async () => {
      if (request.method !== 'POST') return void response.writeHead(200).end();
      const answer = request.url === '/whip' ? await answerTo(body) : 'v=0\r\nwatch';
      response.writeHead(201, { location: `${request.url}/1`, 'content-type': 'application/sdp' }).end(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const peer of peers) peer.close();
    server.closeAllConnections();
    server.close();
    ndc.cleanup();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, packets: () => packets };
}

t.test(
  'a WHIP server is sent nothing until its region is allowed; then the picture, by its token; who watched is kept, unsigned',
  async (t) => {
    const { url, asked, packets } = await openServer(t);
    const stop = new AbortController();
    const kept = new Map<string, ViewSession>();
    const refusals: string[] = [];
    let allowed = 'ireland';
    const edge = plainWhipServer({
      ...{ whip: `${url}/whip`, whep: `${url}/whep`, region: 'brazil', now: Date.now },
      ...{ token: () => 'publish', watchToken: 'watch' },
    });
    const video = startHomeVideo({
      ...{
        root,
        data: t.testdir({}),
        camera: rawCamera,
        edges: [edge],
        clock: systemClock,
        signal: stop.signal,
        onChange: () => undefined,
      },
      outOfRegion: (region) => (region === allowed ? undefined : `'${region}' may not have the video`),
      onRefused: (why) => refusals.push(why),
      sessions: { keep: (session) => void kept.set(session.id, session), open: () => [] },
    });
    t.teardown(async () => {
      stop.abort();
      await video.done;
    });
    await until(() => /'brazil' may not have the video/.test(video.state().message), 'it is refused, and shown', 60_000);
    t.match(refusals[0], /'brazil' may not have the video/);
    t.same(asked, [], 'nobody asked the server for anything');
    t.equal(video.state().isRegionProven, false, 'where it stands is the word of who named it');

    allowed = 'brazil';
    await video.regionChanged();
    await until(() => packets() > 20, 'its packets', 60_000);
    await until(() => video.state().state === 'live', 'live', 60_000);
    t.match(asked, ['OPTIONS /whip Bearer publish', 'POST /whip Bearer publish']);

    const token = await video.watchToken('ada');
    const view = (bearer: string) => edge.ask('POST', '/v1/whep/home', { authorization: `Bearer ${bearer}` }, OFFER);
    const seen = await view(token);
    t.equal(seen.status, 201);
    t.equal(asked.at(-1), 'POST /whep Bearer watch');
    t.equal((await view(token)).status, 401, 'a token is good for one view');
    t.match((await video.stream()).viewers, [{ name: 'ada' }]);
    await edge.ask('DELETE', seen.headers.get('location')!, {});
    t.equal(asked.at(-1), 'DELETE /whep/1 Bearer watch');

    await video.switchOff('ada');
    t.equal(asked.at(-1), 'DELETE /whip/1 Bearer publish', 'off, the session is ended there');
    t.match([...kept.values()], [{ region: 'brazil', edgeKey: '', receipt: null, until: /^20/, views: [{ name: 'ada', until: /^20/ }] }]);
  },
);
