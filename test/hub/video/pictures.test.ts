import { spawnSync } from 'node:child_process';
import t from 'tap';
import {
  encodedTestCamera,
  findCamera,
  formatIn,
  networkCamera,
  piCamera,
  pluggedIn,
  sizeFor,
  testCamera,
  usbCamera,
} from '../../../hub/sources/camera.ts';
import { type AccessUnit, nalTypeOf } from '../../../hub/video/access-unit.ts';
import { createAnnexBReader } from '../../../hub/video/annex-b.ts';
import { createFlvReader } from '../../../hub/video/flv.ts';
import fc from '../../property.ts';

const PICTURES = 30;
/** What a camera that encodes by itself would write, in each form, with a key frame every ten pictures. */
function encode(...form: string[]): Buffer {
  const source = ['-loglevel', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=320x192:rate=10', '-frames:v', String(PICTURES)];
  const coding = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '10', '-threads', '1'];
  const { stdout, stderr, status } = spawnSync('ffmpeg', [...source, ...coding, ...form, '-'], { maxBuffer: 64 * 1024 * 1024 });
  if (status !== 0) throw new Error(stderr.toString());
  return stdout;
}
const flv = encode('-f', 'flv', '-flvflags', 'no_duration_filesize');
const annexB = encode('-f', 'h264');
const slices = encode('-x264-params', 'slices=3:sliced-threads=0', '-f', 'h264');

/** Types of the NAL units of a picture, in order. */
function typesIn({ bytes }: AccessUnit): number[] {
  const types: number[] = [];
  for (let at = 0; at + 3 < bytes.length; at++)
    if (bytes[at] === 0 && bytes[at + 1] === 0 && bytes[at + 2] === 1) types.push(nalTypeOf(bytes[at + 3]!));
  return types;
}
const inPieces = (bytes: Buffer, sizes: readonly number[]): Buffer[] => {
  const pieces: Buffer[] = [];
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length]!;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
};
const readFlv = (pieces: readonly Buffer[]): AccessUnit[] => {
  const reader = createFlvReader();
  return pieces.flatMap((piece) => reader.take(piece));
};
const readAnnexB = (pieces: readonly Buffer[]): AccessUnit[] => {
  const reader = createAnnexBReader();
  const units = pieces.flatMap((piece) => reader.take(piece, 0));
  const last = reader.flush();
  return last === undefined ? units : [...units, last];
};
/** ffmpeg's word on how many pictures a stream has. */
function decoded(units: readonly AccessUnit[]): number {
  const input = Buffer.concat(units.map(({ bytes }) => bytes));
  const { stdout, stderr } = spawnSync('ffmpeg', ['-loglevel', 'error', '-f', 'h264', '-i', '-', '-f', 'framecrc', '-'], { input });
  if (stderr.length > 0) throw new Error(stderr.toString());
  return stdout
    .toString()
    .split('\n')
    .filter((line) => /^0,/.test(line)).length;
}
const chunks = fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 8 });

t.test(
  'a stream is cut into whole pictures however it comes, with parameter sets before each key frame, and decodes without an error',
  async (t) => {
    for (const [name, read, bytes] of [
      ['FLV', readFlv, flv],
      ['Annex B', readAnnexB, annexB],
      ['Annex B, three slices a picture', readAnnexB, slices],
    ] as const) {
      const whole = read([bytes]);
      t.equal(whole.length, PICTURES, `${name}: pictures`);
      t.same(
        whole.flatMap(({ isKey }, index) => (isKey ? [index] : [])),
        [0, 10, 20],
        `${name}: key frames`,
      );
      for (const unit of whole.filter(({ isKey }) => isKey)) t.same(typesIn(unit).slice(0, 2), [7, 8], `${name}: SPS and PPS first`);
      t.equal(decoded(whole), PICTURES, `${name}: a decoder sees every picture`);
      const content = whole.map((unit) => unit.bytes.toString('hex'));
      fc.assert(
        fc.property(chunks, (sizes) =>
          t.same(
            read(inPieces(bytes, sizes)).map((unit) => unit.bytes.toString('hex')),
            content,
          ),
        ),
        { numRuns: 10 },
      );
    }
  },
);

t.test('FLV carries the camera’s time; a joiner in the middle of Annex B begins with the next picture', async (t) => {
  const times = readFlv([flv]).map(({ atMs }) => atMs);
  t.same(times.slice(0, 3), [0, 100, 200]);
  const late = readAnnexB([annexB.subarray(1000)]);
  t.ok(late.length >= PICTURES - 2 && late.length <= PICTURES);
});

t.test('an early end costs that picture alone: its rest is thrown away, the next is whole', async (t) => {
  const all = readAnnexB([annexB]);
  const reader = createAnnexBReader();
  const at = all[0]!.bytes.length - 200;
  const units = [...reader.take(annexB.subarray(0, at), 0)];
  units.push(reader.flush()!);
  units.push(...reader.take(annexB.subarray(at), 0));
  t.equal(units[0]!.bytes.length, at, 'cut off');
  t.same(units[1]!.bytes.toString('hex'), all[1]!.bytes.toString('hex'), 'whole');
});

