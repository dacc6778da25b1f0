import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import t, { type Test } from 'tap';
import { systemClock } from '../../../firmware/clock.ts';
import { bareAnswer, midOf, offeredSound, offeredVideo, portOf } from '../../../hub/edge/janus/bare-sdp.ts';
import { janusEngine } from '../../../hub/edge/janus/engine.ts';
import { JANUS, startJanus } from '../../../hub/edge/janus/program.ts';
import { payloadOf } from '../../../hub/edge/janus/rtp.ts';
import { freePort } from '../../../hub/ops/free-port.ts';
import { openBrowser } from '../../e2e/hub.ts';
import fc from '../../property.ts';
import { encodedCamera, openEdge, openVideo, TOKEN, tone, until } from '../video/stage.ts';
import { viewersContract } from './video-contract.ts';

const hasNetwork = Object.values(networkInterfaces()).some((all) => all?.some(({ internal, family }) => !internal && family === 'IPv4'));
const skip = !existsSync(JANUS)
  ? `${JANUS} is not installed`
  : !hasNetwork && 'this machine has loopback alone, which Janus takes no candidates of';

/** Janus in a folder of its own, and what speaks with it. */
async function openJanusEngine(t: Test) {
  const folder = mkdtempSync(`${tmpdir()}/hearth-janus-`);
  const stop = new AbortController();
  const janus = await startJanus({ folder, clock: systemClock, signal: stop.signal });
  const engine = janusEngine(janus);
  t.teardown(async () => {
    await engine.close();
    stop.abort();
    await janus.done;
    rmSync(folder, { recursive: true, force: true });
  });
  await until(() => engine.trouble() === undefined, 'Janus answers');
  return { janus, engine };
}

t.test('Janus keeps the contract of viewers', { skip }, async (t) => {
  const { engine } = await openJanusEngine(t);
  await viewersContract(t, engine);
});

t.test('a browser shows and plays what comes through Janus; killed, it is started again and the camera is back', { skip }, async (t) => {
  const { janus, engine } = await openJanusEngine(t);
  const edge = await openEdge(t, 0, engine);
  const video = openVideo(t, edge, t.testdir({}), encodedCamera, undefined, undefined, undefined, tone, () => true);
  video.setMicrophone(true, 'ada');
  const browser = await openBrowser();
  t.teardown(() => browser.close());
  const isThere = async (): Promise<boolean> => (await video.stream()).soundPackets > 0;
  await until(isThere, 'the camera is published, with sound', 60_000);
  const page = await browser.newPage();
  await page.goto(`${edge.url}/healthz`);
  /** Watches as any WHEP player does: how many pictures were shown by when the promise settles, and sound played. */
  const shown = async (): Promise<number> =>
    page.evaluate<number>(`(async (token) => {
      const connection = new RTCPeerConnection();
      for (const kind of ['audio', 'video']) connection.addTransceiver(kind, { direction: 'recvonly' });
      const stream = new MediaStream();
      const video = document.createElement('video');
      video.muted = true;
      connection.ontrack = ({ track }) => { stream.addTrack(track); video.srcObject = stream; video.play().catch(() => undefined); };
      await connection.setLocalDescription(await connection.createOffer());
      await new Promise((resolve) => {
        const look = () => connection.iceGatheringState === 'complete' && resolve();
        connection.onicegatheringstatechange = look;
        look();
      });
      const headers = { 'content-type': 'application/sdp', authorization: 'Bearer ' + token };
      const answer = await fetch('/v1/whep/home', { method: 'POST', headers, body: connection.localDescription.sdp });
      if (!answer.ok) return 0;
      await connection.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
      const untilMs = performance.now() + 10000;
      for (;;) {
        let [pictures, samples] = [0, 0];
        for (const row of (await connection.getStats()).values()) {
          if (row.type !== 'inbound-rtp') continue;
          if (row.kind === 'video') pictures = row.framesDecoded;
          else samples = row.totalSamplesReceived - row.concealedSamples;
        }
        // A second of sound that came through.
        if ((pictures >= 10 && samples >= 48000) || performance.now() > untilMs) {
          connection.close();
          return samples >= 48000 ? pictures : 0;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })('${await video.watchToken('ada')}')`);
  await until(async () => (await shown()) >= 10, 'ten pictures in the browser', 60_000);

  process.kill(janus.pid()!, 'SIGKILL');
  await until(async () => !(await video.stream()).isPublished, 'the session ended with it');
  await until(async () => (await video.stream()).isPublished, 'the camera is back', 60_000);
  await until(isThere, 'with sound', 60_000);
  await until(async () => (await shown()) >= 10, 'and is seen', 60_000);
});

