import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { openPeople } from '../../../hub/people/people.ts';
import { HOME } from '../../../hub/people/subjects.ts';
import { partsOf, scopeOf } from '../../../hub/rights/archive/parts.ts';
import { openStore } from '../../../hub/store/store.ts';
import type { AccessUnit } from '../../../hub/video/access-unit.ts';
import { clipHeadLine, clipUnits, sealGroup } from '../../../hub/video/clip-file.ts';
import { createClipRecorder, MOST_CLIP_MS, PRE_ROLL_MS, type RecordedClip } from '../../../hub/video/clip-recorder.ts';
import { CLIP_DAYS, type Clips, openClips } from '../../../hub/video/clips.ts';
import { createFlvReader } from '../../../hub/video/flv.ts';
import {
  greyOf,
  initialMotion,
  MOTION_CELLS,
  MOTION_HEIGHT,
  MOTION_WIDTH,
  type MotionState,
  motionStep,
  STILL_MS,
} from '../../../hub/video/motion.ts';
import { mp4Of } from '../../../hub/video/mp4.ts';
import fc from '../../property.ts';

/** A room with a sensor's noise, as bright as told, with something of a size at a place. */
function room(random: () => number, { light = 0, at = -1, size = 6 } = {}): Uint8Array {
  return Uint8Array.from({ length: MOTION_CELLS }, (_, cell) => {
    const [x, y] = [cell % MOTION_WIDTH, Math.floor(cell / MOTION_WIDTH)];
    const isThing = at >= 0 && x >= at && x < at + size && y >= 12 && y < 12 + size;
    return Math.max(0, Math.min(255, (isThing ? 210 : 60 + x) + light + (random() - 0.5) * 8));
  });
}
function* noiseOf(seed: number): Generator<number> {
  for (let state = seed >>> 0; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}
const randomOf = (seed: number): (() => number) => {
  const noise = noiseOf(seed);
  return () => noise.next().value as number;
};
/** Looks at pictures each half second; whether something moves after each. */
function watch(pictures: readonly Uint8Array[]): boolean[] {
  let state: MotionState = initialMotion;
  return pictures.map((picture, index) => {
    state = motionStep(state, picture, index * 500);
    return state.movingSinceMs !== undefined;
  });
}

t.test(
  'something that crosses the room moves, until it has stood still for seconds; noise, a lamp and a single glitch do not',
  async (t) => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 5, max: 12 }), (seed, size) => {
        const random = randomOf(seed);
        const still = Array.from({ length: 10 }, () => room(random));
        t.notOk(watch(still).some(Boolean), 'noise');
        const crossing = Array.from({ length: 8 }, (_, step) => room(random, { at: 4 + step * 5, size }));
        const after = Array.from({ length: 20 }, () => room(random));
        const moving = watch([...still, ...crossing, ...after]);
        t.ok(moving.indexOf(true) >= 10 && moving.indexOf(true) <= 12, 'seen with its second picture');
        t.notOk(moving.at(-1), 'over');
        t.equal(moving.lastIndexOf(true), 10 + crossing.length + STILL_MS / 500, 'so long after the last change');
        t.notOk(watch([...still, ...Array.from({ length: 10 }, () => room(random, { light: 90 }))]).some(Boolean), 'a lamp is switched on');
        t.notOk(watch([...still, room(random, { at: 20, size }), ...still]).some(Boolean), 'one picture alone');
      }),
      { numRuns: 20 },
    );
    t.throws(() => motionStep(initialMotion, new Uint8Array(3), 0), RangeError);
  },
);

t.test('the brightness of a picture of any size in cells', async (t) => {
  for (const [width, height] of [
    [640, 360],
    [160, 96],
    [70, 40],
  ] as const) {
    const frame = new Uint8ClampedArray((width * height * 3) / 2).fill(128);
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) frame[y * width + x] = x < width / 2 ? 40 : 200;
    const grey = new Uint8Array(MOTION_CELLS);
    greyOf(frame, width, height, grey);
    t.same([grey[0], grey[MOTION_WIDTH - 1], grey[MOTION_CELLS - 1]], [40, 200, 200]);
    t.equal(grey.filter((value) => value === 40).length, (MOTION_WIDTH / 2) * MOTION_HEIGHT);
  }
});

