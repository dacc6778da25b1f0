/** `hearth latest`, `hearth tare` and `hearth export`: what was measured. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Option } from 'commander';
import { exportFormats } from '../rights/export.ts';
import type { MeasurementJson } from '../store/measurement-json.ts';
import type { CommandLine } from './command-line.ts';

export function valueCommands({ program, client, show, table, withJson }: CommandLine): void {
  withJson(program.command('latest').description('newest value of each quantity of each device')).action(async () => {
    const rows = (await client().get('/api/v1/latest')) as MeasurementJson[];
    show(rows, () =>
      table([
        ['quantity', 'value', 'unit', 'category', 'time', 'device'],
        ...rows.map(({ quantity, value, unit, category, end, device }) => [quantity, String(value), unit, category, end, device]),
      ]),
    );
  });

  withJson(
    program.command('tare').description('take the present load of a scale as zero').argument('<device>', 'its id, see hearth devices'),
  ).action(async (device: string) => {
    await client().post(`/api/v1/devices/${encodeURIComponent(device)}/tare`);
    show({ tared: device }, () => `${device}: zero set`);
  });

  withJson(
    program
      .command('export')
      .description('everything that is kept')
      .addOption(new Option('--format <format>', 'form').choices([...exportFormats]).default('csv'))
      .option('--output <file>', 'file instead of standard output'),
  ).action(async ({ format, output, json }: { format: string; output?: string; json?: true }) => {
    const body = await client().stream(`/api/v1/export?format=${json ? 'json' : format}`);
    await pipeline(
      Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]),
      output === undefined ? process.stdout : createWriteStream(output, { mode: 0o600 }),
    );
  });
}
