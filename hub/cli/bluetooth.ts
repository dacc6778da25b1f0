/** `hearth bluetooth`: what the radio hears, and which devices are the household's. */
import { readFileSync } from 'node:fs';
import { captureCommands } from './bluetooth-capture.ts';
import type { CommandLine } from './command-line.ts';

interface BluetoothJson {
  readonly state: string;
  readonly message: string;
  readonly added: readonly {
    readonly address: string;
    readonly name: string;
    readonly model: string;
    readonly hasKey: boolean;
    readonly about: string;
    readonly trouble: string;
  }[];
  readonly found: readonly {
    readonly address: string;
    readonly model: string;
    readonly name: string | null;
    readonly rssi: number;
    readonly isLocked: boolean;
    readonly values: readonly { readonly label: string; readonly value: number; readonly unit: string }[];
  }[];
}

interface AddOptions {
  readonly name?: string;
  readonly keyFile?: string;
  readonly irkFile?: string;
  readonly user?: number;
  readonly code?: number;
}

export function bluetoothCommands(line: CommandLine): void {
  const { program, client, show, table, withJson } = line;
  const bluetooth = program.command('bluetooth').alias('ble').description('the radio, and the Bluetooth devices of the household');
  withJson(bluetooth.command('list', { isDefault: true }))
    .description('devices added, and devices in reach that could be')
    .action(async () => {
      const seen = (await client().get('/api/v1/bluetooth')) as BluetoothJson;
      show(seen, () =>
        [
          seen.message,
          table([
            ['address', 'name', 'model', '', 'signal', 'says'],
            ...seen.added.map(({ address, name, model, hasKey, about, trouble }) => [
              address,
              name,
              about === '' ? model : about,
              hasKey ? 'added, with key' : 'added',
              '',
              trouble,
            ]),
            ...seen.found.map(({ address, name, model, rssi, isLocked, values }) => [
              address,
              name ?? '',
              model,
              isLocked ? 'found, needs its key' : 'found',
              `${rssi} dBm`,
              values.map(({ label, value, unit }) => `${label} ${value} ${unit}`).join(', '),
            ]),
          ]),
        ].join('\n'),
      );
    });

  withJson(bluetooth.command('add'))
    .description('record a device from now on; its key, if it has one, is read from a file or standard input')
    .argument('<address>', 'like A4:C1:38:8D:18:B2')
    .option('--name <name>', 'what the household calls it')
    .option('--user <number>', 'your number on a device that knows several people', Number)
    .option('--code <code>', 'the code that you agreed on with the device: with it you consent that it tells your values', Number)
    .option('--key-file <file>', 'file with the key in hexadecimal; - for standard input')
    .option('--irk-file <file>', 'file with the identity key of a device that changes its address, in hexadecimal; - for standard input')
    .action(async (address: string, { name, keyFile, irkFile, user, code }: AddOptions) => {
      // Never as an option: every program of the machine can read the options of another.
      const secretOf = (file: string): string => readFileSync(file === '-' ? 0 : file, 'utf8').trim();
      const key = keyFile === undefined ? undefined : secretOf(keyFile);
      const irk = irkFile === undefined ? undefined : secretOf(irkFile);
      const body = {
        ...(name === undefined ? {} : { name }),
        ...(key === undefined ? {} : { key }),
        ...(irk === undefined ? {} : { irk }),
        ...(user === undefined ? {} : { userSlot: user }),
        ...(code === undefined ? {} : { consentCode: code }),
      };
      const added = await client().put(`/api/v1/bluetooth/${encodeURIComponent(address)}`, body);
      show(added, () => `${address}: recorded from now on`);
    });

  captureCommands(bluetooth, line);

  withJson(bluetooth.command('remove'))
    .description('record a device no longer; what was recorded stays')
    .argument('<address>', 'like A4:C1:38:8D:18:B2')
    .action(async (address: string) => {
      await client().delete(`/api/v1/bluetooth/${encodeURIComponent(address)}`);
      show({ removed: address }, () => `${address}: not recorded any more`);
    });
}
