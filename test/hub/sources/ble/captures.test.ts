/** Files of `hearth ble capture` are tests as they are: one that is put into the folder `captures` is decoded again, and must say what it said. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { Errors } from 'typebox/value';
import { CaptureError, createCaptures } from '../../../../hub/sources/ble/capture/capture.ts';
import { type Capture, CaptureFile } from '../../../../hub/sources/ble/capture/capture-file.ts';
import { replay } from '../../../../hub/sources/ble/capture/replay.ts';
import type { HeardAdvert, RadioAsked } from '../../../../hub/sources/ble/radio/lines.ts';
import { createTestClock } from '../../../clock.ts';
import { bleparserResults } from './advertisements/cases.ts';

const folder = fileURLToPath(new URL('captures', import.meta.url));

t.test('every captured file says what it said when it was captured', async (t) => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  t.ok(files.length > 0);
  for (const name of files) {
    const file = JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as CaptureFile;
    t.same(Errors(CaptureFile, file), [], `${name} is whole`);
    t.same(replay(file), file.says, name);
  }
});

t.test('its broadcasts are read by the reader of recordings of other projects', async (t) => {
  const file = JSON.parse(readFileSync(`${folder}/bthome-thermometer.json`, 'utf8')) as CaptureFile;
  const results = bleparserResults({ cases: file.cases });
  t.same(
    results.map(({ model, why }) => [model, why]),
    file.cases.map(() => ['BTHome sensor', 'the recording expects nothing']),
  );
});

const MINE = 'A4:C1:38:00:00:01';
const heard = (address: string, data: string, more: Partial<HeardAdvert> = {}): HeardAdvert => ({
  say: 'advert',
  address,
  isRandom: false,
  isConnectable: true,
  isScanResponse: false,
  rssi: -60,
  data,
  ...more,
});

function bench() {
  const clock = createTestClock(Date.UTC(2026, 10, 25));
  const asked: Extract<RadioAsked, { link: number }>[] = [];
  const held = new Set<string>();
  const captures = createCaptures({
    ask: (one) => asked.push(one) > 0,
    isHeld: (address) => held.has(address),
    clock,
    signal: new AbortController().signal,
  });
  return { clock, asked, held, captures };
}

t.test('only the chosen device is recorded: each broadcast once, counted, with its name; nothing is asked of it unless told', async (t) => {
  const { clock, asked, captures } = bench();
  const file = captures.capture(MINE.toLowerCase(), 5000, false);
  captures.heard(heard(MINE, '0201060302181d'));
  await clock.advance(1000);
  captures.heard(heard(MINE, '0201060302181d'));
  captures.heard(heard('A4:C1:38:00:00:02', '020106'));
  captures.heard(heard(MINE, '04094b6974', { isScanResponse: true }));
  await clock.advance(4000);
  captures.heard(heard(MINE, '020102'));
  const { name, cases, gatt, ...rest } = await file;
  t.equal(name, 'Kit');
  t.same(
    cases.map(({ atMs, times }) => [atMs, times]),
    [
      [0, 2],
      [1000, 1],
    ],
  );
  t.match(rest, { format: 'hearth-ble-capture/1', address: MINE, captured: '2026-11-25T00:00:00.000Z' });
  t.equal(gatt, null);
  t.same(asked, []);
});

t.test('connected to, everything that can be read is read and what is notified is kept; what it measured is told', async (t) => {
  const { clock, asked, captures } = bench();
  const running = captures.capture(MINE, 5000, true);
  // Environmental Sensing.
  captures.heard(heard(MINE, '02010603031a18'));
  const { link } = asked[0]!;
  t.match(asked, [{ ask: 'connect', address: MINE }]);
  const properties = { '2a6e': ['read', 'notify'], '2a6f': ['read'], '2a00': ['write'] };
  captures.said({ say: 'connected', link, name: null, characteristics: Object.keys(properties), properties });
  t.same(
    asked.slice(1).map((one) => [one.ask, 'characteristic' in one ? one.characteristic : '']),
    [
      ['read', '2a6e'],
      ['subscribe', '2a6e'],
      ['read', '2a6f'],
    ],
    'nothing is written',
  );
  captures.said({ say: 'answered', link, characteristic: '2a6e', data: '5608' });
  captures.said({ say: 'answered', link, characteristic: '2a6f', data: null });
  captures.said({ say: 'notified', link, characteristic: '2a6e', data: '5708' });
  t.notOk(captures.said({ say: 'answered', link: 1, characteristic: '2a6e', data: '5608' }), 'links of measuring are not its business');
  await clock.advance(5000);
  const file = await running;
  t.match(asked.at(-1), { ask: 'disconnect' });
  t.same(
    file.gatt?.told.map(({ how, characteristic, data }) => [how, characteristic, data]),
    [
      ['read', '2a6e', '5608'],
      ['read', '2a6f', null],
      ['notified', '2a6e', '5708'],
    ],
  );
  t.same(file.says.at(-1), { of: 'gatt', kind: 'values', model: 'Room sensor', values: [{ quantity: 'temperature', value: 21.34 }] });
  const again = JSON.parse(JSON.stringify(file)) as CaptureFile;
  t.same(Errors(CaptureFile, again), []);
  t.same(replay(again as Capture), file.says);
});

t.test('what cannot be captured is said: an address that is none, one that the hub holds, two at once', async (t) => {
  const { clock, held, captures } = bench();
  await t.rejects(
    captures.capture('A4:C1', 1000, false),
    new CaptureError("'A4:C1' is no Bluetooth address: write it like A4:C1:38:8D:18:B2"),
  );
  held.add(MINE);
  await t.rejects(captures.capture(MINE, 1000, true), /hub is connected to it/);
  const first = captures.capture(MINE, 1000, false);
  await t.rejects(captures.capture(MINE, 1000, false), /another capture runs/);
  await clock.advance(1000);
  t.equal((await first).cases.length, 0);
});

t.test('who is in reach is listened for and forgotten, the strongest first', async (t) => {
  const { clock, captures } = bench();
  const near = captures.near(1000);
  captures.heard(heard(MINE, '04094b6974', { rssi: -80 }));
  captures.heard(heard(MINE, '020106', { rssi: -70 }));
  captures.heard(heard('A4:C1:38:00:00:02', '020106', { rssi: -50 }));
  await clock.advance(1000);
  captures.heard(heard('A4:C1:38:00:00:03', '020106'));
  t.same(await near, [
    { address: 'A4:C1:38:00:00:02', name: null, rssi: -50, times: 1 },
    { address: MINE, name: 'Kit', rssi: -70, times: 2 },
  ]);
});