/** A camera of ten pictures a second with a key frame each half second, and a recorder that writes into memory. */
function recording() {
  const files = new Map<string, AccessUnit[]>();
  const told: RecordedClip[] = [];
  const troubles: unknown[] = [];
  let isAllowed = true;
  let isBroken = false;
  const recorder = createClipRecorder(
    () => {
      if (!isAllowed) return undefined;
      const name = `clip${files.size}`;
      const units: AccessUnit[] = [];
      files.set(name, units);
      return {
        name,
        file: {
          write(more) {
            if (isBroken) throw new Error('the disk is full');
            units.push(...more);
          },
          close: () => undefined,
        },
      };
    },
    (clip) => told.push(clip),
    (error) => troubles.push(error),
  );
  let nowMs = 0;
  const see = (ms: number): void => {
    for (const until = nowMs + ms; nowMs < until; nowMs += 100) {
      const isKey = nowMs % 500 === 0;
      recorder.unit({ bytes: Buffer.from([isKey ? 1 : 0]), atMs: nowMs + 7000, isKey }, nowMs);
    }
  };
  return {
    recorder,
    files,
    told,
    troubles,
    see,
    now: () => nowMs,
    allow: (next: boolean) => {
      isAllowed = next;
    },
    break: (next: boolean) => {
      isBroken = next;
    },
  };
}

t.test('a clip has what was seen before something moved, from a key frame on, without a hole, to after it', async (t) => {
  const { recorder, files, told, see, now } = recording();
  see(60_000);
  t.equal(files.size, 0, 'nothing is written while nothing moves');
  recorder.moving(true, now());
  const movedMs = now();
  see(8000);
  recorder.moving(false, now());
  see(2000);
  t.equal(told.length, 1);
  const units = files.get('clip0')!;
  t.equal(units[0]!.atMs, 0);
  t.ok(units[0]!.isKey);
  t.same(
    units.map(({ atMs }) => atMs),
    units.map((_, index) => index * 100),
    'no picture is left out',
  );
  const beforeMs = movedMs - (now() - told[0]!.beganMsAgo - (2000 - 100) + 0);
  t.ok(told[0]!.lastsMs >= PRE_ROLL_MS + 8000 - 500 && told[0]!.lastsMs <= PRE_ROLL_MS + 8000 + 1000, `${told[0]!.lastsMs} ms`);
  t.ok(beforeMs >= PRE_ROLL_MS - 600, `${beforeMs} ms before`);
});

t.test('what goes on is cut into clips that follow on each other; a stop writes what there is and forgets the rest', async (t) => {
  const { recorder, files, told, see, now } = recording();
  see(6000);
  recorder.moving(true, now());
  see(MOST_CLIP_MS + 20_000);
  t.equal(told.length, 1);
  t.ok(told[0]!.lastsMs <= MOST_CLIP_MS + 500);
  recorder.stop(now());
  t.equal(told.length, 2);
  const pictures = [...files.values()].flat().length;
  t.ok(pictures >= (MOST_CLIP_MS + 20_000 + PRE_ROLL_MS - 600) / 100, 'all of it');
  recorder.moving(true, now());
  t.equal(files.size, 2, 'nothing that was held comes back');
});

t.test('nothing is recorded while it must not be; a disk that fails ends the clip, is told, and the next one is tried', async (t) => {
  const stage = recording();
  stage.allow(false);
  stage.see(6000);
  stage.recorder.moving(true, stage.now());
  stage.see(5000);
  t.equal(stage.files.size, 0);
  stage.allow(true);
  stage.see(1000);
  t.equal(stage.files.size, 1, 'allowed: it is recorded from here on');
  stage.break(true);
  stage.see(1000);
  t.ok(stage.troubles.length >= 1);
  stage.break(false);
  const before = stage.troubles.length;
  stage.see(3000);
  stage.recorder.stop(stage.now());
  t.equal(stage.troubles.length, before);
  t.ok(stage.told.some(({ pictures }) => pictures >= 25));
});

const START = Date.UTC(2026, 10, 24, 12);
const key = Buffer.alloc(32, 7);
const head = { form: 1, name: 'abcdef0123', camera: 'Test', width: 320, height: 192 } as const;
const unitsOf = fc.array(
  fc.record({ bytes: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)), atMs: fc.nat(2 ** 31), isKey: fc.boolean() }),
  { maxLength: 6 },
);

