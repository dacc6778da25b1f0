import t from 'tap';
import {
  RTCPeerConnection,
  RTCRtpCodecParameters,
  RtcpPacketConverter,
  type RtcpTransportLayerFeedback,
  type StatusVectorChunk,
  type TransportWideCC,
} from 'werift';
import { ownFeedback } from '../../../../hub/edge/uplink/own-feedback.ts';
import { createQueueDelay, SEND_CLOCK_MS } from '../../../../hub/edge/uplink/queue-delay.ts';
import { type Arrival, transportFeedback } from '../../../../hub/edge/uplink/transport-feedback.ts';
import fc from '../../../property.ts';
import { seeded } from '../../video/lossy-network.ts';

/** What a feedback packet says, as another implementation reads it: when each packet came, null of what did not. */
function read(bytes: Buffer): (number | null)[] {
  const [packet] = RtcpPacketConverter.deSerialize(bytes) as [RtcpTransportLayerFeedback];
  const feedback = packet.feedback as TransportWideCC;
  const symbols = feedback.packetChunks.flatMap((chunk) => (chunk as StatusVectorChunk).symbolList).slice(0, feedback.packetStatusCount);
  let atMs = feedback.referenceTime * 64;
  let delta = 0;
  return symbols.map((symbol) => {
    if (symbol === 0) return null;
    atMs += feedback.recvDeltas[delta++]!.delta / 1000;
    return atMs;
  });
}

t.test('a sender is told when each packet came, to a quarter of a millisecond, and which did not', async (t) => {
  const gaps = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: -2000, max: 3000 })), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(
      gaps,
      fc.integer({ min: 65_000, max: 70_000 }),
      fc.double({ min: 10_000, max: 1e6, noNaN: true }),
      (steps, first, startMs) => {
        let [number, atMs] = [first - 1, startMs];
        const arrivals: Arrival[] = steps.map(([gap, laterMs]) => {
          number += gap;
          atMs = Math.max(0, atMs + laterMs);
          return { number, atMs };
        });
        const told = read(transportFeedback(arrivals, first, 5, 1, 2));
        t.equal(told.length, number - first + 1);
        const came = new Map(arrivals.map((one) => [one.number - first, one.atMs]));
        return told.every((ms, index) => {
          const expected = came.get(index);
          return expected === undefined ? ms === null : ms !== null && Math.abs(ms - expected) <= 0.25;
        });
      },
    ),
    { numRuns: 60 },
  );
});

t.test('of a line whose packets overtake each other the arrivals are told as its queue alone would have them', async (t) => {
  const random = seeded(3);
  const busy = createQueueDelay();
  for (let sentMs = 63_000; sentMs < 66_000; sentMs += 20) {
    // A machine that looks at each tenth packet only 60 ms after it came.
    const waitsMs = sentMs % 200 === 0 ? 60 : 0;
    t.equal(busy.take(sentMs % SEND_CLOCK_MS, 5000 + sentMs + waitsMs, 0), 5000 + sentMs + (sentMs === 63_000 ? waitsMs : 0));
  }
  const delays = createQueueDelay();
  /** A queue that fills from the second second on, behind a radio that is late by up to 200 ms. */
  const told = Array.from({ length: 200 }, (_, index) => {
    const sentMs = 62_000 + index * 20;
    const queueMs = Math.max(0, index - 100) * 5;
    return delays.take(sentMs % SEND_CLOCK_MS, sentMs + queueMs + random() * 200, 200) - sentMs;
  });
  const settled = told.slice(30, 100);
  t.ok(Math.max(...settled) - Math.min(...settled) < 100, `${Math.max(...settled) - Math.min(...settled)} ms apart`);
  t.ok(told.at(-1)! > 250, `the queue is seen: ${told.at(-1)} ms`);
});

const OFFER = `v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=fingerprint:sha-256 19:FB:C1:D7:29:12:1B:BB:D1:B1:D4:D2:35:2C:2A:FA:BD:D3:82:9F:7A:FF:89:8B:02:86:04:2C:E8:32:D0:64
m=video 9 UDP/TLS/RTP/SAVPF 96 97
c=IN IP4 127.0.0.1
a=mid:0
a=sendonly
a=ssrc:7 cname:camera
a=rtcp-mux
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 goog-remb
a=rtcp-fb:96 transport-cc
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtpmap:97 H264/90000
a=rtcp-fb:97 nack
a=fmtp:97 packetization-mode=1
a=setup:actpass
a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
`.replaceAll('\n', '\r\n');

t.test('the engine asks for no packet and tells of none by itself, while the camera reads that both is done', async (t) => {
  const connection = new RTCPeerConnection({
    iceServers: [],
    codecs: { video: [new RTCRtpCodecParameters({ mimeType: 'video/VP8', clockRate: 90_000 })] },
  });
  t.teardown(() => connection.close());
  await connection.setRemoteDescription({ type: 'offer', sdp: ownFeedback.inOffer(OFFER) });
  await connection.setLocalDescription(await connection.createAnswer());
  const { receiver } = connection.getTransceivers()[0]!;
  t.notOk(receiver.nackEnabled);
  t.notOk(receiver.twccEnabled);
  const answer = ownFeedback.inAnswer(connection.localDescription!.sdp, OFFER);
  t.strictSame(answer.match(/^a=rtcp-fb:.*$/gm), ['a=rtcp-fb:96 transport-cc', 'a=rtcp-fb:96 nack', 'a=rtcp-fb:96 nack pli']);
});
