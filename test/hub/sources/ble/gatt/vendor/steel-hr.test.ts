import t from 'tap';
import { bytesOf, hexOf } from '../../../../../../hub/sources/ble/gatt/bytes.ts';
import { noPieces, type SteelMessage, steelPiece, steelValues } from '../../../../../../hub/sources/ble/gatt/vendor/steel-hr.ts';
import fc from '../../../../../property.ts';
import { readVectorJson, skipWithoutVectors } from '../../../../../vectors.ts';
import { reasonsOf, tally } from '../cases.ts';

interface Recorded {
  readonly id: string;
  readonly chunks_hex: readonly string[];
  readonly complete: readonly boolean[];
  readonly assembled_hex?: string;
  readonly type?: number;
  readonly structure_type?: number;
  readonly battery_percent?: number;
}

function hear(chunks: readonly Uint8Array[]): { readonly complete: boolean[]; readonly message?: SteelMessage } {
  let pieces = noPieces;
  const complete: boolean[] = [];
  let message: SteelMessage | undefined;
  for (const chunk of chunks) {
    const next = steelPiece(pieces, chunk);
    pieces = next.pieces;
    complete.push(next.message !== undefined);
    message = next.message ?? message;
  }
  return { complete, ...(message !== undefined && { message }) };
}

t.test('each recorded message of a Steel HR is whole when its length is reached', { skip: skipWithoutVectors }, async (t) => {
  const counted = tally();
  for (const recorded of readVectorJson<{ readonly cases: readonly Recorded[] }>('2-gatt/withings-steelhr-frames.gadgetbridge.json')
    .cases) {
    const { complete, message } = hear(recorded.chunks_hex.map(bytesOf));
    const { type, assembled_hex, structure_type, battery_percent } = recorded;
    const isSame =
      JSON.stringify(complete) === JSON.stringify(recorded.complete) &&
      (type === undefined || message?.type === type) &&
      (assembled_hex === undefined || (message !== undefined && hexOf(message.bytes) === assembled_hex)) &&
      (structure_type === undefined || message?.structures[0]?.type === structure_type) &&
      (battery_percent === undefined || (message !== undefined && steelValues(message)[0]?.value === battery_percent));
    if (isSame) counted.passed++;
    else counted.failed.push(`${recorded.id}: ${JSON.stringify(complete)}`);
  }
  t.comment(reasonsOf('Steel HR', counted));
  t.same(counted.failed, []);
  t.ok(counted.passed >= 5);
});

t.test('a message is the same however it is cut', async () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 90 }),
      fc.integer({ min: 0, max: 0xffff }),
      fc.integer({ min: 1, max: 20 }),
      (body, type, size) => {
        const whole = Uint8Array.from([0x01, type >> 8, type & 0xff, 0, body.length, ...body]);
        const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, index) => whole.slice(index * size, (index + 1) * size));
        const { complete, message } = hear(chunks);
        return message !== undefined && hexOf(message.bytes) === hexOf(whole) && complete.lastIndexOf(true) === complete.indexOf(true);
      },
    ),
  );
});

t.test('bytes that open no message leave nothing behind', async (t) => {
  const { pieces } = steelPiece(noPieces, bytesOf('143fbcce'));
  t.equal(pieces.length, 0);
  const { message } = steelPiece(pieces, bytesOf('010504000e0504000a470200000f0100000000'));
  t.same(message && steelValues(message), [{ quantity: 'battery', value: 71 }]);
  t.equal(steelPiece(noPieces, bytesOf('010504ffff')).pieces.length, 0, 'a length that no watch sends is not waited for');
});