t.test(
  'a clip’s file gives back its pictures; torn, it gives those before the tear; damaged, swapped or with another key, nothing false',
  async (t) => {
    fc.assert(
      fc.property(fc.array(unitsOf, { maxLength: 5 }), fc.nat(), fc.nat(255), (groups, at, noise) => {
        const sealed = groups.map((units, group) => sealGroup(key, head.name, group, units));
        const file = Buffer.concat([clipHeadLine(head), ...sealed]);
        const all = groups.flat();
        t.same([...clipUnits(file, key)], all);
        const torn = [...clipUnits(file.subarray(0, at % (file.length + 1)), key)];
        t.same(torn, all.slice(0, torn.length));
        t.same([...clipUnits(file, Buffer.alloc(32, 8))], []);
        const damaged = Buffer.from(file);
        const from = clipHeadLine(head).length;
        if (file.length > from) damaged[from + (at % (file.length - from))]! ^= noise;
        const rest = [...clipUnits(damaged, key)];
        t.same(rest, all.slice(0, rest.length));
        if (groups.length > 1 && groups[0]!.length > 0)
          t.same([...clipUnits(Buffer.concat([clipHeadLine(head), sealed[1]!, sealed[0]!]), key)], [], 'groups do not swap');
      }),
      { numRuns: 60 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => t.same([...clipUnits(Buffer.from(bytes), key)], [])));
  },
);

const flv = spawnSync(
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
      '30',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
    ],
    ...['-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '10', '-threads', '1', '-f', 'flv', '-flvflags', 'no_duration_filesize', '-'],
  ],
  { maxBuffer: 2 ** 26 },
).stdout;
const camera = createFlvReader().take(flv);

t.test('an MP4 has each picture as the camera encoded it, at its time, and every decoder reads it', async (t) => {
  const file = await mp4Of(camera, { width: 320, height: 192 }, START);
  const ask = (program: string, ...args: string[]): string => {
    const { stdout, stderr } = spawnSync(program, ['-loglevel', 'error', ...args, '-'], { input: file });
    t.equal(stderr.toString(), '', 'without a complaint');
    return stdout.toString();
  };
  const probe = JSON.parse(ask('ffprobe', '-of', 'json', '-show_streams', '-show_packets', '-i')) as {
    streams: { codec_name: string; width: number; height: number }[];
    packets: { pts_time: string; flags: string }[];
  };
  t.match(probe.streams, [{ codec_name: 'h264', width: 320, height: 192 }]);
  t.same(
    probe.packets.map(({ pts_time, flags }) => [Number(pts_time), flags.startsWith('K')]),
    camera.map(({ atMs, isKey }) => [atMs / 1000, isKey]),
  );
  const picturesOf = (...input: string[]): string[] =>
    spawnSync('ffmpeg', ['-loglevel', 'error', ...input, '-i', '-', '-f', 'framemd5', '-'], { input: input.length > 0 ? flv : file })
      .stdout.toString()
      .split('\n')
      .filter((line) => line.startsWith('0,'))
      .map((line) => line.split(',').at(-1)!.trim());
  t.same(picturesOf(), picturesOf('-f', 'flv'), 'the very same pictures');
  const tags = JSON.parse(ask('ffprobe', '-of', 'json', '-show_format', '-show_streams', '-i')) as {
    format: { tags: { creation_time: string } };
    streams: { tags: { creation_time: string } }[];
  };
  t.same(
    [tags.format.tags.creation_time, tags.streams[0]!.tags.creation_time],
    ['2026-11-24T12:00:00.000000Z', '2026-11-24T12:00:00.000000Z'],
  );
  await t.rejects(mp4Of([], { width: 1, height: 1 }, START), RangeError);
});

function keep(
  t: Test,
  more: { objected?: () => boolean; room?: () => boolean } = {},
): { clips: Clips; data: string; put(name: string, units?: readonly AccessUnit[]): void } {
  const data = t.testdir({});
  const store = openStore(data);
  t.teardown(() => store[Symbol.dispose]());
  const clips = openClips({ data, store, isObjected: more.objected ?? (() => false), hasRoom: more.room ?? (() => true), now: Date.now });
  return {
    clips,
    data,
    put(name, units = camera) {
      mkdirSync(`${data}/clips/${HOME}`, { recursive: true });
      writeFileSync(
        `${data}/clips/${HOME}/${name}.clip`,
        Buffer.concat([clipHeadLine({ ...head, name }), sealGroup(store.clipKey(HOME), name, 0, units)]),
      );
    },
  };
}

