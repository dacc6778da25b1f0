import t, { type Test } from 'tap';
import { openWifi, type Wifi, type WifiOptions } from '../../../../hub/ops/wifi/wifi.ts';
import { createTestClock } from '../../../clock.ts';
import { type StandIn, standIn } from './stand-in.ts';

function open(t: Test, options: Partial<WifiOptions> = {}) {
  const stop = new AbortController();
  const clock = createTestClock();
  const wifi = openWifi({ clock, signal: stop.signal, ...options });
  t.teardown(async () => {
    stop.abort(new Error('stop'));
    await wifi.done;
  });
  return { wifi, clock, stop };
}

const join = (wifi: Wifi, name: string, passphrase: string, isHidden = false) => wifi.join({ name, passphrase, isHidden });
/** Where a secret was seen but on standard input. */
const leaks = ({ calls }: StandIn, secret: string): string[] =>
  calls
    .filter(({ args, environment }) => JSON.stringify([args, environment]).includes(JSON.stringify(secret).slice(1, -1)))
    .map(({ args }) => args.join(' '));

t.test('networks are listed by their exact names, strongest first, those that cannot be joined with the reason', async (t) => {
  await standIn(t);
  const language = process.env.LC_ALL;
  const networks = await open(t).wifi.scan();
  t.same(
    networks.map(({ name, signal, accessPoints }) => [name, signal, accessPoints]),
    [
      ['Wohnung', 84, 2],
      ['Café: 2. Stock\\Süd', 70, 1],
      ['', 50, 1],
      ['eduroam', 40, 1],
      ['Bahnhof', 30, 1],
      ['Neu', 20, 1],
      ['\ufffd\ufffd', 10, 1],
    ],
  );
  t.match(networks.find(({ name }) => name === 'eduroam')?.unsupported, /name for each user/);
  t.match(networks.at(-1)?.unsupported, /not written in UTF-8/);
  t.equal(process.env.LC_ALL, language, 'the language of this process is left alone');
});

t.test('joining: the secret goes in by standard input, and is in no argument and no environment', async (t) => {
  const nm = await standIn(t);
  const { wifi } = open(t);
  await wifi.scan();
  const secret = 'geheim "x": #1';
  t.same(await join(wifi, 'Wohnung', secret), { kind: 'joined', network: 'Wohnung' });
  t.match(await wifi.state(), { kind: 'connected', network: 'Wohnung', connectivity: 'full', message: '' });
  t.same(leaks(nm, secret), []);
  t.match(nm.world.profiles, [{ ssid: 'Wohnung', psk: secret, 'connection.autoconnect': 'yes' }]);
  t.equal(nm.calls.filter(({ args }) => args.some((arg) => /^02:00/.test(arg))).length, 0, 'bound to no access point');
});

t.test('odd names are joined as they are; an open network without a secret; a hidden one when it is named', async (t) => {
  const nm = await standIn(t);
  const { wifi } = open(t);
  await wifi.scan();
  t.match(await join(wifi, 'Café: 2. Stock\\Süd', 'kaffee und kuchen'), { kind: 'joined' });
  t.match(await join(wifi, 'Bahnhof', ''), { kind: 'joined' });
  t.equal(nm.calls.filter(({ args }) => args.includes('edit')).length, 1, 'no secret is set for an open network');
  Object.assign(nm.world, { passwords: { Versteckt: 'psst psst' } });
  t.match(await join(wifi, 'Versteckt', 'psst psst', true), { kind: 'joined' });
  t.match(nm.world.profiles.at(-1), { '802-11-wireless.hidden': 'yes' });
});

t.test('a secret with a blank at its end reaches the network although the editor would cut it off', async (t) => {
  const nm = await standIn(t, { passwords: { Wohnung: 'b6e05b17c7d2a29d0a9de8bb7f2a5ee2d51ee8ea5c1e2ba01c2a2c5fa4f64f5d' } });
  const { wifi } = open(t);
  await wifi.scan();
  await join(wifi, 'Wohnung', ' mit Rand ');
  const input = nm.calls.find(({ args }) => args.includes('edit'))?.input ?? '';
  // The pairwise key of IEEE 802.11 annex J.4, as `wpa_passphrase` computes it.
  t.match(input, /^set 802-11-wireless-security\.psk [0-9a-f]{64}$/m);
});

