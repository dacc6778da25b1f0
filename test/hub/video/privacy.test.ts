import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import type { Microphone } from '../../../hub/sources/microphone.ts';
import { openStore } from '../../../hub/store/store.ts';
import type { AccessUnit } from '../../../hub/video/access-unit.ts';
import { clipUnits } from '../../../hub/video/clip-file.ts';
import { openClips } from '../../../hub/video/clips.ts';
import { openCover } from './cover.ts';
import { descendantsOf, encodedCamera, openEdge, openVideo, rawCamera, until, watch } from './stage.ts';

/** Long enough for ten pictures of the test camera, had one been sent. */
const LOOK_MS = 1000;
const eyes = (): string[] => descendantsOf(process.pid).filter((command) => /ffmpeg|hub\/video\/main/.test(command));

const ears = (): string[] => eyes().filter((command) => command.includes('aevalsrc'));
/** A tone after a second. */
const source = 'aevalsrc=0.2*sin(2*PI*440*t)*between(t\\,1\\,2):s=16000';
const tone: Microphone = {
  name: 'Tone',
  command: 'ffmpeg',
  args: ['-loglevel', 'error', '-re', '-f', 'lavfi', '-i', source, '-f', 's16le', '-flush_packets', '1', '-'],
};

for (const camera of [rawCamera, encodedCamera]) {
  t.test(
    `switched off (${camera.gives}): no process that could see, no packet, also after a restart of the hub; on only by a person`,
    async (t) => {
      const edge = await openEdge(t);
      const data = t.testdir({});
      const store = openStore(data);
      t.teardown(() => store[Symbol.dispose]());
      const clips = openClips({ data, store, isObjected: () => false, hasRoom: () => true, now: Date.now });
      clips.set(true, 'person-1');
      const clipFiles = (): string[] => readdirSync(`${data}/clips/home`).sort();
      const picturesOf = (file: string): AccessUnit[] => [...clipUnits(readFileSync(`${data}/clips/home/${file}`), store.clipKey('home'))];
      const cover = await openCover(t, eyes);
      const video = openVideo(t, edge, data, camera, clips, undefined, cover.shutter, tone);
      await until(() => video.state().state === 'live', 'live');
      await until(() => cover.servo() === 90 && cover.led() === 1, 'the cover is open and the light on', 60_000);
      await until(() => clipFiles().some((file) => picturesOf(file).length > 3), 'the moving picture is recorded', 60_000);
      const viewer = await watch(t, edge, await video.watchToken('person-1'));
      await until(() => viewer.packets() > 20, 'packets at the viewer');
      t.ok(eyes().length >= 2, 'the camera’s program and the video program run');

      t.same(ears(), [], 'nobody agreed to the microphone yet');
      video.setMicrophone(true, 'person-1');
      await until(() => video.state().microphone?.heard?.lastsMs !== undefined, 'the tone is heard', 60_000);
      t.match(video.state().microphone, { isOn: true, by: 'person-1', message: '' });
      t.equal(ears().length, 1);
      await video.switchOff('person-1');
      t.equal(video.state().state, 'private');
      t.same(eyes(), [], 'no process is left that could see');
      await until(() => cover.servo() === 0 && cover.led() === 0, 'the cover is closed, the light out', 60_000);
      await until(() => video.state().shutter?.cover === 'closed', 'and it says so', 60_000);
      t.same(
        cover.goneDark(),
        { servo: 0, eyes: [] },
        'in that order: the cover closes, nothing is left that could see, then the light goes out',
      );
      t.match(video.state().shutter, { isLit: false, trouble: '' });
      await until(() => clips.list().length > 0, 'the clip that was being recorded is whole and noted', 60_000);
      const recorded = clipFiles().map((file) => [file, picturesOf(file).length]);
      t.ok(
        clipFiles().every((file) => picturesOf(file)[0]?.isKey !== false),
        'each begins where a player can begin',
      );
      const stream = await video.stream();
      t.same([stream.isPublished, stream.packets, stream.viewers.length], [false, 0, 0], 'the edge has nothing of the camera');
      const before = viewer.packets();
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      t.equal(viewer.packets(), before, 'no packet reached the viewer after the switch');

      await video.stop();
      const next = openVideo(t, edge, data, camera, clips, undefined, cover.shutter, tone);
      t.equal(next.state().state, 'private', 'still off');
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      t.same(eyes(), [], 'nothing was started by itself');
      t.equal((await next.stream()).packets, 0);
      t.same([cover.servo(), cover.led()], [0, 0], 'still closed and dark');
      t.same(
        clipFiles().map((file) => [file, picturesOf(file).length]),
        recorded,
        'nothing was recorded while it was off, though clips are on',
      );
      t.equal(next.state().off?.by, 'person-1', 'who switched it is kept');

      await next.switchOn();
      await until(() => next.state().state === 'live', 'live again');
      t.same([ears(), next.state().microphone?.isOn], [[], false], 'the microphone is agreed to by itself');
      await until(async () => (await next.stream()).packets > 0, 'packets again');
      await until(() => cover.servo() === 90, 'the cover opens', 60_000);
      cover.unplug();
      await next.switchOff('person-1');
      t.same(eyes(), [], 'the board is gone: the camera is off all the same');
      t.match(
        next.state().shutter,
        { cover: 'moving', trouble: /^The shutter ‘Eye’: / },
        'and it is said that the cover is not known to be closed',
      );
      await next.stop();
      t.same(eyes(), [], 'nothing is left behind');
    },
  );
}
