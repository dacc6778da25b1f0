import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Locator } from 'playwright-core';
import t from 'tap';
import type { MeasurementJson } from '../../hub/web/schemas.ts';
import { dataFolder, enter, openBrowser, startHub, until } from './hub.ts';

interface BluetoothJson {
  readonly state: string;
  readonly adverts: number;
  readonly foreign: number;
  readonly found: readonly { readonly address: string; readonly name: string | null }[];
  readonly mended: Readonly<Record<string, number>>;
}

/** Presses a button until its form is open: while the page fills, what is pressed may move away under the pointer. */
async function openForm(card: Locator, button: string): Promise<void> {
  const name = card.getByLabel('Name');
  await card.getByRole('button', { name: button }).waitFor({ timeout: 30_000 });
  const isOpen = async (): Promise<boolean> => {
    if (await name.isVisible()) return true;
    await card.getByRole('button', { name: button }).click();
    return name.isVisible();
  };
  await until(isOpen, `the form behind '${button}'`, 15_000);
}

/** Saves the open form, and again should the press have missed. */
async function save(card: Locator): Promise<void> {
  const button = card.getByRole('button', { name: 'Save' });
  const isShut = async (): Promise<boolean> => {
    if (!(await button.isVisible())) return true;
    // It may be gone between two looks: then it was taken.
    await button.click({ timeout: 2000 }).catch(() => undefined);
    return !(await button.isVisible());
  };
  await until(isShut, 'the form is taken', 30_000);
}

t.test('what is in the air is offered and recorded once it is added, and heard again after the radio went deaf', async (t) => {
  const hub = await startHub(dataFolder(t), '--no-camera', '--no-edge');
  const browser = await openBrowser();
  t.teardown(async () => {
    await browser.close();
    await hub.stop('SIGTERM');
  });
  const bluetooth = (): Promise<BluetoothJson> => hub.get('/api/v1/bluetooth');
  const recorded = async (): Promise<MeasurementJson[]> =>
    (await hub.get<MeasurementJson[]>('/api/v1/latest')).filter(({ device }) => device.startsWith('ble-'));
  const page = await enter(browser, hub.url);
  const card = page.locator('bluetooth-card');

  await t.test('a thermometer that broadcasts', async (t) => {
    await openForm(card, 'Add Bedroom');
    t.same(await recorded(), [], 'nothing is recorded unasked');
    const { found, foreign } = await bluetooth();
    t.same(
      found.map(({ name }) => name),
      ['Bedroom'],
      "the neighbours' phones are not offered",
    );
    t.ok(foreign > 0, 'but counted');

    await card.getByLabel('Name').fill('Cellar');
    await save(card);
    // What follows from them, a dew point, may be there as soon as they are.
    const own = async (): Promise<string[]> =>
      (await recorded()).flatMap(({ device, quantity }) => (device === 'ble-a4c138000009' ? [quantity] : [])).sort();
    await until(async () => (await own()).length >= 3, 'temperature, humidity and battery', 60_000);
    t.same(await own(), ['battery', 'humidity', 'temperature']);
    t.match(
      (await recorded()).find(({ quantity }) => quantity === 'temperature'),
      { device: 'ble-a4c138000009', unit: 'Cel', category: 'environment', flag: 'ok' },
    );
    await card.getByText('Cellar').waitFor();
  });

  await t.test('a body scale on the real bleno, connected to when it wakes, whose weight is on the page', async (t) => {
    const peripheral = fileURLToPath(new URL('../hardware/virtual/radio/peripheral.ts', import.meta.url));
    const scale = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', peripheral], {
      env: { ...process.env, BLUETOOTH_HCI_SOCKET_UART_PORT: `${hub.data}/run/hci-device` },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.teardown(() => scale.kill('SIGKILL'));
    let indicatedMs = 0;
    scale.stdout.once('data', () => {
      indicatedMs = performance.now();
    });
    await openForm(card, 'Add Hall scale');
    await save(card);
    const weight = async (): Promise<MeasurementJson | undefined> =>
      (await recorded()).find(({ device, quantity }) => device === 'ble-0024e4112233' && quantity === 'weight');
    await until(async () => (await weight()) !== undefined, 'the weight of the scale', 120_000);
    await page.locator('[data-quantity=weight]', { hasText: 'Hall scale' }).waitFor();
    const tookMs = performance.now() - indicatedMs;
    t.ok(indicatedMs > 0, `${Math.round(tookMs)} ms from the indication to the page`);
    t.match(await weight(), { value: 72.35, unit: 'kg', category: 'body', flag: 'ok' });
  });
  // Drawing takes more of the machine than all that follows.
  await browser.close();

  await t.test('a radio that goes deaf, and one that is pulled', async () => {
    // How patient the hub is follows from how often it heard something.
    await until(async () => (await bluetooth()).adverts >= 100, 'a hundred broadcasts', 60_000);
    await hub.rig({ do: 'deaf', until: 'reset' });
    await until(async () => (await bluetooth()).mended['power-cycle'] === 1, 'the radio is mended', 120_000);
    await hub.rig({ do: 'unplug', cable: 'bluetooth' });
    await until(async () => (await bluetooth()).state === 'deaf', 'the pulled adapter is noticed', 60_000);
    await hub.rig({ do: 'plug', cable: 'bluetooth' });
    await until(async () => (await bluetooth()).state === 'hearing', 'and used again', 60_000);
  });
});
