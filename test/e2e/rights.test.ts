/** The pages of a person's rights, on a hub as its user starts it: found, used, and for everybody. */
import type { Page } from 'playwright-core';
import t from 'tap';
import { seriousFindings } from './axe.ts';
import { dataFolder, enter, openBrowser, PASSWORD, startHub, until } from './hub.ts';

const WITHIN_MS = 30_000;
const textOf = (page: Page): Promise<string> => page.evaluate('document.querySelector("main")?.innerText ?? ""');
const says = async (page: Page, words: RegExp): Promise<void> => {
  let text = '';
  const isSaid = async (): Promise<boolean> => {
    text = await textOf(page);
    return words.test(text);
  };
  await until(isSaid, String(words), WITHIN_MS).catch((error: Error) => {
    throw new Error(`${error.message}; the page says: ${text}`);
  });
};

/** The view is there with all that it loads. */
async function open(page: Page, at: string, title: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(at)}`);
  await until(async () => (await page.title()) === `${title} · Hearth`, title, WITHIN_MS);
  await until(async () => !(await textOf(page)).includes('One moment…'), `${title} loads`, WITHIN_MS);
}

t.test('what a person may do with their data is found from the first page, works there, and is for everybody', async (t) => {
  const hub = await startHub(dataFolder(t), '--no-camera', '--no-bluetooth', '--no-edge');
  const browser = await openBrowser();
  t.teardown(async () => {
    await browser.close();
    await hub.stop('SIGTERM');
  });
  const page = await enter(browser, hub.url);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('dialog', (dialog) => void dialog.accept());

  await t.test('each page: nothing serious for axe, on a phone or in the dark, nothing to scroll sideways, no error', async (t) => {
    const listed = (links: string): Promise<[at: string, title: string][]> =>
      page.evaluate(`[...document.querySelectorAll('${links}')].map((link) =>
        [link.hash, [...(link.querySelector('strong') ?? link).childNodes].find((node) => node.nodeType === 3 && node.data.trim() !== '').data])`);
    const pages = await listed('nav a');
    await open(page, '#/you', 'You');
    pages.push(...(await listed('.links a')));
    t.ok(pages.length >= 12);
    for (const [index, [at, title]] of pages.entries()) {
      // The colours are the same on all of them: every other page is looked at in the dark, on a desk.
      const isDark = index % 2 === 1;
      await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: isDark ? 'dark' : 'light' });
      await page.setViewportSize({ width: 360, height: 740 });
      await open(page, at, title);
      t.equal(await page.locator('[role=alert]').count(), 0, `${title} says no error`);
      t.equal(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0, `${title} fits 360 pixels`);
      if (isDark) await page.setViewportSize({ width: 1280, height: 800 });
      t.same(await seriousFindings(page), [], `${title} ${isDark ? 'in the dark' : 'on a phone'}`);
    }
  });

  await t.test('C3, C4: a value is entered, changed and taken out', async () => {
    await open(page, '#/you/values', 'Your values');
    await page.fill('form input[name=value]', '81.5');
    await page.click('text=Keep it');
    await says(page, /81\.50/);
    const row = page.locator('.devices li', { hasText: '81.50' });
    await row.locator('text=Change').click();
    await page.fill('.devices input[name=value]', '82.5');
    await page.click('text=Save');
    await says(page, /82\.50/);
    const changed = page.locator('.devices li', { hasText: '82.50' });
    await changed.locator('text=History').click();
    await says(page, /81\.50 · .*by hand[\s\S]*82\.50 · .*by you/);
    await changed.locator('text=Take out').click();
    await until(async () => !(await textOf(page)).includes('82.50'), 'the value is gone', WITHIN_MS);
  });

  await t.test('C5: a purpose is objected to only after it was said what stops', async () => {
    await open(page, '#/you/purposes', 'What it is used for');
    await page.locator('text=Object…').first().click();
    await says(page, /If you object: Nights are not scored/);
    await page.click('text=I object');
    await says(page, /You objected/);
  });

  await t.test('E7, C8, C9: a link and a passcode show somebody outside what was given, until it is stopped', async (t) => {
    await open(page, '#/you/values', 'Your values');
    await page.fill('form input[name=value]', '81.5');
    await page.click('text=Keep it');
    await says(page, /81\.50/);
    await open(page, '#/you/shares', 'What I share');
    await page.fill('input[name=label]', 'Doctor');
    await page.click('text=Share it');
    const secrets = page.locator('section.card input[readonly]');
    await until(async () => (await secrets.count()) === 2, 'link and passcode', WITHIN_MS);
    const [link = '', passcode = ''] = [await secrets.nth(0).inputValue(), await secrets.nth(1).inputValue()];
    const other = await (await browser.newContext({ viewport: { width: 360, height: 740 } })).newPage();
    const look = async (): Promise<void> => {
      await other.fill('input[name=passcode]', passcode);
      await other.click('text=Look');
    };
    await other.goto(link);
    await look();
    await says(other, /Weight\s+81\.5\s+kg/);
    t.same(await seriousFindings(other), [], 'what is shared');
    t.same(await other.context().cookies(), [], 'no cookie');
    await page.click('.devices button');
    await says(page, /Doctor[\s\S]*stopped/);
    await other.reload();
    await look();
    await other.waitForSelector('[role=alert]');
    t.notMatch(await textOf(other), /81\.5/);
  });

  await t.test('C11, C12: a stranger finds “Delete everything about me” from the first page in three clicks, and it is done', async (t) => {
    await page.goto(hub.url);
    await page.click('nav >> text=You');
    await page.click('text=Delete everything about me');
    await page.click('text=I do not want a copy');
    await page.fill('input[name=name]', 'Ada');
    await page.click('button.danger');
    await page.waitForSelector('dialog[open]');
    await page.fill('dialog input', PASSWORD);
    await page.click('dialog button[type=submit]');
    await says(page, /It is done[\s\S]*Erased[\s\S]*Nobody runs this hub any more/);
    t.same(await seriousFindings(page), [], 'the report');
    await page.click('text=Leave');
    await page.waitForSelector('input[name=name]');
  });
  t.same(faults, [], 'no script fails');
});