t.test('bytes that are no video are refused by name, never taken for pictures, and never crash a reader', async (t) => {
  t.throws(() => createFlvReader().take(Buffer.from('this is not a camera at all')), { name: 'VideoStreamError' });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4000 }), fc.integer({ min: 0, max: flv.length - 1 }), (noise, at) => {
      for (const bytes of [Buffer.from(noise), Buffer.concat([flv.subarray(0, at), noise, flv.subarray(at)])]) {
        try {
          readFlv([bytes]);
        } catch (error) {
          if ((error as Error).name !== 'VideoStreamError') throw error;
        }
      }
      readAnnexB([Buffer.from(noise), annexB.subarray(at % annexB.length), Buffer.from(noise)]);
    }),
    { numRuns: 40 },
  );
});

t.test('cameras that encode by themselves are passed through, others are not; what a person names is found or refused', async (t) => {
  t.equal(usbCamera('/dev/video0', 'Cam', 'h264').gives, 'flv');
  t.ok(usbCamera('/dev/video0', 'Cam', 'h264').args.join(' ').includes('-c copy'), 'nothing is encoded');
  t.equal(usbCamera('/dev/video0', 'Cam', 'raw').gives, 'i420');
  t.ok(usbCamera('/dev/video0', 'Cam', 'mjpeg').args.join(' ').includes('-input_format mjpeg'), 'more pictures fit through the cable');
  t.ok(networkCamera('rtsp://cam.lan/1').args.join(' ').includes('-c copy'));
  t.equal(piCamera().gives, 'annex-b');
  t.equal(findCamera('rtsp://user:secret@10.0.0.9:554/live')?.name, 'Camera at 10.0.0.9', 'no password in the name');
  t.same(
    ['cat', 'http://10.0.0.9/', 'rtsp://', ''].map((name) => findCamera(name)),
    [undefined, undefined, undefined, undefined],
  );
  const listing = (...formats: string[]): string => formats.map((format) => `[video4linux2,v4l2 @ 0x1] ${format} : 640x480`).join('\n');
  const [h264, mjpeg, yuyv] = ['Compressed:  h264 :  H.264', 'Compressed:  mjpeg :  Motion-JPEG', 'Raw  :  yuyv422 :  YUYV 4:2:2'];
  t.same(
    [formatIn(listing(yuyv!, mjpeg!, h264!)), formatIn(listing(yuyv!, mjpeg!)), formatIn(listing(yuyv!)), formatIn('')],
    ['h264', 'mjpeg', 'raw', 'raw'],
  );
  t.equal(encodedTestCamera({ width: 320, height: 192, fps: 10 }).width, 320);
});

t.test('what is encoded here is as large as the machine can carry: Zero 2 W, Pi 4 of 2 GB, Pi 5 of 8 GB', async (t) => {
  t.same(
    [sizeFor(4, 0.42 * 2 ** 30), sizeFor(4, 1.9 * 2 ** 30), sizeFor(4, 7.9 * 2 ** 30)].map(({ width, fps }) => [width, fps]),
    [
      [480, 15],
      [640, 25],
      [960, 25],
    ],
  );
});

t.test(
  'a camera that is plugged in takes the place of the test picture, one that is unplugged is waited for, another may take over',
  async (t) => {
    const at = (name: string) => usbCamera(`/dev/v4l/by-id/${name}`, name, 'raw');
    t.equal(
      pluggedIn(testCamera(), () => [], at),
      undefined,
    );
    const found = pluggedIn(testCamera(), () => ['cam-a', 'cam-b'], at)!;
    t.equal(found.name, 'cam-a');
    t.equal(
      pluggedIn(found, () => ['cam-a', 'cam-b'], at),
      undefined,
      'it stays',
    );
    t.equal(
      pluggedIn(found, () => [], at),
      undefined,
      'unplugged: no test picture stands in for a room',
    );
    t.equal(pluggedIn(found, () => ['cam-b'], at)?.name, 'cam-b');
    t.equal(
      pluggedIn(piCamera(), () => ['cam-b'], at),
      undefined,
    );
  },
);

t.test('a film is a camera: H.264 passed through at its own size, anything else decoded; one that is not there is refused', async (t) => {
  const folder = t.testdir({ 'film.flv': flv, 'noise.mp4': 'no film' });
  const film = findCamera(`file:${folder}/film.flv`)!;
  t.match(film, { kind: 'file', name: 'Film film.flv', gives: 'flv', width: 320, height: 192, fps: 10 });
  t.equal(findCamera(`file:${folder}/noise.mp4`)?.gives, 'i420');
  t.equal(findCamera(`file:${folder}/none.mp4`), undefined);
  const { stdout } = spawnSync(
    film.command,
    film.args.map((arg) => (arg === '-re' ? '-nostdin' : arg === '-1' ? '1' : arg)),
  );
  t.equal(readFlv([stdout]).length, 2 * PICTURES, 'again from its beginning');
});
