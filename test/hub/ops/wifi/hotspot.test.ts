import { existsSync, readFileSync } from 'node:fs';
import { request as ask, createServer } from 'node:http';
import t, { type Test } from 'tap';
import { type SetUp, stepSetUp } from '../../../../hub/ops/wifi/set-up.ts';
import { hotspotSecret, openWifi } from '../../../../hub/ops/wifi/wifi.ts';
import { openHotspotDoor } from '../../../../hub/web/hotspot-door.ts';
import { createTestClock } from '../../../clock.ts';
import { standIn, type World } from './stand-in.ts';

const MINUTE = 60_000;
const offline = { isConnected: false, hasRadio: true, isKnown: false, isJoining: false };

t.test('the hotspot opens half a minute after a hub finds neither cable nor network, and closes with either', async (t) => {
  let state: SetUp = { kind: 'connected' };
  const actions: string[] = [];
  for (let second = 0; second <= 60; second += 5) {
    const [next, action] = stepSetUp(state, offline, second * 1000);
    state = next;
    if (action !== 'none') actions.push(`${action} at ${second} s`);
  }
  t.same(actions, ['open at 30 s']);
  t.same(stepSetUp(state, { ...offline, isConnected: true }, 70_000), [{ kind: 'connected' }, 'close']);
  t.same(stepSetUp(state, { ...offline, isJoining: true }, 70_000), [state, 'none'], 'a join has the radio for itself');
});

t.test('a hub that knows a network gives the router time, and lets go of the radio now and then to look for it', async (t) => {
  const known = { ...offline, isKnown: true };
  let state: SetUp = { kind: 'connected' };
  const actions: string[] = [];
  for (let minute = 0; minute <= 30; minute++) {
    const [next, action] = stepSetUp(state, known, minute * MINUTE);
    state = next;
    if (action !== 'none') actions.push(`${action} at ${minute}`);
  }
  t.same(actions, ['open at 5', 'close at 15', 'open at 20', 'close at 30']);
});

t.test('without a radio nothing is opened', async (t) => {
  t.same(stepSetUp({ kind: 'looking', sinceMs: 0 }, { ...offline, hasRadio: false }, MINUTE), [{ kind: 'connected' }, 'none']);
});

async function firstBoot(t: Test, world: Partial<World> = {}) {
  const nm = await standIn(t, world);
  const stop = new AbortController();
  const clock = createTestClock();
  const told: (string | undefined)[] = [];
  const wifi = openWifi({
    clock,
    signal: stop.signal,
    hotspot: { name: 'Hearth-1234', secretFile: `${nm.folder}/hotspot.secret` },
    onHotspot: (hotspot) => told.push(hotspot?.name),
  });
  const end = async (): Promise<void> => {
    stop.abort(new Error('stop'));
    await wifi.done;
  };
  t.teardown(end);
  /** Lets the watch look again and again until something holds. */
  const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await holds())) {
      if (clock.sleeping > 0) await clock.advance(10_000);
      else await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  return { nm, wifi, told, until, end, secretFile: `${nm.folder}/hotspot.secret` };
}

t.test('first boot: hotspot, wrong password, hotspot again with the reason, right password, hotspot gone', async (t) => {
  const { nm, wifi, told, until, secretFile } = await firstBoot(t);
  await until(() => wifi.isHotspotOpen && told.length === 1);
  t.match(await wifi.state(), { kind: 'hotspot', network: 'Hearth-1234' });
  t.match(nm.world.profiles, [{ ssid: 'Hearth-1234', '802-11-wireless.mode': 'ap', 'ipv4.method': 'shared', save: 'no' }]);
  const secret = readFileSync(secretFile, 'utf8').trim();
  t.match(secret, /^[a-z2-9]{12}$/);
  t.equal(nm.world.profiles[0]?.psk, secret);
  t.notMatch(JSON.stringify(nm.calls.map(({ args, environment }) => [args, environment])), secret);
  t.match(await wifi.scan(), [{ name: 'Wohnung' }], 'networks were looked for before the radio became a hotspot');

  await wifi.join({ name: 'Wohnung', passphrase: 'falsch falsch', isHidden: false });
  t.match(await wifi.state(), { kind: 'hotspot', lastJoin: { message: /did not accept the password/, remedy: /Type it again/ } });
  t.match(nm.world.profiles, [{ ssid: 'Hearth-1234', isActive: 'yes' }], 'the hotspot is there again');

  await wifi.join({ name: 'Wohnung', passphrase: 'geheim "x": #1', isHidden: false });
  t.match(await wifi.state(), { kind: 'connected', network: 'Wohnung' });
  t.match(nm.world.profiles, [{ ssid: 'Wohnung' }]);
  t.equal(nm.world.profiles.length, 1);
  t.equal(told.at(-1), undefined);
});

t.test('with a cable no hotspot is opened; one that a power cut left behind is closed', async (t) => {
  const left = {
    uuid: '00000000-0000-4000-8000-00000000abcd',
    id: 'Hearth set-up hotspot',
    ssid: 'Hearth-1234',
    '802-11-wireless.mode': 'ap',
  };
  const { nm, wifi, told, until } = await firstBoot(t, {
    profiles: [left],
    devices: [
      { DEVICE: 'eth0', TYPE: 'ethernet', STATE: 'connected', CONNECTION: 'Wired' },
      { DEVICE: 'wlan0', TYPE: 'wifi', STATE: 'disconnected', CONNECTION: '' },
    ],
  });
  await until(() => nm.calls.filter(({ args }) => args.includes('general')).length > 10);
  t.same(nm.world.profiles, []);
  t.notOk(wifi.isHotspotOpen);
  t.same(told, []);
});

t.test('a hub that stops closes its hotspot', async (t) => {
  const { nm, told, until, end } = await firstBoot(t);
  await until(() => told.length === 1);
  await end();
  t.same(nm.world.profiles, []);
});

t.test('the password of the hotspot is drawn once, so that a label stays true', async (t) => {
  const file = `${t.testdir({})}/hotspot.secret`;
  const first = hotspotSecret(file);
  t.ok(existsSync(file));
  t.equal(hotspotSecret(file), first);
});

t.test('on the hotspot the page is served, and what a phone asks of the internet leads to it', async (t) => {
  const web = { server: createServer((request, response) => response.end(`page ${request.url}`)) };
  // A second loopback address stands for the hotspot's, which only a radio has.
  const probe = createServer().listen(0, '127.0.0.2');
  await new Promise((resolve) => probe.once('listening', resolve));
  const address = probe.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  await new Promise((resolve) => probe.close(resolve));
  const shut = await openHotspotDoor(web as never, port, '127.0.0.2');
  const get = (host: string) =>
    new Promise<{ status: number | undefined; location: string | undefined; body: string }>((resolve, reject) => {
      ask({ host: '127.0.0.2', port, path: '/x', headers: { host }, agent: false }, (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode, location: response.headers.location, body }));
      })
        .on('error', reject)
        .end();
    });
  t.match(await get(`127.0.0.2:${port}`), { status: 200, body: 'page /x' });
  t.match(await get('connectivity-check.example'), { status: 302, location: `http://10.42.0.1:${port}/#/wifi` });
  await shut();
  await t.rejects(get(`127.0.0.2:${port}`), /ECONNREFUSED/);
});
