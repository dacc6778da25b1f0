import t from 'tap';
import { createNewestPictures, type Packet } from '../../../hub/edge/newest-pictures.ts';

const PICTURE_TICKS = 3600;
interface Numbered extends Packet {
  readonly number: number;
}
let number = 0;
const packet = (timestamp: number, length = 1000): Numbered => numbered(number++, timestamp, length);
const numbered = (own: number, timestamp: number, length: number): Numbered => ({
  header: { timestamp },
  payload: new Uint8Array(length),
  number: own,
  clone: () => numbered(own, timestamp, length) as never,
});
const numbers = (packets: readonly Numbered[]): number[] => packets.map(({ number }) => number);
/** Pictures of two packets each, the first of them a key frame. */
function camera(pictures: number, first = 0) {
  number = 0;
  const newest = createNewestPictures<Numbered>();
  for (let at = 0; at < pictures; at++) {
    const timestamp = (first + at * PICTURE_TICKS) >>> 0;
    newest.take(packet(timestamp), at === 0);
    newest.take(packet(timestamp), false);
  }
  return newest;
}

t.test('who joins is given everything since the newest key frame, in order', async (t) => {
  const newest = camera(3);
  t.strictSame(numbers(newest.forViewer()), [0, 1, 2, 3, 4, 5]);
  newest.take(packet(3 * PICTURE_TICKS), true);
  t.strictSame(numbers(newest.forViewer()), [6], 'the next key frame takes the place of all before it');
});

t.test('parameters before a key frame, in packets of their own, go with it', async (t) => {
  const newest = camera(2);
  for (const begins of [false, false, true, false]) newest.take(packet(2 * PICTURE_TICKS), begins);
  t.strictSame(numbers(newest.forViewer()), [4, 5, 6, 7]);
});

t.test('the pictures are shown one right after the other, up to the newest, also where the clock of 32 bits turns over', async (t) => {
  const first = 2 ** 32 - 2 * PICTURE_TICKS;
  const times = camera(4, first)
    .forViewer()
    .map(({ header }) => header.timestamp);
  t.strictSame(
    times.map((time) => (PICTURE_TICKS - time) | 0),
    [270, 270, 180, 180, 90, 90, 0, 0],
  );
  const newest = camera(2);
  newest.forViewer();
  t.strictSame(numbers(newest.forViewer()), [0, 1, 2, 3]);
  t.strictSame(newest.forViewer().at(-1)!.header.timestamp, PICTURE_TICKS, 'what is kept stays as it came');
});

t.test('a packet that comes late goes where its picture is', async (t) => {
  const newest = camera(3);
  newest.take(packet(PICTURE_TICKS), false);
  t.strictSame(
    newest.forViewer().map(({ header }) => 2 * PICTURE_TICKS - header.timestamp),
    [180, 180, 90, 90, 0, 0, 90],
  );
});

t.test('without a key frame there is nothing to begin at', async (t) => {
  const newest = createNewestPictures<Numbered>();
  for (let at = 0; at < 10; at++) newest.take(packet(at * PICTURE_TICKS), false);
  t.strictSame(newest.forViewer(), []);
});

t.test('what is kept is bounded: a key frame too long ago, or too much since, is forgotten', async (t) => {
  t.equal(camera(125).forViewer().length, 250, 'five seconds');
  t.strictSame(camera(127).forViewer(), []);
  const newest = camera(1);
  for (let at = 1; at < 100; at++) newest.take(packet(PICTURE_TICKS, 2 ** 16), false);
  t.strictSame(newest.forViewer(), []);
  newest.take(packet(2 * PICTURE_TICKS), true);
  t.equal(newest.forViewer().length, 1, 'and begins anew with the next');
});
