/** What goes wrong with sensors, as the person sees it: on the page and from the command line, each by name and with what to do. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { dataFolder, enter, openBrowser, shown, startHub, until } from './hub.ts';

const SCALE = { board: 'board-scale', address: 0x2a };
const CO2 = { board: 'board-home', address: 0x62 };
/** Longer than any fault takes to be seen on a busy machine. */
const PATIENCE_MS = 90_000;
const hearth = fileURLToPath(new URL('../../hub/cli/main.ts', import.meta.url));

t.test('what goes wrong with a sensor is named, with what to do, and ends when it is mended', async (t) => {
  const hub = await startHub(dataFolder(t), '--no-camera', '--no-bluetooth', '--no-edge');
  const browser = await openBrowser();
  t.teardown(async () => {
    await browser.close();
    await hub.stop('SIGTERM');
  });
  const page = await enter(browser, hub.url);
  const sees = async (name: string, words: RegExp): Promise<void> => {
    const device = page.locator('device-list li', { hasText: name });
    const text = async (): Promise<string> => ((await device.textContent()) ?? '').replace(/\s+/g, ' ');
    await until(async () => words.test(await text()), `${name}: ${words}`, PATIENCE_MS);
  };
  const alarms = (quantity: string): Promise<string[]> => page.locator(`[data-quantity=${quantity}] .alarm`).allTextContents();

  await hub.rig({ do: 'lay', kg: 1000 });
  await sees('Bathroom scale', /needs you .* a wire of the load cell is broken \(E\+, E-, A\+, A-\)/);
  const weight = await shown(page, 'weight');
  await hub.rig({ do: 'lay', kg: 350 });
  await sees('Bathroom scale', /needs you the scale reads 350.0 kg, which nobody weighs: calibrate it again/);
  await hub.rig({ do: 'lay', kg: -72 });
  await sees('Bathroom scale', /needs you the scale reads -72.0 kg: swap the wires A\+ and A-/);
  t.match(await alarms('weight'), [/swap the wires/], 'also where the weight stands');
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    hearth,
    '--data',
    hub.data,
    'status',
  ]);
  t.match(stdout, /virtual-scale +fault: the scale reads -72.0 kg: swap the wires/);
  await hub.rig({ do: 'lay', kg: 0 });
  await sees('Bathroom scale', /ready: step on/);
  t.equal(await shown(page, 'weight'), weight, 'none of it was a weight');

  await hub.rig({ do: 'chip-off', ...SCALE, isOff: true });
  await sees('Bathroom scale', /nau7802: nobody answers at I2C address 0x2a: check its wiring and its supply/);
  await hub.rig({ do: 'chip-spoil', ...SCALE, isSpoiled: true });
  await hub.rig({ do: 'chip-off', ...SCALE, isOff: false });
  await sees('Bathroom scale', /NAU7802 at 0x2a: .* another chip is at this address; name it in the rig file/);
  await hub.rig({ do: 'chip-spoil', ...SCALE, isSpoiled: false });
  await sees('Bathroom scale', /ready: step on/);

  await hub.rig({ do: 'chip-spoil', ...CO2, isSpoiled: true });
  await hub.rig({ do: 'unplug', cable: 'uart-virtual-home-pms5003' });
  await sees('Living room', /needs you .*SCD41 at 0x62: a wrong checksum: check the length and the pull-ups of its wires/);
  await sees('Living room', /needs you .*pms5003: .*is its cable plugged in\?/);
  t.same(await alarms('temperature'), [], 'the chip beside them is well');
  await hub.rig({ do: 'chip-spoil', ...CO2, isSpoiled: false });
  await hub.rig({ do: 'plug', cable: 'uart-virtual-home-pms5003' });
  await sees('Living room', /connected/);

  await hub.rig({ do: 'unplug', cable: 'home' });
  await sees('Living room', /away · seen .* the cable of home was unplugged: plug it in again/);
  await hub.rig({ do: 'plug', cable: 'home' });
  await sees('Living room', /connected/);
});
