import t from 'tap';
import { beginsH264KeyFrame, beginsVp8KeyFrame } from '../../../hub/edge/key-frame.ts';
import fc from '../../property.ts';

const bytes = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex');

t.test('VP8: the first packet of a key frame, whatever its descriptor carries', async (t) => {
  t.ok(beginsVp8KeyFrame(bytes('10 d0')), 'the shortest descriptor');
  t.ok(beginsVp8KeyFrame(bytes('90 80 12 30')), 'a picture id of 7 bits');
  t.ok(beginsVp8KeyFrame(bytes('90 80 b5fb 10')), 'a picture id of 15 bits');
  t.ok(beginsVp8KeyFrame(bytes('90 f0 b5fb 01 20 10')), 'with TL0PICIDX and TID');
  t.notOk(beginsVp8KeyFrame(bytes('90 80 b5fb 91')), 'an interframe');
  t.notOk(beginsVp8KeyFrame(bytes('80 80 b5fb 10')), 'the rest of a frame');
  t.notOk(beginsVp8KeyFrame(bytes('91 80 b5fb 10')), 'another partition');
});

t.test('H.264: an IDR slice alone, in an aggregation, or in its first fragment', async (t) => {
  t.ok(beginsH264KeyFrame(bytes('65 88')));
  t.ok(beginsH264KeyFrame(bytes('78 0002 6742 0002 68ce 0002 6588')), 'behind its parameter sets');
  t.ok(beginsH264KeyFrame(bytes('7c 85 88')));
  t.notOk(beginsH264KeyFrame(bytes('7c 05 88')), 'a later fragment');
  t.notOk(beginsH264KeyFrame(bytes('7c 81 88')), 'a fragment of another picture');
  t.notOk(beginsH264KeyFrame(bytes('41 9a')));
  t.notOk(beginsH264KeyFrame(bytes('78 0002 6742 0002 68ce')));
});

t.test('no payload is too short or too odd', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (payload) => {
      t.type(beginsVp8KeyFrame(payload), 'boolean');
      t.type(beginsH264KeyFrame(payload), 'boolean');
    }),
  );
});
