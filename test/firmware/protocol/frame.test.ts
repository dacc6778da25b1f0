import t from 'tap';
import { encodeFrame } from '../../../firmware/protocol/frame.ts';

t.test('a frame begins and ends with the delimiter', async (t) => {
  const wire = encodeFrame({ type: 'ack', channel: 0, boot: 1, sequence: 2, utcMs: null });
  t.equal(wire[0], 0);
  t.equal(wire.at(-1), 0);
});