t.test('what fails is said with its remedy, and leaves no profile behind', async (t) => {
  const nm = await standIn(t, { slow: 'Neu', noAddress: 'Bahnhof' });
  const { wifi } = open(t);
  await wifi.scan();
  t.match(await join(wifi, 'Wohnung', 'falsch falsch'), {
    kind: 'failed',
    message: /did not accept the password/,
    remedy: /Type it again/,
  });
  t.match(await join(wifi, 'Neu', 'sehr geheim'), { kind: 'failed', message: /did not answer in time/, remedy: /closer/ });
  t.match(await join(wifi, 'Bahnhof', ''), { kind: 'failed', message: /gave the hub no address/, remedy: /Restart the router/ });
  t.match(await join(wifi, 'Nirgends', 'irgend etwas', true), { kind: 'failed', message: /not in reach/ });
  t.same(nm.world.profiles, []);
  Object.assign(nm.world, { isForbidden: true });
  t.match(await join(wifi, 'Wohnung', 'geheim "x": #1'), { kind: 'failed', message: /does not let the hub/, remedy: /netdev/ });
  t.same(leaks(nm, 'falsch falsch'), []);
});

t.test('a wrong password for a network that is known does not take the right one away', async (t) => {
  const nm = await standIn(t);
  const { wifi } = open(t);
  await wifi.scan();
  await join(wifi, 'Wohnung', 'geheim "x": #1');
  await join(wifi, 'Wohnung', 'falsch falsch');
  t.match(nm.world.profiles, [{ ssid: 'Wohnung', psk: 'geheim "x": #1' }]);
  await join(wifi, 'Wohnung', 'geheim "x": #1');
  t.equal(nm.world.profiles.length, 1, 'and the right one again does not double it');
});

t.test('what cannot be right is refused before anything is changed', async (t) => {
  const nm = await standIn(t);
  const { wifi } = open(t);
  await wifi.scan();
  const before = nm.calls.length;
  const refuse = (name: string, passphrase: string, message: RegExp): void => {
    t.throws(() => wifi.join({ name, passphrase, isHidden: false }), { name: 'WifiError', message });
  };
  refuse('Wohnung', 'kurz', /4 characters; such a network's has 8 to 63/);
  refuse('Wohnung', 'quit now\nset connection.id x', /control character/);
  refuse('eduroam', 'what ever it is', /cannot join 'eduroam'/);
  refuse('x'.repeat(33), 'lang genug', /33/);
  t.equal(nm.calls.length, before);
});

t.test('several networks are known in an order that a person chooses, and are forgotten by name', async (t) => {
  const nm = await standIn(t);
  const { wifi } = open(t);
  await wifi.scan();
  await join(wifi, 'Wohnung', 'geheim "x": #1');
  await join(wifi, 'Neu', 'sehr geheim');
  const order = async () => (await wifi.state()).known.map(({ name }) => name);
  await wifi.prefer('Neu');
  t.same(await order(), ['Neu', 'Wohnung']);
  await wifi.prefer('Wohnung');
  t.same(await order(), ['Wohnung', 'Neu']);
  await wifi.forget('Wohnung');
  t.same(await order(), ['Neu']);
  await t.rejects(wifi.forget('Wohnung'), { message: /No network called 'Wohnung' is known/, remedy: "Known are 'Neu'." });
  Object.assign(nm.world, { profiles: nm.world.profiles.map((one) => ({ ...one, 'connection.autoconnect-priority': '950' })) });
  await wifi.prefer('Neu');
  t.ok(Number(nm.world.profiles[0]?.['connection.autoconnect-priority']) < 1000);
});

t.test('a sign-in page and a network without internet are told apart from a good one', async (t) => {
  const nm = await standIn(t);
  const { wifi } = open(t);
  await wifi.scan();
  await join(wifi, 'Bahnhof', '');
  Object.assign(nm.world, { connectivity: 'portal' });
  t.match(await wifi.state(), { kind: 'connected', connectivity: 'portal', message: /sign-in on a page of its own/ });
  Object.assign(nm.world, { connectivity: 'limited' });
  t.match(await wifi.state(), { kind: 'connected', connectivity: 'limited', message: /no internet/, remedy: /Measuring goes on/ });
});

t.test('a machine without Wi-Fi says so and nothing else happens', async (t) => {
  const nm = await standIn(t, { isStopped: true });
  const { wifi } = open(t);
  t.match(await wifi.state(), { kind: 'unusable', message: /network service .* does not run/, remedy: /systemctl enable --now/ });
  Object.assign(nm.world, { isStopped: false, hardware: 'missing', devices: [] });
  t.match(await wifi.state(), { kind: 'unusable', message: /no Wi-Fi adapter/ });
  const { PATH } = process.env;
  process.env.PATH = '/nowhere';
  t.teardown(() => {
    process.env.PATH = PATH;
  });
  t.match(await wifi.state(), { kind: 'unusable', message: /No Wi-Fi here: this system has no NetworkManager/, remedy: /cable/ });
  await t.rejects(wifi.scan(), /No Wi-Fi here/);
});
