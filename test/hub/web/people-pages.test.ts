import t from 'tap';
import { quantities } from '../../../firmware/protocol/quantities.ts';
import type { Device } from '../../../hub/sources/devices.ts';
import type { NewMeasurement } from '../../../hub/store/vault.ts';
import { seriousFindings } from '../../e2e/axe.ts';
import { openBrowser } from '../../e2e/hub.ts';
import { openWeb, PASSWORD } from './web.ts';

/** Names as a device nearby, an invitee or a partner could send them. */
const HOSTILE = [
  '<img src=x onerror="window.hacked=1">',
  '"><script>window.hacked=1</script>',
  "javascript:window.hacked=1//' onmouseover='window.hacked=1",
  '{{window.hacked=1}}\u202e<svg onload=window.hacked=1>',
];
t.test(
  'the pages of people, in Chromium: hostile names stay text, nothing serious for axe, 360 pixels wide, by keyboard; a passkey is asked again',
  async (t) => {
    const device = (name: string, index: number): Device => ({
      id: `ble:${index}`,
      kind: 'tracker',
      name,
      firmware: '1',
      quantities: ['steps'],
      connected: true,
      state: 'running',
      message: name,
      lastSeenUtcMs: Date.now(),
    });
    const hub = await openWeb(t, { devices: () => HOSTILE.map(device), now: () => Date.now() });
    const { web, people, claim, join } = hub;
    await claim();
    for (const name of HOSTILE.slice(0, 2)) await join(name);
    const reading = (device: string, quantity: 'weight' | 'steps', value: number): NewMeasurement => {
      const { code } = quantities[quantity];
      return { device, boot: 7, sequence: 1, code, value, endUtcMs: Date.now(), spanMs: 0, timeQuality: 'synced' };
    };
    await people.attribution.keep('scale', 7, [reading('scale', 'weight', 71.5)]);
    await people.attribution.assign(people.attribution.inbox()[0]!.number, 'person-1', 'person-1');
    const mia = await join('Mia', { birthDate: '2011-02-03', child: true });
    await people.guardians.consent(mia.id, 'person-1', Date.now());
    await people.attribution.pair('ble:1', mia.id, mia.id);
    await people.attribution.keep('ble:1', 7, [reading('ble:1', 'steps', 9)]);
    await people.attribution.keep(HOSTILE[0]!, 7, [reading(HOSTILE[0]!, 'weight', 70)]);
    await web.listen({ host: '127.0.0.1', port: 0 });
    const { port } = web.server.address() as { port: number };
    const browser = await openBrowser();
    t.teardown(() => browser.close());
    const page = await browser.newPage({ viewport: { width: 360, height: 760 } });
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('dialog', (dialog) => faults.push(dialog.message()));
    page.on('console', (message) => {
      if (/Content.Security.Policy/i.test(message.text())) faults.push(message.text());
    });
    await page.goto(`http://localhost:${port}/`);
    await page.fill('input[name=name]', 'Ada');
    await page.fill('input[name=password]', PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForSelector('nav a');
    t.match(await page.textContent('nav'), /Whose is it\?1.*People.*You/s, 'one click away');

    const views: readonly [at: string, waitFor: string][] = [
      ['#/inbox', 'text=throw it away'],
      ['#/people', 'text=Make an invitation'],
      ['#/you/readings', 'text=71.50 kg'],
      [`#/ward/${mia.id}`, 'text=Steps'],
      ['#/you', 'text=Second secret'],
      ['#/you/profile', 'text=Surname'],
      ['#/targets', 'text=Add a target'],
      ['#/you/log', 'text=The hub was claimed'],
      ['#/you/devices', 'text=Cookies'],
      ['#/you/collected', 'text=Activating and using a product'],
      ['#/you/second-secret', 'text=Authenticator app'],
    ];
    for (const [at, waitFor] of views) {
      await page.evaluate(`location.hash = '${at}'`);
      await page.waitForSelector(waitFor);
      t.same(await seriousFindings(page), [], at);
      t.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= 360, `${at} fits 360 pixels`);
    }
    t.equal(await page.evaluate('window.hacked'), undefined);
    t.same(faults, []);

    // A passkey with user verification, on an authenticator that the browser plays.
    const session = await page.context().newCDPSession(page);
    await session.send('WebAuthn.enable');
    const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await page.click('text=Use this device’s passkey');
    await page.waitForSelector('text=is your second secret now');
    t.match(people.secrets.list('person-1'), [{ kind: 'passkey' }]);
    const { id } = people.sessions.list('person-1', Date.now())[0]!;
    people.sessions.again(id, 0);
    await page.click('text=Remove');
    await page.waitForSelector('dialog[open]');
    t.same(await seriousFindings(page), [], 'the question');
    await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await page.click('dialog button[type=submit]');
    await page.waitForSelector('dialog [role=alert]');
    t.match(people.secrets.list('person-1'), [{ kind: 'passkey' }], 'without fingerprint, face or PIN it does not count');
    await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
    await page.click('dialog button[type=submit]');
    await page.waitForSelector('text=Passkey removed.');
    t.same(people.secrets.list('person-1'), []);

    // The whole way of an invitation, from the button to the vault of their own.
    await page.evaluate("location.hash = '#/people'");
    await page.click('text=Make an invitation');
    const link = (await page.textContent('.banner .code'))!;
    const other = await (await browser.newContext()).newPage();
    await other.goto(link);
    await other.fill('input[name=name]', 'Grace');
    await other.fill('input[name=password]', `${PASSWORD} too`);
    await other.fill('input[name=birthDate]', '1980-05-01');
    t.same(await seriousFindings(other), [], 'joining');
    await other.click('button[type=submit]');
    await other.waitForSelector('text=Grace’s home');
    t.equal(people.accounts.list().at(-1)?.name, 'Grace');
  },
);
