import t from 'tap';
import { encodedTestCamera, networkCamera, piCamera, testCamera } from '../../../hub/sources/camera.ts';
import { argsAt, ownRate } from '../../../hub/video/encoder-rate.ts';
import { followRate, LEAST_BITS, type RateState, rateAt } from '../../../hub/video/follow-rate.ts';
import { createLossCount } from '../../../hub/video/rtcp.ts';
import fc from '../../property.ts';

const MOST = 2_000_000;

/** A camera on a line that carries so much, reported on each second: what its encoder was asked for, second by second. */
function onLine(state: RateState, lineBits: (second: number) => number, ambientLoss: number, fromS: number, seconds: number) {
  const asked: RateState[] = [];
  let now = state;
  for (let second = fromS; second < fromS + seconds; second++) {
    const sent = now.bits;
    const lost = Math.min(1, ambientLoss + Math.max(0, 1 - lineBits(second) / sent));
    now = followRate(now, lost, sent, MOST, second * 1000);
    asked.push(now);
  }
  return asked;
}
const changes = (asked: readonly RateState[]): number =>
  asked.filter((one, index) => index > 0 && one.bits !== asked[index - 1]!.bits).length;

t.test(
  'a line of 300 kbit/s: the encoder is asked for less than it carries within ten seconds, and for little else in ten minutes',
  async (t) => {
    const asked = onLine(rateAt(MOST, 0), () => 300_000, 0, 0, 600);
    t.ok(asked[9]!.bits <= 300_000, `${asked[9]!.bits} after ten seconds`);
    t.ok(asked.every(({ bits }) => bits >= LEAST_BITS));
    t.ok(changes(asked) <= 14, `${changes(asked)} changes: each costs a moment of picture`);
  },
);

t.test('five packets of a hundred lost is no full line: the rate stays', async (t) => {
  t.equal(changes(onLine(rateAt(MOST, 0), () => Number.POSITIVE_INFINITY, 0.05, 0, 600)), 0);
});

t.test('one bad report changes nothing; a line that is free again is used again, step by step, up to what the camera makes', async (t) => {
  const burst = onLine(rateAt(MOST, 0), (second) => (second === 20 ? 100_000 : MOST), 0, 0, 60);
  t.equal(changes(burst), 0);
  const asked = onLine(rateAt(MOST, 0), (second) => (second < 30 ? 300_000 : MOST), 0, 0, 900);
  t.ok(asked[29]!.bits <= 300_000);
  t.equal(asked.at(-1)!.bits, MOST);
});

t.test('a machine that is busy for two reports, or whose reports come in a heap, changes nothing', async (t) => {
  const busy = onLine(rateAt(MOST, 0), (second) => (second % 10 < 2 ? 1_000_000 : MOST), 0, 0, 300);
  t.equal(changes(busy), 0);
  let state = rateAt(MOST, 0);
  for (let report = 0; report < 20; report++) state = followRate(state, 0.5, MOST, MOST, 5000 + report * 50);
  t.equal(state.bits, MOST, 'twenty within a second');
});

t.test('however bad it is, the picture stands still for a change each ten seconds at most', async (t) => {
  const asked = onLine(rateAt(MOST, 0), (second) => Math.max(10_000, 1_900_000 - second * 60_000), 0.2, 0, 60);
  const at = asked.flatMap(({ bits }, index) => (index > 0 && bits !== asked[index - 1]!.bits ? [index] : []));
  t.ok(at.length >= 3, `${at.length} changes`);
  t.ok(at.every((second, index) => index === 0 || second - at[index - 1]! >= 10));
});

t.test('whatever is reported, the rate stays within what the camera makes', async () => {
  const reports = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 10_000_000 })), {
    maxLength: 50,
  });
  fc.assert(
    fc.property(reports, (all) => {
      let state = rateAt(MOST, 0);
      for (const [second, [lost, sent]] of all.entries()) state = followRate(state, lost, sent, MOST, second * 4000);
      return state.bits >= LEAST_BITS && state.bits <= MOST;
    }),
  );
});

t.test('encoders are asked in the words of their programs, for smaller pictures where whole ones would show blocks', async (t) => {
  t.equal(ownRate(testCamera()), undefined, 'what is encoded here follows by itself');
  t.equal(ownRate(networkCamera('rtsp://192.0.2.1/1')), undefined, 'nobody can ask a camera of the network');
  const pi = piCamera();
  t.equal(ownRate(pi), MOST);
  const after = (args: readonly string[], option: string): string => args[args.indexOf(option) + 1]!;
  t.same(
    ['--bitrate', '--width', '--height'].map((option) => after(argsAt(pi, 1_500_000), option)),
    ['1500000', '1280', '720'],
  );
  t.same(
    ['--bitrate', '--width', '--height'].map((option) => after(argsAt(pi, 200_000), option)),
    ['200000', '640', '360'],
  );
  const encoded = encodedTestCamera();
  const low = argsAt(encoded, 200_000);
  t.same(
    ['-b:v', '-maxrate', '-bufsize', '-s'].map((option) => after(low, option)),
    ['200000', '200000', '50000', '320x180'],
  );
  t.equal(argsAt(encoded, 1_000_000).includes('-s'), false);
});

/** A receiver report of which `lost` of 256 packets are lost and `highest` is the last. */
function report(lost: number, highest: number): Buffer {
  const bytes = Buffer.from(`81c90007d8f65eb049569de6${'00'.repeat(20)}`, 'hex');
  bytes[12] = lost;
  bytes.writeUInt32BE(highest, 16);
  return bytes;
}
/** Asks for a packet, and for those of the sixteen after it that a mask says. */
function ask(packet: number, mask: number): Buffer {
  const bytes = Buffer.from('81cd0003d8f65eb049569de600000000', 'hex');
  bytes.writeUInt16BE(packet, 12);
  bytes.writeUInt16BE(mask, 14);
  return bytes;
}

t.test('receiver reports: the part that was lost, alone or after another packet; what is none tells nothing', async (t) => {
  const remb = Buffer.from('8fce0004000000010000000052454d4201000000', 'hex');
  const { hear } = createLossCount();
  t.equal(hear(report(64, 1000)), 0.25);
  t.equal(hear(remb), undefined);
  t.equal(hear(Buffer.concat([remb, report(64, 1100)])), 0.25);
  t.equal(hear(report(64, 1200).subarray(0, 20)), undefined, 'cut short');
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (any) => (createLossCount().hear(any) ?? 0) <= 1));
});

t.test('what was asked for was lost too, once, though the report no longer shows it because it was sent again', async (t) => {
  const { hear } = createLossCount();
  hear(report(0, 65_500));
  hear(ask(65_530, 0b11));
  hear(ask(65_535, 0b1));
  hear(ask(65_530, 0b11));
  t.equal(hear(report(0, 65_600)), 0.05, 'five of a hundred, counted past the end of the numbers');
  t.equal(hear(report(0, 65_700)), 0);
  hear(ask(200, 0));
  t.equal(hear(report(128, 65_800)), 0.5, 'the greater of the two');
});
