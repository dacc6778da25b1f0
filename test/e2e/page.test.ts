import type { Browser, Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { seriousFindings } from './axe.ts';
import { dataFolder, enter, openBrowser, shown, startHub, until } from './hub.ts';

const sidewaysPx = (page: Page): Promise<number> =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');

async function openDoor(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 360, height: 740 } });
  await page.goto(url);
  await page.waitForSelector('input[name=password]');
  return page;
}

/** The page of the air monitor: how well it measures, and a thermometer set half a degree lower. */
async function correctThermometer(t: Test, page: Page, url: string): Promise<void> {
  // The device's own first word on its health comes after a minute.
  await page.route('**/api/v1/latest', async (route) => {
    const answer = await route.fetch();
    const rows = (await answer.json()) as { quantity: string; device: string }[];
    const air = rows.find(({ device, quantity }) => device === 'virtual-home' && quantity === 'temperature')!;
    await route.fulfill({ response: answer, json: [{ ...air, quantity: 'spoiled_samples', value: 3 }, ...rows] });
  });
  await page.goto(`${url}/#/device/virtual-home`);
  t.match(await page.locator('[data-health=spoiled_samples]').textContent(), /3 samples.*length of its cable/s);
  const row = page.locator('li', { has: page.locator('[data-correction=temperature]') });
  await row.locator('summary').click();
  await row.locator('input[name=offset]').fill('-0.5');
  await row.locator('button', { hasText: 'Correct by this' }).click();
  await page.locator('[data-correction=temperature]', { hasText: 'Corrected: -0.5 °C' }).waitFor();
  await until(async () => /the sensor said/.test((await row.textContent()) ?? ''), 'what the sensor said beside it', 60_000);
  t.same(await seriousFindings(page), []);
  await page.setViewportSize({ width: 360, height: 740 });
  t.equal(await sidewaysPx(page), 0);
}

t.test('the page is for everybody: in the dark, on a phone, with a screen reader, and nothing comes from elsewhere', async (t) => {
  const hub = await startHub(dataFolder(t));
  const browser = await openBrowser();
  t.teardown(async () => {
    await browser.close();
    await hub.stop('SIGTERM');
  });

  const door = await openDoor(browser, hub.url);
  t.same(await seriousFindings(door), [], 'before the claim');
  t.equal(await sidewaysPx(door), 0);
  await door.close();

  const page = await enter(browser, hub.url);
  const foreign: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(hub.url) && !request.url().startsWith('blob:')) foreign.push(request.url());
  });
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  await page.reload();
  await until(async () => (await shown(page, 'weight')) !== undefined && (await shown(page, 'co2')) !== undefined, 'values', 30_000);
  t.same(await seriousFindings(page), [], 'with a live picture');
  // Drawing it takes more of the machine than all that follows.
  await hub.post('/api/v1/camera/off', {});
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [width, height] of [
      [360, 740],
      [1440, 900],
    ] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height });
      t.same(await seriousFindings(page), [], `${colorScheme}, ${width} wide`);
      t.equal(await sidewaysPx(page), 0, `nothing to scroll sideways at ${width}`);
    }
  }
  const cards = page.locator('[data-quantity]');
  for (const card of await cards.all()) {
    const text = (await card.textContent()) ?? '';
    t.match(text, /Body|Activity|Environment|Technical|Identity/, 'each value says its category');
    t.ok((await card.locator('svg').count()) > 0, 'and shows its pictogram');
  }
  await correctThermometer(t, page, hub.url);
  t.same(foreign, [], 'nothing is asked of another host');
  t.same(faults, [], 'no script fails');
});
