import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { openStore } from '../../../hub/store/store.ts';
import type { AccessUnit } from '../../../hub/video/access-unit.ts';
import { clipUnits } from '../../../hub/video/clip-file.ts';
import { openClips } from '../../../hub/video/clips.ts';
import { openCover } from './cover.ts';
import { descendantsOf, encodedCamera, openEdge, openVideo, rawCamera, see, tone, until, watch } from './stage.ts';

/** Long enough for ten pictures of the test camera, had one been sent. */
const LOOK_MS = 1000;
const eyes = (): string[] => descendantsOf(process.pid).filter((command) => /ffmpeg|hub\/video\/main/.test(command));

const encoders = (): string[] => eyes().filter((command) => command.includes('libopus'));
const ears = (): string[] => eyes().filter((command) => command.includes('aevalsrc'));
for (const camera of [rawCamera, encodedCamera]) {
  t.test(
    `switched off (${camera.gives}): no process that could see or hear, no packet of picture or sound, also after a restart of the hub; on only by a person`,
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
      let isAgreed = false;
      const video = openVideo(t, edge, data, camera, clips, undefined, cover.shutter, tone, () => isAgreed);
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
      t.match(await video.stream(), { isPublished: true, soundPackets: 0 }, 'it tells what is heard, and nobody hears it');
      t.same([viewer.hasSound, viewer.soundPackets()], [false, 0], 'there is not even a track for it');

      isAgreed = true;
      await until(async () => (await video.stream()).soundPackets > 0, 'agreed: sound goes to the edge');
      const heard = await see(t, edge, video, 'person-1');
      await until(() => heard.hasSound && heard.soundPackets() > 20, 'and to who watches');
      t.match(video.state().microphone, { isLive: true });
      isAgreed = false;
      await until(() => video.state().microphone?.isLive === false, 'one takes it back');
      await until(async () => {
        const { packets, soundPackets } = await video.stream();
        return packets > 0 && soundPackets === 0;
      }, 'a session without it');
      const silent = await see(t, edge, video, 'person-1');
      const heardPackets = heard.soundPackets();
      t.same([silent.hasSound, silent.soundPackets(), encoders()], [false, 0, []], 'no track, no packet, nothing that encodes it');
      isAgreed = true;
      video.tellWishes();
      await until(async () => (await video.stream()).soundPackets > 0, 'agreed again');
      const last = await see(t, edge, video, 'person-1');
      await until(() => last.soundPackets() > 20, 'heard again');
      t.equal(heard.soundPackets(), heardPackets, 'the view that was ended stays so');
      t.equal(encoders().length, camera === encodedCamera ? 1 : 0, 'Opus comes of the engine, or of a program of its own');
      await video.switchOff('person-1');
      t.equal(video.state().state, 'private');
      t.same(eyes(), [], 'no process is left that could see');
      await until(() => cover.servo() === 0 && cover.led() === 0, 'the cover is closed, the light out', 60_000);
      await until(() => video.state().shutter?.cover === 'closed', 'and it says so', 60_000);
      await until(() => cover.goneDark() !== undefined, 'it was watched');
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
      t.same(
        [stream.isPublished, stream.packets, stream.soundPackets, stream.viewers.length],
        [false, 0, 0, 0],
        'the edge has nothing of camera or microphone',
      );
      const before = [last.packets(), last.soundPackets()];
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      t.same([last.packets(), last.soundPackets()], before, 'no packet of picture or sound reached the viewer after the switch');
      const [quiet, loud] = [
        video.kept().filter(({ soundBytes }) => soundBytes === 0),
        video.kept().filter(({ soundBytes = 0 }) => soundBytes > 0),
      ];
      t.ok(quiet.length > 0 && loud.length > 0, 'receipts tell which sessions carried sound');
      t.ok(loud.every(({ views }) => views.some(({ soundBytes = 0 }) => soundBytes > 0)));

      await video.stop();
      const next = openVideo(t, edge, data, camera, clips, undefined, cover.shutter, tone, () => isAgreed);
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
      t.equal((await next.stream()).soundPackets, 0, 'and so there is no sound, though all agreed');
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