t.test('while Janus is away an offer is refused as what is not its sender’s fault, with when to come again', async (t) => {
  const engine = janusEngine({ url: `ws://127.0.0.1:${await freePort()}` });
  t.teardown(() => engine.close());
  const edge = await openEdge(t, 0, engine);
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const made = await fetch(`${edge.url}/v1/video/home/tokens`, { method: 'POST', headers, body: JSON.stringify({ task: 'publish' }) });
  const { token } = (await made.json()) as { token: string };
  const refused = await fetch(`${edge.url}/v1/whip/home`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/sdp' },
    body: 'v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n',
  });
  t.equal(refused.status, 503);
  t.ok(Number(refused.headers.get('retry-after')) > 0);
  t.match(await refused.text(), /media server at ws:.* does not answer/);
});

const CHROMIUM = [
  'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=ice-ufrag:u\r\n',
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97 103 107 109\r\na=mid:0\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n',
  'a=rtpmap:103 H264/90000\r\na=fmtp:103 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f\r\n',
  'a=rtpmap:107 H264/90000\r\na=fmtp:107 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f\r\n',
  'a=rtpmap:109 H264/90000\r\na=fmtp:109 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n',
].join('');

t.test(
  'a viewer’s offer: the payload type that it shows the camera’s codec by; sound where both have it, and nothing else is taken',
  async (t) => {
    t.same(offeredVideo(CHROMIUM, 'video/VP8'), { payloadType: 96, parameters: '' });
    t.equal(offeredVideo(CHROMIUM, 'video/H264')?.payloadType, 109, 'constrained baseline, in fragments');
    t.equal(offeredVideo(CHROMIUM.replaceAll('H264', 'AV1'), 'video/H264'), undefined);
    t.equal(midOf(CHROMIUM.replace('mid:0', 'mid:v'), 'video'), 'v');
    t.same([midOf(CHROMIUM, 'audio'), offeredSound(CHROMIUM)], [undefined, undefined], 'it takes no sound');
    const bare = 'v=0\r\nc=IN IP4 1.1.1.1\r\nm=audio 20002 RTP/AVP 111\r\nm=video 20000 RTP/AVP 96 109\r\na=recvonly\r\n';
    t.same([portOf(bare, 'video'), portOf(bare, 'audio')], [20_000, 20_002]);
    const video = { payloadType: 109, parameters: 'packetization-mode=1' };
    const answer = bareAnswer(bare, { codec: 'video/H264', video, sound: undefined, fromPort: 4711 });
    t.match(answer, /m=audio 0 RTP\/AVP 111\r\na=inactive\r\nm=video 4711 RTP\/AVP 109\r\n/);
    t.match(answer, /a=rtpmap:109 H264\/90000\r\na=fmtp:109 packetization-mode=1\r\n/);
    const opus =
      'm=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\na=rtpmap:63 red/48000/2\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 useinbandfec=1\r\n';
    const sound = offeredSound(CHROMIUM + opus);
    t.same(sound, { payloadType: 111, parameters: 'useinbandfec=1' });
    const both = bareAnswer(bare, { codec: 'video/H264', video, sound, fromPort: 4711 });
    t.match(
      both,
      /m=audio 4711 RTP\/AVP 111\r\n.*\r\na=rtpmap:111 opus\/48000\/2\r\na=fmtp:111 useinbandfec=1\r\na=sendonly\r\nm=video 4711 /,
    );
    fc.assert(
      fc.property(
        fc.string({ maxLength: 200 }),
        (text) => [portOf(text, 'video'), offeredVideo(text, 'video/VP8'), offeredSound(text)].length === 3,
      ),
    );
  },
);

t.test(
  'RTP: what a packet carries is found behind contributors and extensions and before padding; what is none gives nothing',
  async (t) => {
    const header = [0, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
    const packet = (first: number, ...rest: number[]) => payloadOf(Uint8Array.from([first, ...header.slice(1), ...rest]));
    t.same([...packet(0x80, 7, 8)!], [7, 8]);
    t.same([...packet(0x81, 0, 0, 0, 9, 7)!], [7], 'a contributor');
    t.same([...packet(0x90, 0xbe, 0xde, 0, 1, 1, 1, 1, 1, 7)!], [7], 'an extension');
    t.same([...packet(0xa0, 7, 0, 2)!], [7], 'padding');
    for (const none of [packet(0x40, 7), packet(0x90, 0xbe, 0xde, 0, 9), packet(0xa0, 200), payloadOf(new Uint8Array(5))])
      t.equal(none, undefined);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => (payloadOf(bytes)?.length ?? 0) <= bytes.length));
  },
);
