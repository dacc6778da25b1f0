import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { systemClock } from '../../../firmware/clock.ts';
import { captureDevicesIn, findMicrophone } from '../../../hub/sources/microphone.ts';
import { startClipEvents } from '../../../hub/video/clip-events.ts';
import { clipUnits } from '../../../hub/video/clip-file.ts';
import { createLiveSound, opusSound } from '../../../hub/video/live-sound.ts';
import { createOggReader, OggError } from '../../../hub/video/ogg.ts';
import {
  initialSound,
  levelOf,
  QUIET_MS,
  SILENT_DB,
  type SoundEvent,
  type SoundState,
  soundStep,
  WINDOW_MS,
} from '../../../hub/video/sound.ts';
import fc from '../../property.ts';
import { encodedCamera, until } from './stage.ts';

/** Levels, each of a window, after a minute of a room; the events of them, in windows since the minute. */
function hear(levels: readonly number[], roomDb = -60): { from: number; lasts: number; peakDb: number }[] {
  const all = [
    ...Array.from({ length: 600 }, () => roomDb),
    ...levels,
    ...Array.from({ length: (2 * QUIET_MS) / WINDOW_MS }, () => roomDb),
  ];
  let state: SoundState = initialSound;
  const events: SoundEvent[] = [];
  all.forEach((level, window) => {
    const [next, ended] = soundStep(state, level, window * WINDOW_MS);
    state = next;
    if (ended !== undefined) events.push(ended);
  });
  return events.map(({ sinceMs, untilMs, peakDb }) => ({
    from: sinceMs / WINDOW_MS - 600,
    lasts: (untilMs - sinceMs) / WINDOW_MS + 1,
    peakDb,
  }));
}
const times = (count: number, level: number): number[] => Array.from({ length: count }, () => level);

t.test('what stands out of what is always heard is an event, with its length and its loudest', async (t) => {
  t.same(hear([...times(5, -30), ...times(10, -60), ...times(5, -20)]), [{ from: 0, lasts: 20, peakDb: -20 }], 'a pause does not end it');
  t.same(hear([...times(5, -30), ...times(50, -60), ...times(5, -25)]).length, 2, 'silence does');
  t.same(hear([-10]), [], 'a click of one window is none');
  t.same(hear(times(50, -52)), [], 'a little louder than the room is none');
  t.same(hear(times(50, -58), -80), [], 'what is softer than a whisper is none, however silent the room is');
  t.same(hear(times(10, -30), -40), [], 'in a loud room it takes more to stand out');
  t.equal(hear(times(10, -25), -40).length, 1);
});

t.test('what begins and goes on becomes part of the room', async (t) => {
  const [vacuum, ...more] = hear(times(1800, -30));
  t.same(more, []);
  t.ok(vacuum!.lasts > 100 && vacuum!.lasts < 300, `an event of ${vacuum!.lasts / 10} s`);
});

t.test('levels are of full scale, and nothing that a microphone gives breaks the steps', async (t) => {
  t.equal(levelOf(new Int16Array(1600)), SILENT_DB);
  t.equal(levelOf(new Int16Array(0)), SILENT_DB);
  t.equal(Math.round(levelOf(Int16Array.from({ length: 1600 }, () => -32_768))), 0);
  const sine = Int16Array.from({ length: 1600 }, (_, index) => 3276.8 * Math.sin((2 * Math.PI * 440 * index) / 16_000));
  t.equal(Math.round(levelOf(sine)), -23, 'a tenth of full scale, less 3 dB of a sine');
  fc.assert(
    fc.property(fc.array(fc.double({ min: SILENT_DB, max: 0, noNaN: true })), (levels) => {
      for (const { lasts, peakDb } of hear(levels)) t.ok(lasts >= 1 && peakDb <= 0);
    }),
    { numRuns: 50 },
  );
});

t.test('a microphone is found by ALSA’s list or by its name; where there is none, only a test picture has a test tone', async (t) => {
  const listing = '00-00: bcm2835 Headphones : bcm2835 Headphones : playback 8\n01-00: USB Audio : USB Audio : playback 1 : capture 1\n';
  t.same(captureDevicesIn(listing), [{ device: 'plughw:1,0', name: 'USB Audio' }]);
  const found = findMicrophone(undefined, true, listing);
  t.match(found, { name: 'USB Audio' });
  t.equal(findMicrophone(undefined, false, ''), 'none');
  t.match(findMicrophone(undefined, true, ''), { name: 'Test tone' });
  t.match(findMicrophone('hw:2,1', false, ''), { args: /plughw:2,1/ });
  t.equal(findMicrophone('; rm', false, ''), undefined);
});