t.test('off until somebody switches it on; one objection, or a full disk, holds it back and is said; it is left as it was', async (t) => {
  let isObjected = false;
  let hasRoom = true;
  const { clips, data } = keep(t, { objected: () => isObjected, room: () => hasRoom });
  t.equal(clips.place(), null);
  clips.set(true, 'ada');
  t.match(clips.place(), { folder: `${data}/clips/home` });
  t.equal(Buffer.from(clips.place()!.key, 'base64url').length, 32);
  isObjected = true;
  t.same([clips.place(), clips.state().held], [null, 'objection']);
  isObjected = false;
  hasRoom = false;
  t.same([clips.place(), clips.state().held], [null, 'disk']);
  hasRoom = true;
  t.match(JSON.parse(readFileSync(`${data}/clips.json`, 'utf8')), { isOn: true, by: 'ada' });
  writeFileSync(`${data}/clips.json`, 'torn');
  const again = openClips({
    data,
    store: openStore(t.testdir({ other: {} })),
    isObjected: () => false,
    hasRoom: () => true,
    now: Date.now,
  });
  t.equal(again.state().isOn, false, 'when nobody can say how it was left it is off');
});

t.test('what was recorded is listed with its time and why, given back, deleted for ever, and let go oldest first', async (t) => {
  const { clips, data, put } = keep(t);
  put('aaaaaaaaaa');
  await clips.recorded({ name: 'aaaaaaaaaa', startMs: 1000, lastsMs: 2900, pictures: 30, cause: 'motion' });
  put('bbbbbbbbbb');
  await clips.recorded({ name: 'bbbbbbbbbb', startMs: 9000, lastsMs: 2900, pictures: 30, cause: 'motion' });
  t.match(clips.list(), [
    { name: 'bbbbbbbbbb', startMs: 9000, camera: 'Test', cause: 'motion' },
    { name: 'aaaaaaaaaa', startMs: 1000 },
  ]);
  t.same(
    clips.pictures('aaaaaaaaaa')?.units.map(({ bytes }) => bytes.length),
    camera.map(({ bytes }) => bytes.length),
  );
  t.notOk(readFileSync(`${data}/clips/home/aaaaaaaaaa.clip`).includes(camera[0]!.bytes.subarray(40, 60)), 'sealed on disk');
  t.equal(clips.pictures('../../etc/passwd'), undefined);
  t.ok(clips.dropOldest() > 0);
  t.same(
    clips.list().map(({ name }) => name),
    ['bbbbbbbbbb'],
  );
  t.ok(clips.remove('bbbbbbbbbb'));
  t.notOk(clips.remove('bbbbbbbbbb'));
  t.same(readdirSync(`${data}/clips/home`), []);
});

t.test('a clip that a power cut ended is taken in by what of it is whole; one of a month ago is let go', async (t) => {
  const { data, put } = keep(t);
  put('cccccccccc');
  put('dddddddddd', []);
  const store = openStore(data);
  t.teardown(() => store[Symbol.dispose]());
  let aheadMs = 300_000;
  const later = openClips({ data, store, isObjected: () => false, hasRoom: () => true, now: () => Date.now() + aheadMs });
  while (later.list().length === 0 || existsSync(`${data}/clips/${HOME}/dddddddddd.clip`))
    await new Promise((resolve) => setImmediate(resolve));
  t.match(later.list(), [{ name: 'cccccccccc', pictures: 30, lastsMs: 2900 }]);
  aheadMs = (CLIP_DAYS + 1) * 86_400_000;
  later.tidy();
  t.same(later.list(), []);
});

t.test('an archive takes the home’s clips along as MP4', async (t) => {
  const { data, put } = keep(t);
  put('eeeeeeeeee');
  const store = openStore(data);
  const people = openPeople({ data, store, zone: 'Europe/Paris', now: () => START });
  t.teardown(() => {
    people[Symbol.dispose]();
    store[Symbol.dispose]();
  });
  await store
    .vault(HOME)
    .record({ kind: 'clip', name: 'eeeeeeeeee', camera: 'Test', startMs: START, lastsMs: 2900, pictures: 30, cause: 'motion' }, 'hub');
  const sources = { data, store, people };
  const parts = partsOf(sources, scopeOf(sources, 'person-1', true), `${data}/draft`, () => undefined);
  const part = parts.find(({ path }) => path.startsWith('home/clips/'))!;
  t.equal(part.path, 'home/clips/2026-11-24T12-00-00 eeeeeeeeee.mp4');
  const pieces: Buffer[] = [];
  for await (const piece of part.open()) pieces.push(Buffer.from(piece));
  t.ok(Buffer.concat(pieces).equals(await mp4Of(camera, { width: 320, height: 192 }, START)));
});
