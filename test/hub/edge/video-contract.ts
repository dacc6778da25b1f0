/** What every engine of the edge keeps, tried through real connections. */
import { importJWK, jwtVerify } from 'jose';
import type { Test } from 'tap';
import type { VideoEngine } from '../../../hub/edge/video-engine.ts';
import type { Camera } from '../../../hub/sources/camera.ts';
import { fragmentOf, writeSdpFragment } from '../../../hub/video/sdp-fragment.ts';
import {
  connectTo,
  encodedCamera,
  openEdge,
  openVideo,
  rawCamera,
  see,
  type TestEdge,
  type TestViewer,
  TOKEN,
  tone,
  until,
  watch,
} from '../video/stage.ts';

const FRAGMENT = 'application/trickle-ice-sdpfrag';
const CANDIDATE = 'm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:9 1 udp 5 127.0.0.1 9 typ host\r\n';

/** Sends a candidate by PATCH, or what is told instead; `match` empty: without If-Match. */
const patcher =
  (edge: TestEdge, { location, token: own, tag }: TestViewer) =>
  ({ token = own, body = CANDIDATE, match = tag, type = FRAGMENT }) =>
    fetch(`${edge.url}${location}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${token}`, 'content-type': type, ...(match === '' ? {} : { 'if-match': match }) },
      body,
    });

/** ICE begins anew over the same session (RFC 9725, 4.3.3); what belongs to the ICE session before is late then. */
async function iceAgain(t: Test, edge: TestEdge, peer: TestViewer): Promise<void> {
  const was = peer.selected();
  const patch = patcher(edge, peer);
  const answered = await patch({ body: writeSdpFragment(fragmentOf(await peer.offerAgain())), match: '"*"' });
  t.equal(answered.status, 200, 'ICE begins anew');
  t.match(answered.headers.get('content-type'), FRAGMENT);
  const tag = answered.headers.get('etag') ?? '';
  t.not(tag, peer.tag);
  await peer.answerAgain(await answered.text());
  await until(() => peer.selected() !== '' && peer.selected() !== was, 'another pair of addresses');
  t.equal((await patch({})).status, 412, 'what belongs to the path before is late');
  t.equal((await patch({ match: tag })).status, 204);
}

/**
 * Viewers are listed by name, limited, let go when they leave, vanish or their hour is over; candidates may follow; each session is signed
 * for; both kinds of camera come through, with sound where it is agreed to and to whom takes it.
 */
