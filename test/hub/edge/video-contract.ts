/** What every engine of the edge keeps, tried through real connections. */
import { importJWK, jwtVerify } from 'jose';
import type { Test } from 'tap';
import type { VideoEngine } from '../../../hub/edge/video-engine.ts';
import type { Camera } from '../../../hub/sources/camera.ts';
import { encodedCamera, openEdge, openVideo, rawCamera, see, until, watch } from '../video/stage.ts';

/**
 * Viewers are listed by name, limited, let go when they leave, vanish or their hour is over; candidates may follow; each session is signed
 * for; both kinds of camera come through.
 */
export async function viewersContract(t: Test, engine?: VideoEngine): Promise<void> {
  const edge = await openEdge(t, 0, engine);
  let plugged: Camera | undefined;
  const changed = (): Camera | undefined => {
    const found = plugged;
    plugged = undefined;
    return found;
  };
  const video = openVideo(t, edge, t.testdir({}), rawCamera, undefined, changed);
  await until(() => video.state().state === 'live', 'live');
  const ada = await see(t, edge, video, 'ada');
  const names = async (): Promise<string[]> => (await video.stream()).viewers.map(({ name }) => name);
  t.same(await names(), ['ada']);

  const patch = (token: string, body: string, type = 'application/trickle-ice-sdpfrag') =>
    fetch(`${edge.url}${ada.location}`, { method: 'PATCH', headers: { authorization: `Bearer ${token}`, 'content-type': type }, body });
  const candidate = 'm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:9 1 udp 5 127.0.0.1 9 typ host\r\n';
  t.equal((await patch(ada.token, candidate)).status, 204);
  t.equal((await patch('another', candidate)).status, 401);
  t.equal((await patch(ada.token, 'nonsense')).status, 400);
  t.equal((await patch(ada.token, candidate, 'application/sdp')).status, 415);
  t.equal(
    (await patch(ada.token, `a=ice-ufrag:new\r\na=ice-pwd:new\r\n${candidate}`)).status,
    405,
    'ICE is not restarted: another session is opened',
  );

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
  const present = video.kept().at(-1)!;
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
  await until(async () => (await video.stream()).codec === 'video/H264', 'the new one is seen, the other way', 60_000);
}
