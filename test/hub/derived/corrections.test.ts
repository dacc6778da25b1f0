import { writeFileSync } from 'node:fs';
import t from 'tap';
import { type QuantityId, quantities } from '../../../firmware/protocol/quantities.ts';
import { epaPm25 } from '../../../firmware/signal/air/corrections.ts';
import { CorrectionError, openCorrectionBook } from '../../../hub/derived/correction-book.ts';
import { noteCorrections, openCorrections } from '../../../hub/derived/corrections.ts';
import { HOME } from '../../../hub/people/subjects.ts';
import { openStore } from '../../../hub/store/store.ts';
import type { NewMeasurement } from '../../../hub/store/vault.ts';

const NOON = Date.UTC(2026, 10, 24, 12);
let sequence = 0;
const row = (quantity: QuantityId, value: number, device = 'air'): NewMeasurement => ({
  device,
  boot: 7,
  sequence: ++sequence,
  code: quantities[quantity].code,
  value,
  endUtcMs: NOON,
  spanMs: 0,
  timeQuality: 'synced',
});
const shown = (rows: readonly NewMeasurement[]) =>
  rows.map(({ device, code, value }) => [device, Object.values(quantities).find((one) => one.code === code)!.id, value]);
const settings = [
  { device: 'air', quantity: 'pm2_5', by: 'epa-humidity' },
  { device: 'air', quantity: 'temperature', by: 'offset', offset: -1.5 },
] as const;

t.test('a value is corrected by its name, live and kept alike, and what the sensor said stays beside it', (t) => {
  const corrections = openCorrections(settings, () => 0);
  const rows = corrections.of([row('humidity', 62.2), row('pm2_5', 40), row('temperature', 23), row('pm2_5', 40, 'other')]);
  t.same(shown(rows), [
    ['air', 'humidity', 62.2],
    ['air', 'pm2_5', epaPm25(40, 62)],
    ['air~uncorrected', 'pm2_5_uncorrected', 40],
    ['air', 'temperature', 21.5],
    ['air~uncorrected', 'temperature_uncorrected', 23],
    ['other', 'pm2_5', 40],
  ]);
  t.equal(rows[1]!.sequence, rows[2]!.sequence, 'under the same number, so that what is sent again is known again');
  t.equal(corrections.live('air', quantities.pm2_5.code, 40), epaPm25(40, 62));
  t.equal(corrections.live('air', quantities.co2.code, 800), 800);
  t.end();
});

t.test('without a humidity of the last half hour dust is kept as it was said, and no wrong value is shown', (t) => {
  let now = 0;
  const corrections = openCorrections(settings, () => now);
  t.same(shown(corrections.of([row('pm2_5', 40)])), [['air~uncorrected', 'pm2_5_uncorrected', 40]]);
  t.equal(corrections.live('air', quantities.pm2_5.code, 40), undefined);
  corrections.of([row('humidity', 50, 'another room')]);
  t.equal(corrections.live('air', quantities.pm2_5.code, 40), epaPm25(40, 50), 'another sensor of the home stands in');
  for (const odd of [Number.NaN, -4, 300]) corrections.of([row('humidity', odd, 'another room')]);
  t.equal(corrections.live('air', quantities.pm2_5.code, 40), epaPm25(40, 50), 'a humidity that cannot be takes no good one’s place');
  now = 31 * 60_000;
  t.equal(corrections.live('air', quantities.pm2_5.code, 40), undefined);
  t.end();
});

t.test('the log says from when on a correction holds, once, and when it ends', async (t) => {
  const store = openStore(t.testdir({}));
  t.teardown(() => store[Symbol.dispose]());
  const noted = () =>
    store
      .vault(HOME)
      .ofKind('calibration')
      .map((entry) => (entry.kind === 'calibration' ? [entry.chip, entry.parameters] : []));
  await noteCorrections(store, settings);
  await noteCorrections(store, settings);
  t.same(noted(), [
    ['correction of pm2_5', { epaHumidity: 1 }],
    ['correction of temperature', { offset: -1.5 }],
  ]);
  await noteCorrections(store, [settings[0]]);
  await noteCorrections(store, [settings[0]]);
  t.same(noted().slice(2), [['correction of temperature', {}]]);
});

t.test('what a household sets holds at once, over a restart, and beside what the file names; a spoiled file is said', async (t) => {
  const folder = t.testdir({});
  const store = openStore(folder);
  t.teardown(() => store[Symbol.dispose]());
  const faults: string[] = [];
  const open = () =>
    openCorrectionBook({ file: `${folder}/c.json`, fixed: [settings[0]], store, now: () => 0, failed: (message) => faults.push(message) });
  let book = await open();
  await book.set({ device: 'air', quantity: 'co2', by: 'offset', offset: -40 }, 'person:p');
  t.equal(book.live('air', quantities.co2.code, 840), 800);
  await t.rejects(book.set({ device: 'air', quantity: 'pm2_5', by: 'offset', offset: 1 }, 'person:p'), CorrectionError);
  await t.rejects(book.remove('air', 'pm2_5', 'person:p'), /hearth\.yaml: change it there/);

  book = await open();
  t.match(book.inUse(), [
    { origin: 'file', setting: { quantity: 'pm2_5' } },
    { origin: 'page', words: '-40 [ppm]' },
  ]);
  t.equal(book.live('air', quantities.co2.code, 840), 800);
  t.equal(await book.remove('air', 'co2', 'person:p'), true);
  t.equal(await book.remove('air', 'co2', 'person:p'), false);
  t.equal(book.live('air', quantities.co2.code, 840), 840);
  const noted = store.vault(HOME).ofKind('calibration');
  t.match(
    noted.map((entry) => (entry.kind === 'calibration' ? [entry.chip, entry.parameters] : [])),
    [
      ['correction of pm2_5', { epaHumidity: 1 }],
      ['correction of co2', { offset: -40 }],
      ['correction of co2', {}],
    ],
  );
  writeFileSync(`${folder}/c.json`, '{"half":');
  t.same((await open()).inUse().length, 1);
  t.match(faults, [/cannot be read, so corrections set on the page do not hold/]);
});
