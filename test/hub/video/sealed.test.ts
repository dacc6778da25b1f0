import { spawnSync } from 'node:child_process';
import t from 'tap';
import { nalTypeOf } from '../../../hub/video/access-unit.ts';
import { createFlvReader } from '../../../hub/video/flv.ts';
import { CLEAR_BYTES, createUnitSealer, nalUnitsIn } from '../../../hub/video/sealed-unit.ts';
import { createPacketSealer, sframeHeader, sframeKey, sframeOpen, sframeSeal, soundKid } from '../../../hub/video/sframe.ts';
import { soundKid as kidOfPage, openerOf, unsealed, unsealedSound } from '../../../hub/web/page/unseal.ts';
import fc from '../../property.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

t.test('SFrame as RFC 9605 has it: its headers (C.1) and its suite AES_128_GCM_SHA256_128 (C.3)', async (t) => {
  for (const [kid, counter, header] of [
    [0n, 0n, '00'],
    [0n, 0x100n, '090100'],
    [0xffn, 0n, '80ff'],
    [0x100n, 0x100n, '9901000100'],
  ] as const)
    t.equal(sframeHeader(kid, counter).toString('hex'), header);
  const key = sframeKey(hex('000102030405060708090a0b0c0d0e0f'), 0x123n);
  t.equal(key.key.toString('hex'), 'd34f547f4ca4f9a7447006fe7fcbf768');
  t.equal(key.salt.toString('hex'), '75234edefe07819026751816');
  const metadata = hex('4945544620534672616d65205747');
  const plain = hex('64726166742d696574662d736672616d 652d656e63');
  const sealed = hex('9901234567b7412c2513a1b66dbb4884 1bbaf17f598751176ad847681a69c6d0 b091c07018ce4adb34eb');
  t.equal(sframeSeal(key, 0x4567n, metadata, plain).toString('hex'), sealed.toString('hex'));
  t.same(sframeOpen(key, metadata, sealed), plain);
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed);
    changed[at]! ^= 1;
    t.equal(sframeOpen(key, metadata, changed), undefined, `byte ${at} is changed`);
  }
  t.equal(sframeOpen(key, hex('00'), sealed), undefined, 'other metadata');
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => t.equal(sframeOpen(key, metadata, Buffer.from(bytes)), undefined)));
});

const { stdout: flv } = spawnSync(
  'ffmpeg',
  [
    ...[
      '-loglevel',
      'error',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=320x192:rate=10',
      '-frames:v',
      '20',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
    ],
    ...[
      '-tune',
      'zerolatency',
      '-pix_fmt',
      'yuv420p',
      '-g',
      '10',
      '-slices',
      '3',
      '-threads',
      '1',
      '-f',
      'flv',
      '-flvflags',
      'no_duration_filesize',
      '-',
    ],
  ],
  { maxBuffer: 2 ** 26 },
);
const camera = createFlvReader().take(flv);
const base = Buffer.alloc(16, 5);
const KID = 70_000n;
/** As Chromium's depacketizer puts a picture together: each NAL unit after a start code of four bytes. */
const together = (bytes: Buffer): Buffer => Buffer.concat(nalUnitsIn(bytes).flatMap((unit) => [Buffer.from([0, 0, 0, 1]), unit]));

t.test(
  'a sealed picture keeps the shape that forwarders and depacketizers need, shows nothing, and opens in a browser to the very same bytes',
  async (t) => {
    const seal = createUnitSealer(sframeKey(base, KID));
    const opener = await openerOf(Uint8Array.from(base), KID);
    const sealed = camera.map(({ bytes }) => seal(bytes));
    for (const [index, { bytes }] of camera.entries()) {
      const [before, after] = [nalUnitsIn(bytes), nalUnitsIn(sealed[index]!)];
      t.same(
        after.map((unit) => nalTypeOf(unit[0]!)),
        before.map((unit) => nalTypeOf(unit[0]!)),
      );
      t.same(
        after.map((unit) => unit.subarray(0, CLEAR_BYTES).toString('hex')),
        before.map((unit) => unit.subarray(0, CLEAR_BYTES).toString('hex')),
      );
      t.ok(Buffer.from(await unsealed(opener, sealed[index]!)).equals(together(bytes)), `picture ${index} opens`);
    }
    t.equal(new Set(sealed.map((bytes) => bytes.toString('base64'))).size, sealed.length);
    const decoded = spawnSync('ffmpeg', ['-loglevel', 'fatal', '-f', 'h264', '-i', '-', '-f', 'framemd5', '-'], {
      input: Buffer.concat(sealed),
    });
    const plain = spawnSync('ffmpeg', ['-loglevel', 'fatal', '-f', 'h264', '-i', '-', '-f', 'framemd5', '-'], {
      input: Buffer.concat(camera.map(({ bytes }) => bytes)),
    });
    const sums = (text: Buffer): string[] =>
      text
        .toString()
        .split('\n')
        .filter((line) => line.startsWith('0,'))
        .map((line) => line.split(',').at(-1)!);
    t.equal(sums(plain.stdout).length, camera.length);
    t.notOk(
      sums(decoded.stdout).some((sum) => sums(plain.stdout).includes(sum)),
      'a decoder without the key shows no picture of it',
    );
    await t.rejects(unsealed(await openerOf(Uint8Array.from(Buffer.alloc(16, 6)), KID), sealed[0]!), 'another key');
    await t.rejects(unsealed(await openerOf(Uint8Array.from(base), KID + 1n), sealed[0]!), RangeError);
  },
);

t.test('whatever a slice holds, no start code appears in what is sealed, and it opens again', async (t) => {
  const opener = await openerOf(Uint8Array.from(base), 1n);
  const slice = fc.uint8Array({ minLength: 1, maxLength: 200, max: 5 }).map((bytes) => {
    // As an encoder escapes it (ITU-T H.264, 7.4.1), with a last byte that is not 0.
    const out: number[] = [0x41];
    for (const byte of bytes) {
      if (out.at(-1) === 0 && out.at(-2) === 0 && byte <= 3) out.push(3);
      out.push(byte);
    }
    return Buffer.from([...out, 0x80]);
  });
  await fc.assert(
    fc.asyncProperty(fc.array(slice, { minLength: 1, maxLength: 4 }), async (units) => {
      const picture = together(Buffer.concat(units.flatMap((unit) => [Buffer.from([0, 0, 1]), unit])));
      const sealed = createUnitSealer(sframeKey(base, 1n))(picture);
      t.equal(nalUnitsIn(sealed).length, units.length);
      t.ok(Buffer.from(await unsealed(opener, sealed)).equals(picture));
    }),
    { numRuns: 100 },
  );
});

t.test(
  'sealed sound: by another key than the pictures, each packet for itself; it opens in a browser to the very same bytes',
  async (t) => {
    const seal = createPacketSealer(sframeKey(base, soundKid(KID)));
    const opener = await openerOf(Uint8Array.from(base), kidOfPage(KID));
    const packet = Buffer.from('a packet of Opus');
    const [first, second] = [seal(packet), seal(packet)];
    t.notSame(first, second, 'no counter is used twice');
    t.notOk(first.includes(packet));
    for (const sealed of [second, first]) t.same(Buffer.from(await unsealedSound(opener, sealed)), packet, 'in any order');
    await t.rejects(unsealedSound(await openerOf(Uint8Array.from(base), KID), first), RangeError);
    await t.rejects(unsealedSound(opener, first.with(first.length - 1, first.at(-1)! ^ 1)), 'changed');
  },
);
