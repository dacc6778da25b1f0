import { mkdirSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { readConfig } from '../../../hub/ops/config.ts';

const read = (argv: string[], env: NodeJS.ProcessEnv, root: string) => readConfig(argv, env, '0.0.0', root);

t.test('without any setting: port 8080, loopback, data beside the project, edge and camera on', async (t) => {
  const root = `${t.testdir({})}/`;
  t.same(read([], {}, root), {
    port: 8080,
    host: '127.0.0.1',
    data: `${root}data`,
    rig: undefined,
    motion: undefined,
    person: undefined,
    weight: undefined,
    edge: true,
    camera: true,
    bluetooth: true,
    hci: undefined,
    bluetoothPassive: false,
    sync: [],
    microphone: undefined,
    videoEdges: [],
    corrections: [],
    copies: [],
    continent: undefined,
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    remote: false,
    setUpHotspot: false,
    capture: { devices: [], mostBytes: 500 * 2 ** 20 },
  });
});

t.test('the command line comes before the environment, the environment before the file', async (t) => {
  const root = `${t.testdir({ data: { 'hearth.yaml': 'port: 1\nhost: 10.0.0.1\nedge: false\n' } })}/`;
  t.match(read([], {}, root), { port: 1, host: '10.0.0.1', edge: false });
  t.match(read([], { HEARTH_PORT: '2' }, root), { port: 2, host: '10.0.0.1' });
  t.match(read(['--port', '3'], { HEARTH_PORT: '2' }, root), { port: 3 });
  t.match(read(['--no-camera'], { HEARTH_EDGE: 'true' }, root), { edge: true, camera: false });
});

t.test('a mistake is answered with its place, its value and the remedy', async (t) => {
  const root = `${t.testdir({})}/`;
  mkdirSync(`${root}data`);
  t.throws(() => read([], { HEARTH_PORT: 'eighty' }, root), /HEARTH_PORT: 'eighty' is not a whole number from 0 to 65535/);
  t.throws(() => read([], { HEARTH_EDGE: 'yes' }, root), /HEARTH_EDGE is 'yes': it must be true or false/);
  t.throws(() => read(['--rig', '/no/such.yaml'], {}, root), /the rig file \/no\/such.yaml is not there/);
  t.throws(() => read(['--config', '/no/hearth.yaml'], {}, root), /configuration file \/no\/hearth.yaml is not there/);
  writeFileSync(`${root}data/hearth.yaml`, 'host: 127.0.0.1\nprt: 3\n');
  t.throws(() => read([], {}, root), /hearth.yaml:2: .*prt/);
});

t.test(
  'video edges: one of Hearth, or any WHIP server whose region is stated and known to be unproven; in clear text at home alone',
  async (t) => {
    const root = `${t.testdir({ data: {} })}/`;
    const edges = (line: string) => {
      writeFileSync(`${root}data/hearth.yaml`, `videoEdges:\n  - ${line}\n`);
      return read([], {}, root).videoEdges;
    };
    t.match(edges("{ url: 'https://v.example:8443', region: ireland, code: x }"), [{ url: 'https://v.example:8443', region: 'ireland' }]);
    const whip = "whip: 'https://live.example/whip'";
    t.match(edges(`{ ${whip}, region: ireland, proof: none, token: x }`), [{ whip: 'https://live.example/whip', proof: 'none' }]);
    for (const address of ['http://mediamtx.local:8889/a', 'http://192.168.1.7/a', 'http://[fd00::7]/a', 'http://localhost/a'])
      t.equal(edges(`{ whip: '${address}', region: home, token: x }`).length, 1, address);
    const mistakes: [string, RegExp][] = [
      ['{ region: ireland }', /hearth.yaml:2: .*one of 'url' .* and 'whip'/],
      [`{ ${whip}, url: 'https://v.example', region: ireland }`, /one of 'url' .* and 'whip'/],
      [`{ ${whip}, region: ireland, token: x }`, /cannot prove where it stands: write 'proof: none'/],
      [`{ ${whip}, region: ireland, proof: none }`, /bearer token is needed/],
      [`{ ${whip}, region: home, token: x }`, /'https:\/\/live.example\/whip' need not be in this home/],
      ["{ whip: 'http://live.example/a', region: ireland, proof: none, token: x }", /must begin with https/],
      ["{ url: 'http://192.168.1.7', region: ireland, code: x }", /must begin with https/],
      ["{ url: 'https://v.example', region: ireland, token: x }", /beside 'url' there is no 'token'/],
      ["{ url: 'https://v.local', region: home, code: x }", /the one that the hub runs itself/],
      [`{ ${whip}, proof: none, token: x }`, /region/],
    ];
    for (const [line, message] of mistakes) t.throws(() => edges(line), { message }, line);
  },
);

t.test('Bluetooth controllers are a list, each of them a serial port or an adapter', async (t) => {
  const root = `${t.testdir({})}/`;
  t.match(read(['--hci', '/dev/ttyUSB0, hci1', '--bluetooth-passive'], {}, root), {
    hci: ['/dev/ttyUSB0', 'hci1'],
    bluetoothPassive: true,
  });
  t.throws(
    () => read([], { HEARTH_HCI: 'usb1' }, root),
    /controller 'usb1' is none: a serial port like \/dev\/ttyUSB0, or an adapter like hci1/,
  );
  t.throws(() => read(['--hci', 'hci0,hci0'], {}, root), /name one twice/);
  t.throws(() => read(['--hci', 'hci0,hci1,hci2,hci3,hci4'], {}, root), /5 Bluetooth controllers are too many: at most 4/);
});