t.test(
  'a clip is recorded of what is heard as of what moves, with what was before, and says why; none where none are wanted',
  async (t) => {
    const folder = t.testdir({});
    const told: { cause: string; pictures: number }[] = [];
    const key = Buffer.alloc(32, 7);
    const clips = startClipEvents(
      encodedCamera,
      () => 0,
      (clip) => told.push(clip),
      (error) => t.fail(String(error)),
    );
    t.teardown(() => clips.place(null, 0));
    let atMs = 0;
    const see = (pictures: number): void => {
      // A key frame each second; no picture that a decoder would find something in.
      for (let picture = 0; picture < pictures; picture++, atMs += 100) {
        const isKey = atMs % 1000 === 0;
        clips.unit({ bytes: Buffer.from([0, 0, 0, 1, isKey ? 0x65 : 0x41, 0x80]), atMs, isKey }, atMs);
      }
    };
    see(30);
    clips.sound(true, atMs);
    see(20);
    clips.sound(false, atMs);
    see(20);
    t.same(told, [], 'clips are off');
    clips.place({ folder, key: key.toString('base64url') }, atMs);
    see(30);
    clips.sound(true, atMs);
    see(20);
    clips.sound(false, atMs);
    see(20);
    t.match(told, [{ cause: 'sound' }]);
    t.ok(told[0]!.pictures >= 50, `${told[0]!.pictures} pictures, those before among them`);
    const [name] = readdirSync(folder);
    t.equal([...clipUnits(readFileSync(`${folder}/${name}`), key)].length, told[0]!.pictures);
  },
);

/** A page of Ogg (RFC 3533, 6) with these segment lengths; its checksum is not looked at. */
const page = (lengths: readonly number[], bytes: Uint8Array): Buffer => {
  const header = Buffer.alloc(27 + lengths.length);
  header.write('OggS', 'latin1');
  header[26] = lengths.length;
  header.set(lengths, 27);
  return Buffer.concat([header, bytes]);
};

t.test('Ogg: packets come whole however the pipe cuts them, also over pages; what is none, or has no end, is an error', async (t) => {
  const stream = fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 6 });
  fc.assert(
    fc.property(stream, fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 5 }), (packets, cuts) => {
      // Each segment on a page of its own: packets go over several.
      const pages = packets.flatMap((packet) => {
        const whole = Math.floor(packet.length / 255);
        const pieces = Array.from({ length: whole + 1 }, (_, index) => packet.subarray(index * 255, (index + 1) * 255));
        return pieces.map((piece) => page([piece.length], piece));
      });
      const bytes = Buffer.concat(pages);
      const reader = createOggReader(600);
      const read: Buffer[] = [];
      for (let at = 0, cut = 0; at < bytes.length; cut++) {
        const length = cuts[cut % cuts.length]!;
        read.push(...reader.take(bytes.subarray(at, at + length)));
        at += length;
      }
      t.same(
        read.map((packet) => packet.toString('hex')),
        packets.map((packet) => Buffer.from(packet).toString('hex')),
      );
    }),
    { numRuns: 30 },
  );
  t.throws(() => createOggReader(600).take(Buffer.alloc(40, 1)), OggError);
  t.throws(() => createOggReader(600).take(page([255, 255, 255], Buffer.alloc(765))), /more than 600 bytes/);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        createOggReader(600).take(bytes);
      } catch (error) {
        t.ok(error instanceof OggError);
      }
    }),
  );
});

t.test('live sound: a packet of Opus for each 20 ms while it is agreed to, none before and none after', async (t) => {
  let changes = 0;
  const packets: Buffer[] = [];
  const live = createLiveSound(() => changes++);
  live.through(opusSound((packet) => packets.push(packet), t.fail, systemClock));
  const tenMs = Int16Array.from({ length: 480 }, (_, index) => 6000 * Math.sin((2 * Math.PI * 400 * index) / 48_000));
  const speak = (frames: number): void => {
    for (let frame = 0; frame < frames; frame++) live.frame(tenMs);
  };
  speak(100);
  live.set(true);
  live.set(true);
  t.equal(changes, 1);
  speak(100);
  await until(() => packets.length >= 45, 'of a second of sound, less what the encoder looks ahead');
  t.ok(packets.length <= 50, `${packets.length} packets`);
  // RFC 6716, 3.1: one frame of 20 ms in each (code 0), one channel.
  t.ok(packets.every((packet) => (packet[0]! & 0x07) === 0 && packet.length < 200));
  live.set(false);
  t.equal(changes, 2);
  const sent = packets.length;
  speak(100);
  await new Promise((resolve) => setTimeout(resolve, 200));
  t.equal(packets.length, sent);
});
