import t from 'tap';
import { createRawCapture } from '../../firmware/devices/raw-capture.ts';
import { decodeSamples, encodeSamples, type RawSamples, splitSamples } from '../../firmware/protocol/samples.ts';

t.test(
  'samples of a chip go out in batches of half a second, one that was missed keeps its place, and a hole begins a new batch',
  async (t) => {
    const sent: RawSamples[] = [];
    const capture = createRawCapture(['counts'], 10, (samples) => sent.push(samples));
    for (let sample = 0; sample < 7; sample++) capture.push(1000 + sample * 100, [sample]);
    // A chip whose clock is 3 % slow is no hole.
    for (let sample = 0; sample < 3; sample++) capture.push(1703 + sample * 103, [7 + sample]);
    // Two that a busy machine missed.
    for (let sample = 0; sample < 3; sample++) capture.push(2200 + sample * 100, [12 + sample]);
    for (let sample = 0; sample < 5; sample++) capture.push(5000 + sample * 100, [20 + sample]);
    t.same(
      sent.map(({ firstAt, columns }) => [firstAt, columns[0]]),
      [
        [1000, [0, 1, 2, 3, 4]],
        [1500, [5, 6, 7, 8, 9]],
        [2000 + 9, [Number.NaN, Number.NaN, 12, 13, 14]],
        [5000, [20, 21, 22, 23, 24]],
      ],
    );
  },
);

t.test('what does not fit into a frame goes in parts that follow on one another, bit-exact', async (t) => {
  const samples = {
    channels: ['x', 'y'],
    rateHz: 100,
    firstAt: 500.25,
    columns: [
      [0.1, -0, 1e300, 4],
      [5, 6, 7, 8.000000000000002],
    ],
  };
  const parts = splitSamples(samples, 19 + 4 + 2 * 2 * 8);
  t.equal(parts.length, 2);
  const back = parts.map((part) => decodeSamples(encodeSamples(part)));
  t.same(back, [
    {
      channels: ['x', 'y'],
      rateHz: 100,
      firstAt: 500.25,
      columns: [
        [0.1, -0],
        [5, 6],
      ],
    },
    {
      channels: ['x', 'y'],
      rateHz: 100,
      firstAt: 520.25,
      columns: [
        [1e300, 4],
        [7, 8.000000000000002],
      ],
    },
  ]);
  t.throws(() => splitSamples(samples, 30), RangeError);
});
