/** `hearth device`: measuring on this machine, for the hub on it or for a hub at the other end of a serial line. */
import { homedir } from 'node:os';
import { Command } from 'commander';
import { textTable } from './text-table.ts';

interface Options {
  readonly rig: string;
  readonly board: readonly string[];
  readonly port?: string;
  readonly link?: string;
  readonly state: string;
  readonly virtual?: string;
}

interface CalibrateArguments {
  readonly rig: string;
  readonly device: string;
  readonly tolerance: string;
  readonly state: string;
  readonly virtual?: string;
}

const DEFAULT_STATE = `${homedir()}/.local/state/hearth-device`;

const EXAMPLES = `
Options of run, which may be left out as a word: hearth device run --help

On a Pi of its own, wired to the hub by a USB serial adapter:
  hearth device --rig rig.yaml --link /dev/serial/by-id/usb-FTDI_…
On a Pi of its own without a cable, on the air: 'bluetooth: true' beside the board in the rig file, and
  hearth device --rig rig.yaml
It serves the standard Bluetooth services (weight scale, heart rate, running, environment), which phone apps read, and the hub's own line.
Whoever wants to pair does so within ten minutes of its start; 'bluetooth: { pairing: none }' tells everybody in reach.
Try its chips before anything else; lay what moves still:
  hearth device test --rig rig.yaml
Calibrate its scale on that Pi, or later through the hub with hearth calibrate:
  hearth device calibrate --rig rig.yaml --device scale --tolerance 0.005
What has not been acknowledged by the hub waits in the state folder, over restarts and power cuts, and is delivered with its own times.`;

/** The command, to be parsed alone or hung into another. What it needs is loaded when it runs: others do not wait for johnny-five. */
export function deviceCommand(): Command {
  const command = new Command('device').description('Measures on this machine: runs the devices of a rig file for a hub.');
  command.addHelpText('after', EXAMPLES);
  command
    .command('run', { isDefault: true })
    .description('measures until it is told to stop')
    .requiredOption('--rig <file>', 'rig file: boards, chips, calibration')
    .option('--board <name...>', 'only these boards of the rig file', [])
    .option('--port <path>', "in place of the one Firmata board's port")
    .option('--link <path>', 'serial port to the hub, 115,200 baud; - for standard input and output; none for devices on the air alone')
    .option('--state <folder>', 'what is kept over restarts', DEFAULT_STATE)
    .option('--virtual <folder>', 'folder of the virtual rig, for ports called virtual')
    .action(async ({ rig, board: boards, port, link, state, virtual }: Options) => {
      const stop = new AbortController();
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
      const { runDevices } = await import('./run.ts');
      try {
        await runDevices({ rig, boards, port, link, state, virtual }, stop.signal);
      } catch (error) {
        await refuse(error);
      }
      process.exit(0);
    });
  command
    .command('calibrate')
    .description('calibrates a load cell mass by mass, without a hub; stop its program meanwhile')
    .requiredOption('--rig <file>', 'rig file: boards, chips, calibration')
    .requiredOption('--device <id>', 'scale or bed mat of the rig file')
    .option('--tolerance <kg>', 'of the masses, as their class or their maker says', '0')
    .option('--state <folder>', 'what is kept over restarts', DEFAULT_STATE)
    .option('--virtual <folder>', 'folder of the virtual rig, for ports called virtual')
    .action(async ({ rig, device, tolerance, state, virtual }: CalibrateArguments) => {
      const { askOnTerminal, calibrateDevice } = await import('./calibrate.ts');
      const { ask, close } = askOnTerminal();
      try {
        await calibrateDevice({ rig, device, state, virtual, toleranceKg: Math.max(0, Number(tolerance) || 0) }, ask, console.log);
      } catch (error) {
        await refuse(error);
      }
      close();
      process.exit(0);
    });
  command
    .command('test')
    .description('each chip of a rig file by itself: is it there, does it find itself sound, what does it read; stop its program meanwhile')
    .requiredOption('--rig <file>', 'rig file: boards, chips, calibration')
    .option('--board <name...>', 'only these boards of the rig file', [])
    .option('--virtual <folder>', 'folder of the virtual rig, for ports called virtual')
    .action(async ({ rig, board, virtual }: Pick<Options, 'rig' | 'board' | 'virtual'>) => {
      const { testRig } = await import('./test-rig.ts');
      try {
        process.exit((await testRig({ rig, boards: board, virtual }, console.log)) ? 0 : 1);
      } catch (error) {
        await refuse(error);
      }
    });
  command
    .command('check')
    .description('reads a rig file and says what it describes')
    .argument('<file>', 'rig file')
    .action(async (file: string) => {
      const { boardsOf } = await import('./run.ts');
      try {
        for (const { name, protocol, devices } of boardsOf({ rig: file, boards: [] }))
          for (const { id, kind } of devices) console.log(`${name} (${protocol}): ${kind} ${id}`);
      } catch (error) {
        await refuse(error);
      }
    });
  command
    .command('chips')
    .description('every chip and instrument that a rig file can name')
    .action(async () => console.log(await chipTable()));
  return command;
}

/** A mistake is one sentence and exit code 2; anything else is a defect and shows where. */
async function refuse(error: unknown): Promise<never> {
  const [{ RunError }, { SettingsError }] = await Promise.all([import('./run.ts'), import('./settings.ts')]);
  if (!(error instanceof RunError) && !(error instanceof SettingsError)) throw error;
  console.error(error.message);
  process.exit(2);
}

async function chipTable(): Promise<string> {
  const { airChips, loadCellChips, motionChips } = await import('./chips/registry.ts');
  const rows = [
    ...Object.entries(loadCellChips).map(([chip, { bus, settings }]) => ['scale, bed', chip, bus, 'weight', settings.join(' ')]),
    ...Object.entries(motionChips).map(([chip, { bus, settings }]) => ['tracker', chip, bus, 'steps', settings.join(' ')]),
    ...Object.entries(airChips).map(([chip, { bus, settings, quantities }]) => [
      'home',
      chip,
      bus,
      quantities.join(' '),
      settings.join(' '),
    ]),
  ];
  return textTable([['device', 'chip', 'bus', 'measures', 'settings'], ...rows]);
}
