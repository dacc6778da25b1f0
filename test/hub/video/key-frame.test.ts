import t from 'tap';
import { encodedCamera, openEdge, openVideo, rawCamera, until, watch } from './stage.ts';

/** RFC 7741, 4.2 and 4.3: the first packet of a VP8 frame, whose own first bit is 0 for a key frame. */
function beginsVp8KeyFrame(payload: Buffer): boolean {
  const first = payload[0] ?? 0;
  const isStart = (first & 0x10) !== 0 && (first & 0x07) === 0;
  let at = 1;
  if ((first & 0x80) !== 0) {
    const extensions = payload[at++] ?? 0;
    if ((extensions & 0x80) !== 0) at += ((payload[at] ?? 0) & 0x80) !== 0 ? 2 : 1;
    if ((extensions & 0x40) !== 0) at++;
    if ((extensions & 0x30) !== 0) at++;
  }
  return isStart && ((payload[at] ?? 1) & 1) === 0;
}

/** RFC 6184, 5.4: an IDR slice alone, first of an aggregation, or in its first fragment. */
function beginsIdr(payload: Buffer): boolean {
  const type = (payload[0] ?? 0) & 0x1f;
  if (type === 28) return ((payload[1] ?? 0) & 0x9f) === 0x85;
  if (type !== 24) return type === 5;
  for (let at = 1; at + 2 < payload.length; at += 2 + payload.readUInt16BE(at)) if ((payload[at + 2]! & 0x1f) === 5) return true;
  return false;
}

t.test('raw: a viewer who joins late begins with a whole picture, which the encoder makes for them', async (t) => {
  const edge = await openEdge(t);
  const video = openVideo(t, edge, t.testdir({}), rawCamera);
  await until(() => video.state().state === 'live', 'live');
  for (const name of ['first', 'second']) {
    const viewer = await watch(t, edge, await video.watchToken(name));
    await until(() => viewer.payloads.some(beginsVp8KeyFrame), `a key frame for the ${name}`);
  }
});

t.test(
  'passed through: who joins is given what came since the last key frame; where that is too long ago, the camera is started anew',
  async (t) => {
    const edge = await openEdge(t);
    const args = encodedCamera.args.map((arg, index, all) => (all[index - 1] === '-g' ? '100000' : arg));
    const video = openVideo(t, edge, t.testdir({}), { ...encodedCamera, args });
    await until(() => video.state().state === 'live', 'live');
    const first = await watch(t, edge, await video.watchToken('first'));
    const keyFrames = (): number => first.payloads.filter(beginsIdr).length;
    await until(() => keyFrames() > 0, 'the key frame with which the camera began');
    const seenAtMs = performance.now();
    const second = await watch(t, edge, await video.watchToken('second'));
    await until(() => second.payloads.some(beginsIdr), 'the same one for the second');
    t.ok(
      second.payloads.some((payload) => (payload[0]! & 0x1f) === 7 || (payload[0]! & 0x1f) === 24),
      'with its parameter sets',
    );
    if (performance.now() - seenAtMs < 2000) t.equal(keyFrames(), 1, 'for which the camera was not disturbed');
    else t.comment('this machine was too busy to join in time');

    // More pictures than are kept for who joins, none of them whole.
    const fromMs = performance.now();
    await until(() => performance.now() > fromMs + 6000, 'time goes on');
    const before = keyFrames();
    const third = await watch(t, edge, await video.watchToken('third'));
    await until(() => third.payloads.some(beginsIdr), 'a key frame', 60_000);
    await until(() => keyFrames() > before, 'it is a new one, which all get', 60_000);
  },
);
