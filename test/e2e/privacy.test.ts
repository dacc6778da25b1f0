import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { descendantsOf } from '../hub/video/stage.ts';
import { dataFolder, startHub, type TestHub, until } from './hub.ts';

const cli = fileURLToPath(new URL('../../hub/cli/main.ts', import.meta.url));
/** `hearth camera …` as a person types it. */
const hearth = (hub: TestHub, ...words: string[]): string =>
  execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', cli, '--data', hub.data, 'camera', ...words], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
const eyes = (hub: TestHub): string[] => descendantsOf(hub.process.pid!).filter((command) => /ffmpeg|hub\/video\/main/.test(command));
const stateOf = async (hub: TestHub): Promise<string> => (await hub.get<{ video: { state: string } }>('/healthz')).video.state;

type Shutter = { cover: string; isLit: boolean };
/** Of the virtual rig's Arduino, by its device program and its line. */
const shutterOf = async (hub: TestHub): Promise<Shutter> => (await hub.get<{ shutter: Shutter }>('/api/v1/camera')).shutter;
const isClosed = async (hub: TestHub): Promise<boolean> => {
  const { cover, isLit } = await shutterOf(hub);
  return cover === 'closed' && !isLit;
};

t.test('hearth camera off: nothing runs that could see, also after the hub was killed; only hearth camera on brings it back', async (t) => {
  const data = dataFolder(t);
  const hub = await startHub(data, '--camera', 'test-h264', '--no-bluetooth');
  t.teardown(() => hub.stop('SIGKILL'));
  await until(async () => (await stateOf(hub)) === 'live', 'live', 60_000);
  t.match(hearth(hub), /state +live/);
  await until(async () => (await shutterOf(hub)).cover === 'open', 'the rig uncovers the camera', 60_000);
  t.match(hearth(hub, 'microphone', 'on'), /microphone +Test tone: on/);
  t.ok(eyes(hub).length >= 3, 'camera, microphone and their program');
  t.match(hearth(hub, 'off'), /switched off by the hub’s command line/);
  t.same(eyes(hub), []);
  await until(() => isClosed(hub), 'its cover is closed, its light out', 60_000);

  await hub.stop('SIGKILL');
  const next = await startHub(data, '--camera', 'test-h264', '--no-bluetooth');
  t.teardown(() => next.stop('SIGTERM'));
  await until(() => next.said().includes('switched off and stays off'), 'the hub says so', 30_000);
  t.equal(await stateOf(next), 'private');
  t.same(eyes(next), [], 'nothing resumes by itself');
  await until(() => isClosed(next), 'the rig keeps it covered', 60_000);
  t.match(hearth(next, 'on'), /microphone +Test tone: off/, 'which is agreed to by itself');
  await until(async () => (await stateOf(next)) === 'live', 'live again', 60_000);
  const { rows } = await next.get<{ rows: { kind: string; actor: string }[] }>('/api/v1/operations');
  t.same(
    rows.filter(({ kind }) => kind.startsWith('camera-o')).map(({ kind, actor }) => `${kind} ${actor}`),
    ['camera-on machine', 'camera-off machine'],
  );
});
