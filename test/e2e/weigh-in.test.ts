import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import type { MeasurementJson } from '../../hub/store/measurement-json.ts';
import { dataFolder, enter, openBrowser, shown, startHub, type TestHub, until } from './hub.ts';

/** Rows of a measurement that the embedded edge has, asked of the edge itself. */
async function onEdge(hub: TestHub, id: string): Promise<MeasurementJson[]> {
  const token = readFileSync(`${hub.data}/edge.token`, 'utf8').trim();
  const { url } = await hub.get<{ url: string }>('/api/v1/edge');
  const response = await fetch(`${url}/v1/hubs/hub/vaults/person-1/log?limit=1000`, { headers: { authorization: `Bearer ${token}` } });
  return ((await response.json()) as MeasurementJson[]).filter((row) => row.id === id);
}

/** Presses until it is done: while the page fills, what is pressed may move away under the pointer. */
const press = (button: () => Promise<unknown>, done: () => Promise<boolean>, what: string): Promise<void> =>
  until(
    async () => {
      if (await done()) return true;
      await button().catch(() => undefined);
      return done();
    },
    what,
    60_000,
  );

/** A cuff for two on the real bleno, which stored a reading of each: from the first sight of it to whose the readings are. */
async function takeCuff(t: Test, hub: TestHub, page: Page): Promise<void> {
  const systolic = async (): Promise<MeasurementJson[]> =>
    (await hub.get<MeasurementJson[]>('/api/v1/latest')).filter(({ quantity }) => quantity === 'systolic');
  const card = page.locator('bluetooth-card');
  const [name, add, save] = [
    card.getByLabel('Name'),
    card.getByRole('button', { name: 'Add Cuff' }),
    card.getByRole('button', { name: 'Save' }),
  ];
  await add.waitFor({ timeout: 60_000 });
  t.same(await systolic(), [], 'nothing is recorded unasked');
  await press(
    () => add.click({ timeout: 2000 }),
    () => name.isVisible(),
    'the form',
  );
  await name.fill('Arm');
  await press(
    () => save.click({ timeout: 2000 }),
    async () => !(await name.isVisible()),
    'it is added',
  );

  const row = page.locator('more-values li', { hasText: 'Systolic blood pressure' });
  await row.filter({ hasText: '121' }).waitFor({ timeout: 90_000 });
  t.match(await row.textContent(), /Body.*Arm 1/s, 'with its category and device');
  const [first] = await systolic();
  t.match(first, { unit: 'mm[Hg]', category: 'body', timeQuality: 'device', flag: 'ok' });
  const agoS = (Date.now() - Date.parse(first!.end)) / 1000;
  t.ok(agoS > 7100 && agoS < 7600, `at its own time, two hours ago, though its clock began in 2000: ${Math.round(agoS)} s`);

  await page.goto(`${hub.url}/#/inbox`);
  await page.getByText('Readings of Arm 2').waitFor({ timeout: 60_000 });
  const whose = page.getByRole('button', { name: 'Ada' }).first();
  const isGiven = async (): Promise<boolean> => (await systolic()).some(({ value, device }) => value === 133 && device.endsWith('-2'));
  await press(() => whose.click({ timeout: 2000 }), isGiven, 'the second user’s reading is given by a tap');
}

t.test('a person of 72.35 kg steps on: the page shows it within 5 s, and the edge has it once, through a kill and a restart', async (t) => {
  const data = dataFolder(t);
  let hub = await startHub(data, '--no-camera');
  const browser = await openBrowser();
  t.teardown(async () => {
    await browser.close();
    await hub.stop('SIGKILL');
  });
  const page = await enter(browser, hub.url);
  await until(async () => (await shown(page, 'weight')) !== undefined, 'the first weight', 60_000);
  // On the air while the person weighs; the radio is up by now.
  const serve = fileURLToPath(new URL('../../hardware/virtual/radio/serve.ts', import.meta.url));
  const cuff = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', serve, `blood-pressure=${data}/run/hci-device`], {
    stdio: ['pipe', 'ignore', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  t.teardown(() => cuff.kill('SIGKILL'));

  await hub.rig({ do: 'step-off' });
  await hub.rig({ do: 'step-on', kg: 60 });
  await until(async () => Math.abs(((await shown(page, 'weight')) ?? 0) - 60) < 0.1, 'a person of 60 kg', 30_000);
  await hub.rig({ do: 'step-off' });
  await page.waitForSelector('[data-plate=ready]', { timeout: 30_000 });
  await hub.rig({ do: 'step-on', kg: 72.35 });
  await until(async () => Math.abs(((await shown(page, 'weight')) ?? 0) - 72.35) <= 0.05, 'the page shows 72.3 to 72.4 kg', 5000);

  const weight = (await hub.latest('weight'))!;
  t.equal(weight.value?.toFixed(2), (await shown(page, 'weight'))?.toFixed(2), 'page and API say the same');
  t.match(weight, { unit: 'kg', category: 'body', device: 'virtual-scale', flag: 'ok' });
  await until(async () => (await onEdge(hub, weight.id)).length === 1, 'the row is on the edge', 30_000);
  await t.test('a blood pressure monitor is added on the way', (t) => takeCuff(t, hub, page));
  cuff.kill('SIGKILL');

  // Killed while the person stands on the scale, without a chance to put anything away.
  await hub.stop('SIGKILL');
  hub = await startHub(data, '--no-camera', '--no-bluetooth');
  const rows = await hub.get<MeasurementJson[]>('/api/v1/measurements?subject=person-1&quantity=weight&limit=1000');
  t.equal(rows.filter(({ id }) => id === weight.id).length, 1, 'still there, once');
  t.equal(new Set(rows.map(({ id }) => id)).size, rows.length, 'nothing is doubled');
  await until(async () => (await hub.get<{ lag: number; state: string }>('/api/v1/edge')).state === 'synced', 'the edge has all', 60_000);
  t.match(await onEdge(hub, weight.id), [{ id: weight.id, value: weight.value, end: weight.end }]);
  t.equal((await onEdge(hub, weight.id)).length, 1, 'once on the edge');
  t.equal(await hub.stop('SIGINT'), 0, 'Ctrl-C ends it cleanly');
});
