import { createHmac } from 'node:crypto';
import t from 'tap';
import { RTCPeerConnection } from 'werift';
import { iceServersOf } from '../../../hub/edge/ice-servers.ts';
import { newConnection, weriftEngine } from '../../../hub/edge/werift-engine.ts';
import { iceServersOf as iceServersNamed } from '../../../hub/video/whip.ts';
import { connectTo, openEdge, TOKEN, until } from '../video/stage.ts';
import { viewersContract } from './video-contract.ts';

const operator = { authorization: `Bearer ${TOKEN}` };
const asJson = { ...operator, 'content-type': 'application/json' };

t.test('a session needs a token of its own: made by the edge’s clock, for one camera and one task, once, within a minute', async (t) => {
  const edge = await openEdge(t);
  const make = async (body: object, camera = 'home'): Promise<{ status: number; token: string }> => {
    const response = await fetch(`${edge.url}/v1/video/${camera}/tokens`, { method: 'POST', headers: asJson, body: JSON.stringify(body) });
    const { token = '' } = (await response.json()) as { token?: string };
    return { status: response.status, token };
  };
  const post = async (path: string, token: string, body = 'v=0'): Promise<{ status: number; code: string }> => {
    const headers = { 'content-type': 'application/sdp', authorization: `Bearer ${token}` };
    const response = await fetch(`${edge.url}${path}`, { method: 'POST', headers, body });
    return { status: response.status, code: ((await response.json()) as { error: { code: string } }).error.code };
  };
  t.same(await post('/v1/whip/home', 'guessed'), { status: 401, code: 'unknown' });
  t.same(await post('/v1/whip/home', TOKEN), { status: 401, code: 'unknown' }, 'the operator’s own token opens no session');
  const { token } = await make({ task: 'publish' });
  t.same(await post('/v1/whep/home', token), { status: 403, code: 'other' });
  t.same(await post('/v1/whip/other', token), { status: 403, code: 'other' });
  t.same(await post('/v1/whip/home', token), { status: 400, code: 'sdp' }, 'the token is right, the offer is not');
  t.same(await post('/v1/whip/home', token), { status: 401, code: 'unknown' }, 'once');
  const late = await make({ task: 'watch', viewer: 'ada' });
  edge.later(61_000);
  t.same(await post('/v1/whep/home', late.token), { status: 401, code: 'expired' });
  const prompt = await make({ task: 'watch' });
  t.same(await post('/v1/whep/home', prompt.token, 'v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n'), { status: 404, code: 'dark' });
  t.equal((await make({ task: 'look' })).status, 400);
  t.equal((await make({ task: 'watch' }, 'A%20B')).status, 400);
  const stranger = await fetch(`${edge.url}/v1/video/home`, { headers: { authorization: 'Bearer nobody' } });
  t.equal(stranger.status, 401);
});

t.test('ICE servers are named to who has a token: by OPTIONS before it is used, with a password of its own for two hours', async (t) => {
  const secret = 'shared with coturn';
  const urls = 'stun:turn.test:3478, turn:turn.test:3478?transport=udp';
  const edge = await openEdge(
    t,
    0,
    undefined,
    iceServersOf(urls, secret, () => 1_000_000_000_000),
  );
  const made = await fetch(`${edge.url}/v1/video/home/tokens`, { method: 'POST', headers: asJson, body: '{"task":"publish"}' });
  const { token } = (await made.json()) as { token: string };
  const named = (url: string, bearer: string) => iceServersNamed({ url: `${edge.url}${url}`, token: bearer });
  const [stun, turn] = await named('/v1/whip/home', token);
  t.same(stun, { url: 'stun:turn.test:3478' });
  t.match(turn?.username, /^1000007200:/);
  t.equal(turn?.credential, createHmac('sha1', secret).update(turn!.username!).digest('base64'), 'as coturn’s use-auth-secret reckons it');
  t.same(await named('/v1/whip/home', 'guessed'), []);
  t.same(await named('/v1/whep/home', token), [], 'a token to publish is none to watch');
  const session = await connectTo(t, edge, token, 'whip', 'home');
  t.equal(session.status, 201);
  t.match(session.link, /rel="ice-server", <turn:turn.test:3478\?transport=udp>; rel="ice-server"; username="1000007200:/);
  t.same(await named('/v1/whip/home', token), [], 'used');
  for (const [wrong, why] of [
    ['http://x', /none/],
    ['turn:x.test', /needs the secret/],
    ['stun:a,stun:a,stun:a,stun:a,stun:a', /4 at most/],
  ] as const)
    t.throws(() => iceServersOf(wrong, '', Date.now), { message: why });
});

t.test('the edge’s own engine keeps the contract of viewers', (t) => viewersContract(t));

t.test('the edge asks no server of the internet for its own address: an answer waits for nobody', async (t) => {
  const { newPublisher, newViewer } = weriftEngine();
  const camera = newPublisher('camera', 0);
  const offerer = new RTCPeerConnection({ iceServers: [] });
  t.teardown(() => Promise.all([camera.peer.close(), offerer.close()]));
  offerer.addTransceiver('video', { direction: 'sendonly' });
  await offerer.setLocalDescription(await offerer.createOffer());
  const answer = await camera.peer.answer(offerer.localDescription!.sdp);
  t.match(answer, /a=candidate:.* typ host/, 'it says where it is');
  const asksNobody = newConnection({});
  t.same(asksNobody.getConfiguration().iceServers, []);
  await asksNobody.close();
  await until(() => camera.codec !== undefined, 'the camera’s track');
  const viewer = newViewer(camera, { id: 'v', name: 'v', now: Date.now });
  await viewer.peer.close();
});
