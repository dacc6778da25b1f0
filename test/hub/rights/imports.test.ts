import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import t from 'tap';
import { quantityOfCode } from '../../../firmware/protocol/quantities.ts';
import { accountRows, cellsOf, wallTimeOf } from '../../../hub/rights/import/account-export.ts';
import { appleHealthRows, rowOfRecord } from '../../../hub/rights/import/apple-health.ts';
import type { NewMeasurement } from '../../../hub/store/vault.ts';
import { readVectorJson, skipWithoutVectors, vectorPath } from '../../vectors.ts';

const NOW = Date.UTC(2027, 0, 1);

async function all(rows: AsyncIterable<NewMeasurement | undefined>): Promise<NewMeasurement[]> {
  const found: NewMeasurement[] = [];
  for await (const row of rows) if (row !== undefined) found.push(row);
  return found;
}
const said = ({ code, value, endUtcMs, spanMs }: NewMeasurement) => ({
  quantity: quantityOfCode(code)?.id,
  value: Math.round(value * 1000) / 1000,
  start: new Date(endUtcMs - spanMs).toISOString(),
  end: new Date(endUtcMs).toISOString(),
});

t.test('the export of Apple Health gives what its own tables say', { skip: skipWithoutVectors }, async (t) => {
  const folder = '7-export/apple-health';
  const xml = readFileSync(vectorPath(`${folder}/export6s3sample.xml`));
  const chunks = [xml.subarray(0, 2000), xml.subarray(2000, 2001), xml.subarray(2001)];
  const rows = await all(appleHealthRows(Readable.from(chunks), NOW));
  for (const [file, quantity, factor] of [
    ['StepCount.csv', 'steps', 1],
    ['DistanceWalkingRunning.csv', 'distance', 1000],
  ] as const) {
    const [head = '', ...lines] = readFileSync(vectorPath(`${folder}/${file}`), 'utf8')
      .trim()
      .split('\n');
    const columns = head.split(',');
    const expected = lines.map((line) => {
      const cells = cellsOf(line)!;
      const at = (name: string): string => cells[columns.indexOf(name)]!;
      const time = (text: string): string => new Date(text.replace(/ ([+-]\d\d)(\d\d)$/, '$1:$2').replace(' ', 'T')).toISOString();
      return {
        quantity,
        value: Math.round(Number(at('value')) * factor * 1000) / 1000,
        start: time(at('startDate')),
        end: time(at('endDate')),
      };
    });
    t.same(
      rows.map(said).filter((row) => row.quantity === quantity),
      expected,
    );
  }
  t.equal(
    new Set(rows.map(({ device, boot, sequence }) => `${device}/${boot}/${sequence}`)).size,
    rows.length,
    'each with an identity of its own',
  );
});

t.test('records of Apple Health: units and fractions become the hub’s own, and what it has no quantity for is left out', (t) => {
  const record = (type: string, unit: string, value: string, more = {}) =>
    rowOfRecord(
      {
        type,
        unit,
        value,
        sourceName: 'Ada’s Watch',
        startDate: '2024-02-29 23:30:00 -0530',
        endDate: '2024-02-29 23:31:00 -0530',
        ...more,
      },
      NOW,
    );
  const value = (type: string, unit: string, text: string) => {
    const row = record(`HKQuantityTypeIdentifier${type}`, unit, text);
    return row === undefined ? undefined : Math.round(row.value * 1000) / 1000;
  };
  t.equal(value('BodyMass', 'lb', '172.8'), 78.381);
  t.equal(value('OxygenSaturation', '%', '0.97'), 97);
  t.equal(value('OxygenSaturation', '%', '97'), 97);
  t.equal(value('BodyTemperature', 'degF', '98.6'), 37);
  t.equal(value('ActiveEnergyBurned', 'kJ', '418.4'), 100);
  t.equal(value('Height', 'ft', '6'), 1.829);
  t.equal(value('BodyMass', 'parsec', '1'), undefined);
  t.equal(value('BodyMass', 'kg', 'much'), undefined);
  t.equal(value('DietaryWater', 'mL', '300'), undefined);
  t.match(record('HKCategoryTypeIdentifierSleepAnalysis', '', 'HKCategoryValueSleepAnalysisAsleepREM'), {
    value: 3,
    spanMs: 60_000,
    zoneMin: -330,
    device: 'apple-health:ada-s-watch',
  });
  t.equal(
    record('HKQuantityTypeIdentifierBodyMass', 'kg', '70', { endDate: '2024-02-29 23:29:00 -0530' }),
    undefined,
    'ends before it starts',
  );
  t.equal(record('HKQuantityTypeIdentifierBodyMass', 'kg', '70', { endDate: 'soon' }), undefined);
  t.end();
});

interface ExportFormat {
  readonly headers: Readonly<Record<string, string>>;
  readonly sample_rows: Readonly<Record<string, readonly string[]>>;
  readonly expected_import: readonly {
    readonly csv?: string;
    readonly rows?: readonly string[];
    readonly tz: string;
    readonly expect: Readonly<Record<string, number | string>>;
  }[];
}

