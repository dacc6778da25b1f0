import t from 'tap';
import { cobsDecode, cobsEncode } from '../../../firmware/protocol/cobs.ts';
import fc from '../../property.ts';

const bytes = (...list: number[]): Uint8Array => Uint8Array.from(list);
const upTo = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

t.test('encodes the examples of the paper and of its usual restatement', async (t) => {
  t.same(cobsEncode(bytes(0)), bytes(1, 1));
  t.same(cobsEncode(bytes(0, 0)), bytes(1, 1, 1));
  t.same(cobsEncode(bytes(0x11, 0x22, 0, 0x33)), bytes(3, 0x11, 0x22, 2, 0x33));
  t.same(cobsEncode(bytes(0x11, 0, 0, 0)), bytes(2, 0x11, 1, 1, 1));
  t.same(cobsEncode(bytes(...upTo(1, 254))), bytes(255, ...upTo(1, 254)));
  t.same(cobsEncode(bytes(0, ...upTo(1, 254))), bytes(1, 255, ...upTo(1, 254)));
  t.same(cobsEncode(bytes(...upTo(1, 255))), bytes(255, ...upTo(1, 254), 2, 255));
  t.same(cobsEncode(bytes(...upTo(2, 255), 0)), bytes(255, ...upTo(2, 255), 1, 1));
});

t.test('what was encoded decodes to itself, holds no zero and grows by one byte in 254 at most', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1200 }), (original) => {
      const encoded = cobsEncode(original);
      const decoded = cobsDecode(encoded);
      return (
        !encoded.includes(0) &&
        encoded.length <= original.length + Math.ceil(original.length / 254) + 1 &&
        decoded !== undefined &&
        Buffer.compare(decoded, original) === 0
      );
    }),
  );
});

t.test('any bytes decode to something or to undefined', async (t) => {
  t.equal(cobsDecode(bytes()), undefined);
  t.equal(cobsDecode(bytes(5, 1)), undefined, 'a block that points past the end');
  t.equal(cobsDecode(bytes(2, 0)), undefined, 'a zero inside a block');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (noise) => {
      const decoded = cobsDecode(noise);
      return decoded === undefined || decoded.length < noise.length;
    }),
  );
});
