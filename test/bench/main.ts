/**
 * `npm run bench -- [NAME] [--json FILE]`: measures what the project claims, each figure beside the limit or the peer that
 * it is held against. NAME selects benches whose path contains it. Exit code 1 when a goal is missed.
 */
import { globSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { textTable } from '../../firmware/text-table.ts';
import type { Bench, BenchRow } from './row.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'string' } } });
const wanted = positionals[0] ?? '';
const files = globSync('*/*.ts', { cwd: import.meta.dirname })
  .filter((file) => file.includes(wanted))
  .sort();
if (files.length === 0) {
  console.error(`no bench is called '${wanted}': they are in test/bench`);
  process.exit(2);
}

const rows: BenchRow[] = [];
for (const file of files) {
  const { rows: bench } = (await import(`./${file}`)) as { rows?: Bench };
  if (bench === undefined) continue;
  process.stderr.write(`measuring ${file} …\n`);
  rows.push(...(await bench()));
}

const cells = rows.map(({ name, value, unit, against, ratio, goal, holds }) => [
  name,
  String(Number(value.toPrecision(4))),
  unit,
  against,
  ratio === null ? '-' : ratio.toFixed(2),
  goal,
  holds ? 'yes' : 'NO',
]);
console.log(textTable([['name', 'value', 'unit', 'against', 'ratio', 'goal', 'holds'], ...cells]));
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
process.exit(rows.every(({ holds }) => holds) ? 0 : 1);
