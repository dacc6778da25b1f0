/** The table of families, and the page that tells a reader what is decoded and how that is known. */
import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { families } from '../../../../../hub/sources/ble/advertisements/families.ts';

const folder = new URL('../../../../../hub/sources/ble/advertisements/', import.meta.url);
const page = readFileSync(new URL('README.md', folder), 'utf8');
const rows = page
  .slice(page.indexOf('## Families'))
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| family') && !line.startsWith('| ---'))
  .map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );

t.test('the page has a row for every family, in their order, and no other', async (t) => {
  t.same(rows.map(([name]) => name).sort(), families.map(({ name }) => name).sort());
});

t.test('every row says how its decoder was verified, or that it was not', async (t) => {
  for (const row of rows) t.match(row[3], /\d+ cases?|documentation|specification|unverified/, row[0]!);
});

t.test('a family is recognised by something, as the table of look-ups needs it', async (t) => {
  for (const { name, companies = [], serviceData = [], serviceUuids = [], names = [] } of families) {
    t.ok(companies.length + serviceData.length + serviceUuids.length + names.length > 0, name);
    for (const company of companies) t.ok(Number.isInteger(company) && company >= 0 && company <= 0xffff, `${name}: company ${company}`);
    for (const uuid of serviceData) t.match(uuid, /^[0-9a-f]{4}$/, `${name}: service data ${uuid}`);
    for (const uuid of serviceUuids) t.match(uuid, /^[0-9a-f]{4}$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, `${name}: service ${uuid}`);
    for (const prefix of names) t.ok(prefix.length >= 2, `${name}: a name of two characters or more`);
  }
});

t.test('every decoder file of the folder is in the table', async (t) => {
  const table = readFileSync(new URL('families.ts', folder), 'utf8');
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.ts'))) {
    if (!/: AdvertisementFamily = \{/.test(readFileSync(new URL(file, folder), 'utf8'))) continue;
    t.ok(table.includes(`from './${file}'`), file);
  }
});
