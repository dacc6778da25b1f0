import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { bluetoothOf, chipsOf, isVirtualBoard, onVirtualRig, parseRig } from '../../firmware/rig.ts';
import { SettingsError } from '../../firmware/settings.ts';

const boards = (name: string): string => fileURLToPath(new URL(`../../hardware/boards/${name}/rig.yaml`, import.meta.url));
const rigWith = (devices: string, board = 'protocol: pi'): string =>
  `name: t\nboards:\n  - name: b\n    ${board}\n    devices:\n${devices}`;
const home = (air: string): string => `      - { kind: home, id: a, name: A, air: ${air} }`;
/** What a person is told of a rig file's mistake. */
function told(text: string): string {
  try {
    parseRig(text, 'rig.yaml');
    return '';
  } catch (error) {
    return error instanceof SettingsError ? error.message : `not a SettingsError: ${error}`;
  }
}

t.test('a rig file of one chip a device, as they were first, is read as before', async (t) => {
  const rig = parseRig(
    `name: old
boards:
  - name: scale
    port: virtual
    protocol: firmata
    devices:
      - kind: scale
        id: virtual-scale
        name: Bathroom scale
        loadCell: { chip: nau7802 }
        calibration: { zeroCounts: 84000, countsPerKg: 21500, date: "2026-11-01" }
      - { kind: tracker, id: virtual-tracker, name: Wrist tracker, accelerometer: { chip: adxl345 } }
      - { kind: home, id: virtual-home, name: Living room, air: { chip: scd41 } }
`,
    'old.yaml',
  );
  t.same(
    rig.boards[0]!.devices.flatMap(chipsOf).map(({ chip }) => chip),
    ['nau7802', 'adxl345', 'scd41'],
  );
  t.ok(isVirtualBoard(rig.boards[0]!));
});

t.test('every rig file that comes with the project is right', async (t) => {
  for (const name of ['bench', 'virtual-home', 'pi-air', 'bench-scale'])
    t.ok(parseRig(readFileSync(boards(name), 'utf8'), name).boards.length > 0, name);
});

t.test('a home takes several chips, on the Pi and on serial ports, with the settings of each', async (t) => {
  const rig = parseRig(
    rigWith(
      home('[{ chip: scd41, altitudeM: 400 }, { chip: bme280, address: 0x77, i2c: 3 }, { chip: pms5003, uart: /dev/serial0, warmUpS: 0 }]'),
    ),
    'rig.yaml',
  );
  t.match(chipsOf(rig.boards[0]!.devices[0]!), [
    { chip: 'scd41', altitudeM: 400 },
    { chip: 'bme280', address: 0x77, i2c: 3 },
    { chip: 'pms5003', uart: '/dev/serial0', warmUpS: 0 },
  ]);
});

t.test('a mistake names file, line, key, value and what would be right', async (t) => {
  t.match(
    told(rigWith(home('[{ chip: pms503, uart: /dev/x }]'))),
    /^rig\.yaml:6: .*air\.0\.chip' must be 'scd40' or .* \(found "pms503"\); did you mean 'pms5003'\?/,
  );
  t.match(told(rigWith(home('[{ chip: pms5003 }]'))), /air\.0' must have required properties uart/);
  t.match(told(rigWith(home('{ chip: bme280, address: 300 }'))), /air\.address' must be <= 119 \(found 300\)/);
  t.match(told(rigWith(home('{ chip: bme280, altitudeM: 3 }'))), /unknown key 'altitudeM'; allowed are chip, i2c, address/);
  t.match(told(rigWith(home('{ chip: bme280, adress: 0x77 }'))), /unknown key 'adress'; did you mean 'address'\?/);
  t.match(told(rigWith(home('{ address: 0x77 }'))), /air' must name its chip: /);
  t.match(told(rigWith('      - { kind: scales, id: a, name: A }')), /kind' must be .* did you mean 'scale'\?/);
  t.match(told(rigWith(home('{ chip: scd41 }'), 'protocol: pie')), /boards\.0\.protocol' must be 'firmata' or 'pi' \(found "pie"\)/);
  t.match(told(rigWith(home('{ chip: scd41 }'), 'protocol: firmata')), /boards\.0' must have required properties port/);
  t.match(told(rigWith(`${home('{ chip: scd41 }')}\n${home('{ chip: scd41 }')}`)), /^rig\.yaml:7: 'a' is there twice/);
});

t.test('a converter needs a calibration; an instrument, or a sketch whose unit is known, does not', async (t) => {
  const scale = (loadCell: string): string => rigWith(`      - { kind: scale, id: a, name: A, loadCell: ${loadCell} }`);
  t.match(told(scale('{ chip: nau7802 }')), /'a' needs a calibration .* its nau7802 gives counts/);
  t.match(told(scale('{ chip: hx711, uart: /dev/x }')), /its hx711 gives counts/);
  parseRig(scale('{ chip: hx711, uart: /dev/x, unit: g }'), 'rig.yaml');
  parseRig(scale('{ chip: mt-sics, uart: /dev/x }'), 'rig.yaml');
  t.match(told(scale('{ chip: nau7802, gain: 3 }')), /gain' must be .*'128' \(found 3\)/);
});

t.test("virtual ports get the virtual rig's names, real ones keep theirs", async (t) => {
  const text = rigWith(
    home('[{ chip: pms5003, uart: virtual }, { chip: sds011, uart: /dev/ttyUSB0 }]'),
    'protocol: firmata\n    port: virtual',
  );
  const [board] = onVirtualRig(parseRig(text, 'rig.yaml'), '/run/v').boards;
  t.match(board, { port: '/run/v/board-b' });
  t.same(
    chipsOf(board!.devices[0]!).map(({ uart }) => uart),
    ['/run/v/uart-a-pms5003', '/dev/ttyUSB0'],
  );
});

t.test('a board is put on the air by a word, or with an adapter, a name and a choice of pairing', async (t) => {
  const board = (bluetooth: string) =>
    parseRig(rigWith(home('{ chip: scd41 }'), `protocol: pi\n    bluetooth: ${bluetooth}`), 'rig.yaml').boards[0]!;
  t.equal(bluetoothOf(parseRig(rigWith(home('{ chip: scd41 }')), 'rig.yaml').boards[0]!), undefined);
  t.equal(bluetoothOf(board('false')), undefined);
  t.same(bluetoothOf(board('true')), { adapter: '', name: 'A', isPaired: true });
  t.same(bluetoothOf(board('{ adapter: hci1, name: Bath, pairing: none }')), { adapter: 'hci1', name: 'Bath', isPaired: false });
  const virtual = { name: 'v', boards: [board('{ adapter: virtual }')] };
  t.equal(bluetoothOf(onVirtualRig(virtual, '/run/v').boards[0]!)?.adapter, '/run/v/hci-b');
  t.match(
    told(rigWith(home('{ chip: scd41 }'), 'protocol: pi\n    bluetooth: { adaptor: hci0 }')),
    /unknown key 'adaptor'; did you mean 'adapter'\?/,
  );
  t.match(
    told(rigWith(home('{ chip: scd41 }'), 'protocol: pi\n    bluetooth: { pairing: maybe }')),
    /pairing' must be 'required' or 'none'/,
  );
});