export async function viewersContract(t: Test, engine?: VideoEngine): Promise<void> {
  const edge = await openEdge(t, 0, engine);
  let plugged: Camera | undefined;
  const changed = (): Camera | undefined => {
    const found = plugged;
    plugged = undefined;
    return found;
  };
  let isAgreed = false;
  const video = openVideo(t, edge, t.testdir({}), rawCamera, undefined, changed, undefined, tone, () => isAgreed);
  const agree = (next: boolean): void => {
    isAgreed = next;
    video.tellWishes();
  };
  const soundComesThrough = async (codec: string): Promise<void> => {
    // Whole each time: the engine of the tests goes on for half a minute with a handshake that is broken off.
    const isThere = async (hasSound: boolean): Promise<boolean> => {
      const stream = await video.stream();
      return stream.codec === codec && stream.packets > 0 && stream.soundPackets > 0 === hasSound;
    };
    await until(() => isThere(false), `${codec} without sound`, 60_000);
    video.setMicrophone(true, 'ada');
    agree(true);
    await until(() => isThere(true), `${codec} with sound`, 60_000);
    const cleo = await see(t, edge, video, 'cleo');
    t.ok(cleo.hasSound);
    await until(() => cleo.soundPackets() > 20, 'sound at who watches', 60_000);
    const deaf = await watch(t, edge, await video.watchToken('dora'), false);
    await until(() => deaf.packets() > 5, 'who takes no sound sees all the same', 60_000);
    t.equal(deaf.soundPackets(), 0);
    agree(false);
    await until(() => isThere(false), 'without again', 60_000);
    await video.lookAtSessions();
    const told = video.kept().find(({ codec: of, soundBytes = 0 }) => of === codec && soundBytes > 0)!;
    t.ok(told.views.find(({ name }) => name === 'cleo')!.soundBytes! > 0, 'the receipt tells who was sent sound');
    t.equal(told.views.find(({ name }) => name === 'dora')!.soundBytes, 0, 'and who was not');
  };
  await until(() => video.state().state === 'live', 'live');
  await soundComesThrough('video/VP8');
  const ada = await see(t, edge, video, 'ada');
  t.equal(ada.hasSound, false);
  const names = async (): Promise<string[]> => (await video.stream()).viewers.map(({ name }) => name);
  t.same(await names(), ['ada']);

  const patch = patcher(edge, ada);
  t.equal((await patch({})).status, 204);
  t.equal((await patch({ token: 'another' })).status, 401);
  t.equal((await patch({ body: 'nonsense' })).status, 400);
  t.equal((await patch({ type: 'application/sdp' })).status, 415);
  t.equal((await patch({ match: '' })).status, 428, 'of which ICE session it is must be said');
  t.equal((await patch({ match: '"another"' })).status, 412);
  t.equal((await patch({ body: `a=ice-ufrag:newnew\r\n${CANDIDATE}`, match: '"*"' })).status, 400, 'half of what ICE needs');
  const before = ada.packets();
  await iceAgain(t, edge, ada);
  await until(() => ada.packets() > before + 5, 'the same view goes on');
  t.same(await names(), ['ada']);
  const publish = await fetch(`${edge.url}/v1/video/garden/tokens`, {
    ...{ method: 'POST', headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' } },
    body: JSON.stringify({ task: 'publish' }),
  });
  const { token } = (await publish.json()) as { token: string };
  const garden = await connectTo(t, edge, token, 'whip', 'garden');
  await until(() => garden.selected() !== '', 'another camera is connected', 60_000);
  await iceAgain(t, edge, garden);
  await garden.close();

  const stolen = await fetch(`${edge.url}${ada.location}`, { method: 'DELETE', headers: { authorization: 'Bearer another' } });
  t.equal(stolen.status, 401, 'nobody ends another’s view');
  const ben = await see(t, edge, video, 'ben');
  t.same((await names()).sort(), ['ada', 'ben']);
  await fetch(`${edge.url}${ben.location}`, { method: 'DELETE', headers: { authorization: `Bearer ${ben.token}` } });
  t.same(await names(), ['ada']);

  // No bye, no report: by the edge's clock it has been silent for long.
  await ada.close();
  edge.later(11_000);
  await until(async () => (await names()).length === 0, 'the vanished viewer is off the list');

  const crowd = await Promise.all(Array.from({ length: 9 }, async (_, index) => watch(t, edge, await video.watchToken(`v${index}`))));
  t.same(crowd.map(({ status }) => status).sort(), [201, 201, 201, 201, 201, 201, 201, 201, 503]);
  edge.later(3_700_000);
  await until(async () => (await names()).length === 0, 'their hour is over');
  t.equal((await video.stream()).isPublished, true, 'the camera goes on');

  await video.lookAtSessions();
  const present = video.kept().find(({ until: ends }) => ends === null)!;
  t.match(present, { region: 'home', until: null, receipt: null, codec: 'video/VP8' });
  const told = present.views.filter(({ name }) => name === 'ada' || name === 'ben');
  t.same(told.map(({ name }) => name).sort(), ['ada', 'ben'], 'who watched, and nobody who never came through');
  t.ok(told.every(({ bytes, since, until: ends }) => bytes > 0 && ends !== null && ends > since));

  await video.switchOff('ada');
  const over = video.kept().find(({ id }) => id === present.id)!;
  t.ok(over.until !== null && over.bytes >= present.bytes);
  const { region, authority } = (await (await fetch(`${edge.url}/v1/region`)).json()) as { region: string; authority: string };
  t.ok(authority.includes('CERTIFICATE'));
  const signed = await jwtVerify(over.receipt!, await importJWK(edge.key, 'ES256'), {
    typ: 'hearth-video+jwt',
    currentDate: new Date(edge.now()),
  });
  t.match(signed.payload, { region, camera: 'home', session: over.id, bytes: over.bytes, since: over.since, until: over.until });
  t.equal(signed.protectedHeader.kid, over.edgeKey, 'by the key that the hub was told');

  // Another camera is plugged in while it is off, which changes nothing of that.
  plugged = encodedCamera;
  await until(() => video.state().name === encodedCamera.name, 'it is found', 60_000);
  t.equal(video.state().state, 'private');
  await video.switchOn();
  await soundComesThrough('video/H264');
}
