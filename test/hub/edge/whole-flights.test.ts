import ndc from 'node-datachannel';
import t from 'tap';
import { systemClock } from '../../../firmware/clock.ts';
import { wholeFlights } from '../../../hub/edge/whole-flights.ts';
import { passThrough } from '../../../hub/video/pass-through-peer.ts';
import { ownVideoEdge } from '../../../hub/video/video-edge.ts';
import { openSession } from '../../../hub/video/whip.ts';
import { openLossyNetwork } from '../video/lossy-network.ts';
import { openEdge, TOKEN, until } from '../video/stage.ts';

const HANDSHAKE = 22;
const CHANGE_OF_KEYS = 20;
const RTP = 0x80;
const datagram = (first: number, length: number): Buffer => Buffer.alloc(length, first);

t.test('handshake records that are made in one go leave as one datagram, all else at once', async (t) => {
  const sent: [number, number][] = [];
  const send = wholeFlights(async (bytes) => void sent.push([bytes[0]!, bytes.length]));
  const flight = [send(datagram(HANDSHAKE, 400)), send(datagram(CHANGE_OF_KEYS, 14)), send(datagram(RTP, 900))];
  t.strictSame(sent, [[RTP, 900]]);
  await Promise.all(flight);
  t.strictSame(sent.splice(0), [
    [RTP, 900],
    [HANDSHAKE, 414],
  ]);
  await Promise.all([send(datagram(HANDSHAKE, 700)), send(datagram(HANDSHAKE, 700))]);
  t.strictSame(
    sent,
    [
      [HANDSHAKE, 700],
      [HANDSHAKE, 700],
    ],
    'none is too large for the path',
  );
});

t.test('cameras connect through a network in which packets overtake each other', async (t) => {
  // Its threads would keep this process alive.
  t.teardown(() => ndc.cleanup());
  const edge = await openEdge(t);
  const { ask } = ownVideoEdge({ url: edge.url, token: TOKEN, region: 'home' });
  const connect = async (camera: number): Promise<void> => {
    const network = await openLossyNetwork(edge.url, { loss: 0, jitterMs: 200 }, camera);
    const peer = passThrough(() => undefined, systemClock).open([], false);
    t.teardown(() => {
      peer.close();
      network.close();
    });
    const json = { 'content-type': 'application/json' };
    const made = await ask('POST', `/v1/video/camera-${camera}/tokens`, json, JSON.stringify({ task: 'publish' }));
    const { token } = (await made.json()) as { token: string };
    const { answer } = await openSession({ url: `${network.url}/v1/whip/camera-${camera}`, token }, await peer.offer());
    await peer.answer(answer);
    await until(() => peer.state === 'connected', `camera ${camera} to be connected`);
  };
  await Promise.all([1, 2, 3, 4].map(connect));
});
