import t from 'tap';
import { createFrameDecoder, encodeFrame, type Frame, MAX_READINGS_PER_FRAME } from '../../../firmware/protocol/frame.ts';
import fc from '../../property.ts';

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const double = fc.double({ noNaN: true, noDefaultInfinity: true });
const header = { channel: fc.integer({ min: 0, max: 255 }), boot: uint32, sequence: uint32 };
const clock = fc.record({ nowMs: fc.option(double), zeroUtcMs: fc.option(double) });
const reading = fc.record({
  code: fc.integer({ min: 0, max: 0xffff }),
  value: fc.double(),
  at: double,
  spanMs: uint32,
});
const readings = fc.array(reading, { maxLength: MAX_READINGS_PER_FRAME });
const text = fc.string({ maxLength: 40 });
const calibration = fc.record({
  version: fc.integer({ min: 0, max: 1000 }),
  date: text,
  zeroCounts: double,
  countsPerKg: fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-6 }),
  points: fc.array(fc.tuple(double, double, double), { maxLength: 5 }),
});
/** Two or three channels of some dozen samples: what one frame holds. */
const samples = fc
  .record({
    channels: fc.constantFrom(['x', 'y', 'z'], ['counts']),
    rateHz: fc.double({ min: 0.1, max: 10_000, noNaN: true }),
    firstAt: double,
    rows: fc.array(fc.tuple(fc.double(), fc.double(), fc.double()), { minLength: 1, maxLength: 30 }),
  })
  .map(({ channels, rateHz, firstAt, rows }) => ({
    channels,
    rateHz,
    firstAt,
    columns: channels.map((_, channel) => rows.map((row) => row[channel]!)),
  }));
const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ ...header, type: fc.constant('readings' as const), clock, readings }),
  fc.record({ ...header, type: fc.constant('live' as const), clock, readings }),
  fc.record({ ...header, type: fc.constant('ack' as const), utcMs: fc.option(double) }),
  fc.record({
    ...header,
    type: fc.constant('hello' as const),
    hello: fc.record({ device: text, kind: text, name: text, firmware: text, quantities: fc.array(text, { maxLength: 4 }) }),
  }),
  fc.record({
    ...header,
    type: fc.constant('command' as const),
    command: fc.oneof(
      fc.constantFrom({ name: 'identify' as const }, { name: 'tare' as const }, { name: 'sample' as const }),
      fc.record({ name: fc.constant('calibrate' as const), calibration }),
      fc.record({ name: fc.constantFrom('alarm' as const, 'capture' as const), isOn: fc.boolean() }),
      fc.record({ name: fc.constant('shutter' as const), isOpen: fc.boolean(), isLit: fc.boolean() }),
    ),
  }),
  fc.record({ ...header, type: fc.constant('calibration' as const), calibration }),
  fc.record({ ...header, type: fc.constant('samples' as const), clock, samples }),
  fc.record({
    ...header,
    type: fc.constant('status' as const),
    status: fc.record({ state: fc.constantFrom('starting' as const, 'running' as const, 'fault' as const), message: text }),
  }),
);

const ack = (sequence: number): Frame => ({ type: 'ack', channel: 0, boot: 7, sequence, utcMs: 1_767_225_600_000 });
const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));
const framesOf = (wire: Uint8Array): Frame[] =>
  createFrameDecoder()
    .push(wire)
    .flatMap((decoded) => (decoded.kind === 'frame' ? [decoded.frame] : []));
const faultsOf = (wire: Uint8Array): string[] =>
  createFrameDecoder()
    .push(wire)
    .flatMap((decoded) => (decoded.kind === 'fault' ? [decoded.fault] : []));

t.test('every frame decodes to itself, bit for bit, however the line cuts the bytes', async (t) => {
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 4 }), fc.integer({ min: 1, max: 50 }), (frames, size) => {
      const wire = join(...frames.map(encodeFrame));
      const decoder = createFrameDecoder();
      const decoded: unknown[] = [];
      for (let at = 0; at < wire.length; at += size) decoded.push(...decoder.push(wire.subarray(at, at + size)));
      t.same(
        decoded,
        frames.map((frame) => ({ kind: 'frame', frame })),
      );
    }),
  );
});

t.test('a receiver that joins in the middle of a frame has the next one', async (t) => {
  const wire = join(encodeFrame(ack(1)), encodeFrame(ack(2)));
  t.same(framesOf(wire.subarray(5)), [ack(2)]);
});

t.test('a doubled frame arrives twice, with the same numbers to know it by', async (t) => {
  t.same(framesOf(join(encodeFrame(ack(1)), encodeFrame(ack(1)))), [ack(1), ack(1)]);
});

t.test('a lost, added or flipped byte costs that frame and no other, and never gives a false one', async () => {
  fc.assert(
    fc.property(
      anyFrame,
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      fc.constantFrom('drop', 'flip', 'add'),
      (frame, position, bits, how) => {
        const wire = encodeFrame(frame);
        const at = 1 + (position % (wire.length - 2));
        const damaged =
          how === 'drop'
            ? join(wire.subarray(0, at), wire.subarray(at + 1))
            : how === 'add'
              ? join(wire.subarray(0, at), Uint8Array.of(bits), wire.subarray(at))
              : wire.map((byte, index) => (index === at ? byte ^ bits : byte));
        const frames = framesOf(join(encodeFrame(ack(1)), damaged, encodeFrame(ack(2))));
        return frames.length === 2 && frames[0]?.sequence === 1 && frames[1]?.sequence === 2;
      },
    ),
    { numRuns: 500 },
  );
});

t.test('each way of being wrong is named', async (t) => {
  const wire = encodeFrame(ack(1));
  t.same(faultsOf(wire.with(wire.length - 2, wire.at(-2)! ^ 0x40)), ['checksum']);
  t.same(faultsOf(Uint8Array.of(0, 9, 1, 0)), ['stuffing']);
  t.same(faultsOf(Uint8Array.of(0, 3, 1, 2, 0)), ['length']);
});

t.test('a stream without delimiters does not grow the receiver and is reported once', async (t) => {
  const decoder = createFrameDecoder();
  for (let count = 0; count < 1000; count++) t.same(decoder.push(new Uint8Array(1000).fill(0x55)), []);
  t.same(
    decoder.push(Uint8Array.of(0)).map((decoded) => decoded.kind),
    ['fault'],
  );
  t.same(decoder.push(encodeFrame(ack(3))), [{ kind: 'frame', frame: ack(3) }]);
});

t.test('a frame that would be too long is refused by its sender, with the remedy', async (t) => {
  const one = { code: 1, value: 1, at: 1, spanMs: 0 };
  const frame: Frame = {
    type: 'readings',
    channel: 0,
    boot: 1,
    sequence: 1,
    clock: { nowMs: 1, zeroUtcMs: null },
    readings: Array.from({ length: MAX_READINGS_PER_FRAME + 1 }, () => one),
  };
  t.throws(() => encodeFrame(frame), /longer than the 1024 allowed: send it in parts/);
});

t.test('any bytes at all are frames or faults, never an exception', async () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 3000 }), (noise) => Array.isArray(createFrameDecoder().push(noise))));
});
