import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { dataFolder, PASSWORD, startHub, type TestHub, until } from './hub.ts';

/** Nobody walks or steps on a scale here: what is counted is what the test enters. */
const STILL = `
name: still
boards:
  - { name: pi, protocol: pi, i2c: 99, devices: [{ kind: home, id: air, name: Air, air: [{ chip: sht4x }] }] }
`;
const HOUR_MS = 3_600_000;
const cli = fileURLToPath(new URL('../../hub/cli/main.ts', import.meta.url));
const hearth = async (hub: TestHub, ...words: string[]): Promise<string> => {
  const args = ['--disable-warning=ExperimentalWarning', cli, '--data', hub.data, ...words];
  return (await promisify(execFile)(process.execPath, args, { env: { ...process.env, NODE_OPTIONS: '' } })).stdout;
};
const post = async <T>(hub: TestHub, path: string, body: object): Promise<T> => {
  const token = readFileSync(`${hub.data}/cli.token`, 'utf8').trim();
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const response = await fetch(`${hub.url}/api/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  return (await response.json()) as T;
};

t.test('E4, B8: two hubs of two homes compare steps; the friend’s number is in no file and in no line', async (t) => {
  const hubs = await Promise.all(
    [104_321, 173_913].map(async (steps) => {
      const data = dataFolder(t);
      writeFileSync(`${data}/rig.yaml`, STILL);
      const hub = await startHub(data, '--no-edge', '--no-camera', '--no-bluetooth', '--rig', `${data}/rig.yaml`);
      t.teardown(() => hub.stop('SIGTERM'));
      await post(hub, 'claim', { name: 'Walker', password: PASSWORD });
      await post(hub, 'measurements', { quantity: 'steps', value: steps, at: new Date(Date.now() - HOUR_MS).toISOString() });
      return hub;
    }),
  );
  const [one, two] = hubs as [TestHub, TestHub];
  const [from, to] = [-24, 24].map((hours) => new Date(Date.now() + hours * HOUR_MS).toISOString()) as [string, string];
  const { challenge } = await post<{ challenge: { id: string } }>(one, 'challenges', { name: 'Spring', kind: 'friends', from, to });
  const link = `${one.url}/${(await post<{ link: string }>(one, `challenges/${challenge.id}/invitations`, {})).link}`;
  const { terms, termsHash } = await post<{ terms: string; termsHash: string }>(two, 'challenges/terms', { link });
  t.match(terms, /kept nowhere else/);
  await post(two, 'challenges/join', { link, termsHash, as: 'Two', address: two.url });
  const isThere = async (): Promise<boolean> =>
    /Two +173913\n.*\(you\) +104321\nall +278234/.test(await hearth(one, 'challenge', 'look', challenge.id));
  await until(isThere, 'both numbers and their sum', 60_000);
  await one.stop('SIGTERM');
  const files = readdirSync(one.data, { recursive: true, encoding: 'utf8' })
    .map((name) => `${one.data}/${name}`)
    .filter((file) => statSync(file).isFile());
  t.ok(files.length > 3);
  t.same(
    files.filter((file) => readFileSync(file).includes('173913')),
    [],
    'in no file',
  );
  t.notMatch(one.said(), /173913/);
});