t.test('the account export gives what importers of it expect', { skip: skipWithoutVectors }, async (t) => {
  const format = readVectorJson<ExportFormat>('7-export/withings-gdpr-export-format.json');
  const names: Readonly<Record<string, string>> = {
    weight_kg: 'weight',
    weight: 'weight',
    fat_mass: 'fat_mass',
    bone_mass: 'bone_mass',
    muscle_mass: 'muscle_mass',
    hydration: 'water_mass',
  };
  for (const { csv, rows = [], tz, expect } of format.expected_import) {
    const lines = csv === undefined ? [format.headers['weight.csv']!, ...rows] : csv.trim().split('\n');
    const found = (await all(accountRows('weight.csv', lines, tz, NOW))).map(said);
    for (const [name, expected] of Object.entries(expect)) {
      if (name === 'at') t.equal(found[0]?.end, new Date(expected).toISOString());
      else t.equal(found.find(({ quantity }) => quantity === names[name])?.value, expected, name);
    }
  }
  const heights = await all(
    accountRows('height.csv', [format.headers['height.csv']!, ...format.sample_rows['height.csv']!], 'Europe/Paris', NOW),
  );
  t.same(heights.map(said), [{ quantity: 'height', value: 1.8, start: '2020-05-27T11:11:12.000Z', end: '2020-05-27T11:11:12.000Z' }]);
  const pulses = await all(accountRows('raw_hr_hr.csv', ['start,duration,value', ...format.sample_rows['raw_hr_hr.csv']!], 'UTC', NOW));
  t.same(pulses.map(said)[0], { quantity: 'heart_rate', value: 86, start: '2022-04-10T22:00:40.000Z', end: '2022-04-10T22:01:02.000Z' });
  t.equal(pulses.length, format.sample_rows['raw_hr_hr.csv']!.length);
});

t.test('account exports: several values in one row, other languages, empty and odd rows', async (t) => {
  const steps = await all(
    accountRows('raw_tracker_steps.csv', ['start,duration,value', '2022-01-06T13:45:36+01:00,"[60,120]","[44,57]"'], 'UTC', NOW),
  );
  t.same(steps.map(said), [
    { quantity: 'steps', value: 44, start: '2022-01-06T12:45:36.000Z', end: '2022-01-06T12:46:36.000Z' },
    { quantity: 'steps', value: 57, start: '2022-01-06T12:46:36.000Z', end: '2022-01-06T12:48:36.000Z' },
  ]);
  const french = [
    '\uFEFFDate,"Poids (kg)","Masse grasse (kg)","Masse osseuse (kg)","Masse musculaire (kg)","Hydratation (kg)",Commentaires',
    '"2024-01-15 10:30:00",75.5,15.2,3.1,45.2,,"dit ""bon"", oui"',
  ];
  t.same(
    (await all(accountRows('weight.csv', french, 'Europe/Paris', NOW))).map(({ value }) => value),
    [75.5, 15.2, 3.1, 45.2],
  );
  let leftOut = 0;
  for await (const row of accountRows(
    'raw_hr_hr.csv',
    ['start,duration,value', 'x,[1],[2]', '2022-04-11T00:00:40+02:00,[1],[2,3]', '"', '2022-04-11T00:00:40+02:00,[1],[9000]'],
    'UTC',
    NOW,
  ))
    if (row === undefined) leftOut++;
  t.equal(leftOut, 4);
  t.equal((await all(accountRows('raw_hr_hr.csv', ['start,duration,value'], 'UTC', NOW))).length, 0, 'a file without data');
  await t.rejects(all(accountRows('raw_hr_hr.csv', ['time,bpm'], 'UTC', NOW)), { name: 'ArchiveError', message: /not its header/ });
});

t.test('wall-clock times are those of the zone on that day; the hour that comes twice is the earlier one', (t) => {
  const utc = (text: string, zone: string): string | undefined => {
    const time = wallTimeOf(text, zone);
    return time === undefined ? undefined : new Date(time.ms).toISOString();
  };
  t.equal(utc('2026-07-01 08:12:00', 'Europe/Oslo'), '2026-07-01T06:12:00.000Z');
  t.equal(utc('2026-01-01 08:12:00', 'Europe/Oslo'), '2026-01-01T07:12:00.000Z');
  t.equal(utc('2026-10-25 02:30:00', 'Europe/Paris'), '2026-10-25T00:30:00.000Z');
  t.equal(utc('2026-03-29 03:00:00', 'Europe/Paris'), '2026-03-29T01:00:00.000Z');
  t.equal(utc('2026-07-01 08:12:00', 'Asia/Kolkata'), '2026-07-01T02:42:00.000Z');
  t.equal(utc('yesterday', 'Europe/Paris'), undefined);
  t.end();
});
