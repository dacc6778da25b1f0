import { writeFileSync } from 'node:fs';
import t from 'tap';
import { openCameraSwitch } from '../../../hub/video/camera-switch.ts';

const OFF = { kind: 'off', sinceUtcMs: 1_764_000_000_000, by: 'person-1' } as const;

t.test('a camera that nobody switched is on; off and who switched it outlive a restart, and so does on', async (t) => {
  const file = `${t.testdir({})}/camera.json`;
  const first = openCameraSwitch(file);
  t.equal(first.state.kind, 'on');
  first.set(OFF);
  t.same(openCameraSwitch(file).state, OFF);
  openCameraSwitch(file).set({ kind: 'on' });
  t.equal(openCameraSwitch(file).state.kind, 'on');
});

t.test('a file that cannot be understood means off', async (t) => {
  for (const content of ['', '{"kind":"on"', 'null', '[]', '{"kind":"off"}', '{"kind":"perhaps"}', '{}', '\u0000\u0000\u0000']) {
    const file = `${t.testdir({})}/camera.json`;
    writeFileSync(file, content);
    t.equal(openCameraSwitch(file).state.kind, 'off', JSON.stringify(content));
  }
});

t.test('off counts although the disk refuses it; on does not', async (t) => {
  const nowhere = `${t.testdir({})}/gone/camera.json`;
  const camera = openCameraSwitch(nowhere);
  t.throws(() => camera.set(OFF));
  t.equal(camera.state.kind, 'off');
  t.throws(() => camera.set({ kind: 'on' }));
  t.equal(camera.state.kind, 'off');
});
