import type { Locator } from 'playwright-core';
import t from 'tap';
import type { MeasurementJson } from '../../hub/store/measurement-json.ts';
import { dataFolder, enter, openBrowser, shown, startHub, until } from './hub.ts';

interface BluetoothJson {
  readonly state: string;
  readonly adverts: number;
  readonly foreign: number;
  readonly found: readonly { readonly address: string; readonly name: string | null }[];
  readonly added: readonly { readonly address: string; readonly isBonded: boolean }[];
  readonly mended: Readonly<Record<string, number>>;
}

/** Of the virtual rig's scale on the air. */
const SCALE = 'C0:FF:EE:00:01:01';

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
  const step = async (kg: number): Promise<void> => {
    await hub.rig({ do: 'step-off' });
    await page.waitForSelector('[data-plate=ready]', { timeout: 60_000 });
    await hub.rig({ do: 'step-on', kg });
  };
  const page = await enter(browser, hub.url);
  const card = page.locator('bluetooth-card');

  await t.test('a thermometer that broadcasts', async (t) => {
    await openForm(card, 'Add Bedroom');
    t.same(await recorded(), [], 'nothing is recorded unasked');
    const { found, foreign } = await bluetooth();
    const names = new Set(['Bathroom scale', 'Bedroom']);
    t.same(
      found.filter(({ name }) => !names.has(name ?? '')),
      [],
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

  await t.test('our own scale, by its cable and over the air: heard when its cable is pulled, and nothing is there twice', async (t) => {
    await openForm(card, 'Add Bathroom scale');
    await save(card);
    const isPaired = async (): Promise<boolean> => (await bluetooth()).added.some(({ address, isBonded }) => address === SCALE && isBonded);
    await until(isPaired, 'the scale is paired with', 60_000);
    await until(async () => (await hub.latest('weight')) !== undefined, 'a weight by the cable', 60_000);
    await hub.rig({ do: 'unplug', cable: 'scale' });
    await step(61.4);
    const isShown = async (): Promise<boolean> => Math.abs(((await shown(page, 'weight')) ?? 0) - 61.4) < 0.1;
    await until(isShown, 'the weight of the scale over the air', 60_000);
    const weight = (await hub.latest('weight'))!;
    t.match(weight, { unit: 'kg', category: 'body', device: 'virtual-scale', flag: 'ok' }, 'it is the device that the cable has');
    t.pass(`${Date.now() - Date.parse(weight.end)} ms from the weigh-in to the page`);
    await hub.rig({ do: 'plug', cable: 'scale' });
    // What the cable has to say of the time when it was pulled comes before what is measured next.
    await step(72.35);
    await until(async () => Math.abs(((await hub.latest('weight'))?.value ?? 0) - 72.35) < 0.1, 'the next weight', 60_000);
    const weights = await hub.get<MeasurementJson[]>('/api/v1/measurements?quantity=weight&limit=1000');
    t.equal(weights.filter(({ value }) => Math.abs((value ?? 0) - 61.4) < 0.1).length, 1, 'one weigh-in over two ways is one measurement');
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
