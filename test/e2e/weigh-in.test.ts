import { readFileSync } from 'node:fs';
import t from 'tap';
import type { MeasurementJson } from '../../hub/web/schemas.ts';
import { dataFolder, enter, openBrowser, shown, startHub, type TestHub, until } from './hub.ts';

/** Rows of a measurement that the embedded edge has, asked of the edge itself. */
async function onEdge(hub: TestHub, id: string): Promise<MeasurementJson[]> {
  const token = readFileSync(`${hub.data}/edge.token`, 'utf8').trim();
  const { url } = await hub.get<{ url: string }>('/api/v1/edge');
  const response = await fetch(`${url}/v1/hubs/hub/vaults/person-1/log?limit=1000`, { headers: { authorization: `Bearer ${token}` } });
  return ((await response.json()) as MeasurementJson[]).filter((row) => row.id === id);
}

t.test('a person of 72.35 kg steps on: the page shows it within 5 s, and the edge has it once, through a kill and a restart', async (t) => {
  const data = dataFolder(t);
  let hub = await startHub(data, '--no-camera', '--no-bluetooth');
  const browser = await openBrowser();
  t.teardown(async () => {
    await browser.close();
    await hub.stop('SIGKILL');
  });
  const page = await enter(browser, hub.url);
  await until(async () => (await shown(page, 'weight')) !== undefined, 'the first weight', 60_000);

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
