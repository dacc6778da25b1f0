/** `hearth ble near` and `hearth ble capture`: what an unknown device says, into a file that is a test as it is. */
import { existsSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { CaptureFile } from '../sources/ble/capture/capture-file.ts';
import { CliError, exitCodes } from './client.ts';
import type { CommandLine } from './command-line.ts';

interface CaptureOptions {
  readonly output?: string;
  readonly seconds: number;
  readonly connect?: true;
  readonly yes?: true;
}
interface NeighbourJson {
  readonly address: string;
  readonly name: string | null;
  readonly rssi: number;
  readonly times: number;
}

/** What a person agrees to before anything is recorded. */
const askedOf = (address: string, { seconds, connect }: CaptureOptions, file: string): string =>
  `For ${seconds} s everything that ${address} broadcasts is recorded: bytes, times, signal strength, its name.
${
  connect === true
    ? 'It is connected to: all that can be read of it is recorded, its serial number and what it measured among it, and what it notifies. Nothing is written to it.\n'
    : 'It is not connected to (--connect does that).\n'
}Nothing of any other device is recorded. It goes into ${file} on this machine, and nowhere else.`;

export function captureCommands(bluetooth: Command, { client, show, table, withJson }: CommandLine): void {
  withJson(bluetooth.command('near'))
    .description(
      'whatever broadcasts in reach, strongest first, to find the address of a device that is not known by sight; nothing is kept',
    )
    .option('--seconds <number>', 'how long to listen', Number, 5)
    .action(async ({ seconds }: { seconds: number }) => {
      const near = (await client().get(`/api/v1/bluetooth/near?seconds=${seconds}`)) as NeighbourJson[];
      show(near, () =>
        table([
          ['address', 'name', 'signal', 'broadcasts'],
          ...near.map(({ address, name, rssi, times }) => [address, name ?? '', `${rssi} dBm`, `${times}`]),
        ]),
      );
    });

  withJson(bluetooth.command('capture'))
    .description('what one device says, into a file that is a test as it is (test/hub/sources/ble/captures)')
    .argument('<address>', 'like A4:C1:38:8D:18:B2; hearth ble near shows those in reach')
    .option('--output <file>', 'file to write; else named after the address')
    .option('--seconds <number>', 'how long', Number, 20)
    .option('--connect', 'connect to it: its characteristics, what they say, and what they notify')
    .option('--yes', 'do not ask whether to begin')
    .action(async (address: string, options: CaptureOptions) => {
      const { output = `ble-${address.replaceAll(/[^0-9A-Fa-f]/g, '').toLowerCase()}.json`, seconds, connect, yes } = options;
      if (existsSync(output)) throw new CliError(exitCodes.usage, `${output} is there already: name another file with --output`);
      if (yes !== true) await agreed(askedOf(address, options, output));
      const body = { seconds, connect: connect === true };
      const file = (await client().post(`/api/v1/bluetooth/${encodeURIComponent(address)}/capture`, body)) as CaptureFile;
      if (file.cases.length === 0)
        throw new CliError(
          exitCodes.refused,
          `nothing was heard of ${address} in ${seconds} s: wake it, and see with 'hearth ble near' whether it is in reach`,
        );
      // Whoever reads it knows where this device is, and perhaps what a person weighs.
      writeFileSync(output, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
      show(file, () => described(file, output));
    });
}

async function agreed(text: string): Promise<void> {
  console.error(text);
  if (process.stdin.isTTY !== true) throw new CliError(exitCodes.usage, 'nobody is there to agree: add --yes');
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await asking.question('Begin? [y/N] ');
  asking.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError(exitCodes.refused, 'nothing was recorded');
}

/** What would Hearth make of it, line by line. */
function described({ address, name, cases, gatt, says }: CaptureFile, output: string): string {
  const lines = says.map(({ of, kind, model, values }) => {
    const told = values.map(({ quantity, value, channel }) => `${quantity}${channel === undefined ? '' : ` ${channel}`} ${value}`);
    return `  ${of}: ${model === '' ? 'not known' : model}${kind === 'values' || kind === 'unknown' ? '' : ` (${kind})`}${told.length === 0 ? '' : `: ${told.join(', ')}`}`;
  });
  const over =
    gatt === null
      ? []
      : [
          `${gatt.characteristics.length} characteristics, ${gatt.told.length} answers and notifications${gatt.trouble === '' ? '' : ` (${gatt.trouble})`}`,
        ];
  const heard = `${cases.length} different broadcasts, ${cases.reduce((sum, { times }) => sum + times, 0)} in all`;
  return [
    `${address}${name === null ? '' : ` (${name})`}: ${[heard, ...over].join('; ')}`,
    'What Hearth makes of it:',
    ...lines,
    `Written to ${output}.`,
  ].join('\n');
}
