/**
 * A stand-in for nmcli, first on PATH for this process and all it starts. A small program takes the call to the test, which answers
 * in the words and forms of nmcli 1.42.4, as recorded from it, out of a world that the test may change; every call is written down.
 */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Test } from 'tap';

/**
 * Tells its process id and, of the editor alone, its standard input; the test reads arguments and environment in /proc, where every
 * program of a machine could. Bash, since hundreds of calls are made and it starts in milliseconds.
 */
const client = String.raw`#!/bin/bash
exec 3<>/dev/tcp/127.0.0.1/PORT
case " $* " in *" edit "*) IFS= read -r -d '' input ;; esac
printf '%s\0%s\0' "$$" "$input" >&3
read -r code <&3
IFS= read -r -d '' text <&3
if [ "$code" = 0 ]; then printf '%s' "$text"; else printf '%s' "$text" >&2; fi
exit "$code"
`;

export interface World {
  isStopped: boolean;
  /** polkit refuses. */
  isForbidden: boolean;
  hardware: 'enabled' | 'disabled' | 'missing';
  radio: 'enabled' | 'disabled';
  connectivity: string;
  devices: { DEVICE: string; TYPE: string; STATE: string; CONNECTION: string }[];
  air: Record<string, string | number>[];
  /** The right password of each network in reach; empty: open. */
  passwords: Record<string, string>;
  /** A network that never answers, and one that gives no address. */
  slow: string;
  noAddress: string;
  profiles: Record<string, string>[];
  count: number;
}

export interface Call {
  readonly args: readonly string[];
  readonly input: string;
  /** `NAME=value` each. */
  readonly environment: readonly string[];
}

export interface StandIn {
  readonly folder: string;
  readonly world: World;
  readonly calls: Call[];
}

const hex = (text: string): string => Buffer.from(text).toString('hex').toUpperCase();

/** An access point as nmcli's columns say it, node-wifi's and ours. */
export const accessPoint = (ssid: string, bssid: string, signal: number, security: string, active = 'no') => ({
  ACTIVE: active,
  SSID: ssid,
  'SSID-HEX': hex(ssid),
  BSSID: bssid,
  MODE: 'Infra',
  CHAN: 11,
  FREQ: '2462 MHz',
  SIGNAL: signal,
  SECURITY: security,
  'WPA-FLAGS': '(none)',
  'RSN-FLAGS': security.includes('802.1X') ? 'pair_ccmp group_ccmp 802.1X' : 'pair_ccmp group_ccmp psk',
});

export const home: World = {
  isStopped: false,
  isForbidden: false,
  hardware: 'enabled',
  radio: 'enabled',
  connectivity: 'full',
  devices: [
    { DEVICE: 'eth0', TYPE: 'ethernet', STATE: 'unavailable', CONNECTION: '' },
    { DEVICE: 'wlan0', TYPE: 'wifi', STATE: 'disconnected', CONNECTION: '' },
    { DEVICE: 'lo', TYPE: 'loopback', STATE: 'connected (externally)', CONNECTION: 'lo' },
  ],
  air: [
    accessPoint('Wohnung', '02:00:00:00:00:01', 61, 'WPA2'),
    accessPoint('Wohnung', '02:00:00:00:00:02', 84, 'WPA2'),
    accessPoint('Café: 2. Stock\\Süd', '02:00:00:00:00:03', 70, 'WPA1 WPA2'),
    accessPoint('', '02:00:00:00:00:04', 50, 'WPA2'),
    accessPoint('eduroam', '02:00:00:00:00:05', 40, 'WPA2 802.1X'),
    accessPoint('Bahnhof', '02:00:00:00:00:06', 30, ''),
    accessPoint('Neu', '02:00:00:00:00:07', 20, 'WPA3'),
    { ...accessPoint('?', '02:00:00:00:00:08', 10, 'WPA2'), SSID: '\ufffd\ufffd', 'SSID-HEX': 'FFFE' },
  ],
  passwords: { Wohnung: 'geheim "x": #1', Bahnhof: '', Neu: 'sehr geheim', 'Café: 2. Stock\\Süd': 'kaffee und kuchen' },
  slow: '',
  noAddress: '',
  profiles: [],
  count: 0,
};

export async function standIn(t: Test, changed: Partial<World> = {}): Promise<StandIn> {
  const folder = t.testdir({});
  const world: World = structuredClone({ ...home, ...changed });
  const calls: Call[] = [];
  const server = createServer((socket) => {
    let text = '';
    socket.setEncoding('utf8').on('error', () => undefined);
    socket.on('data', (chunk: string) => {
      text += chunk;
      const [pid = '', input = '', end] = text.split('\0');
      if (end === undefined) return;
      const call = { args: listIn(`/proc/${pid}/cmdline`).slice(2), input, environment: listIn(`/proc/${pid}/environ`) };
      calls.push(call);
      const { code, output } = answer(world, call);
      socket.end(`${code}\n${output}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  writeFileSync(`${folder}/nmcli`, client.replace('PORT', String(typeof address === 'object' ? address?.port : '')));
  chmodSync(`${folder}/nmcli`, 0o755);
  const { PATH } = process.env;
  process.env.PATH = `${folder}:${PATH}`;
  t.teardown(() => {
    process.env.PATH = PATH;
    server.close();
  });
  return { folder, world, calls };
}

const listIn = (file: string): string[] => readFileSync(file, 'utf8').split('\0').slice(0, -1);

interface Answer {
  readonly code: number;
  /** On standard output, or on standard error when the code is not 0. */
  readonly output: string;
}
const done = (output = ''): Answer => ({ code: 0, output });
const refused = (code: number, error: string): Answer => ({ code, output: `Error: ${error}\n` });
const escaped = (value: string | number | undefined): string => String(value ?? '').replace(/[\\:]/g, '\\$&');

function answer(world: World, { args, input }: Call): Answer {
  const after = (word: string): string => args[args.indexOf(word) + 1] ?? '';
  const options = ['--fields', '--escape', '--wait', '--get-values', '--rescan'];
  const words = args.filter((word, at) => !word.startsWith('--') && !options.includes(args[at - 1] ?? ''));
  const [object, verb = '', by = '', id = ''] = words;
  const fields = (args.includes('--fields') ? after('--fields') : '').split(',');
  const table = (rows: readonly Record<string, string | number>[]): Answer =>
    done(rows.map((row) => `${fields.map((field) => escaped(row[field.toUpperCase()])).join(':')}\n`).join(''));

  if (world.isStopped) return refused(8, 'NetworkManager is not running.');
  if (world.isForbidden && ['add', 'edit', 'up', 'delete', 'modify'].includes(verb))
    return refused(1, `Failed to ${verb} '${after('con-name')}' connection: Insufficient privileges`);
  if (object === 'general') return table([{ RUNNING: 'running', 'WIFI-HW': world.hardware, WIFI: world.radio }]);
  if (object === 'networking') return done(`${world.connectivity}\n`);
  if (object === 'device') return table(verb === 'status' ? world.devices : world.air);
  if (verb === 'show' && by === '') return table(world.profiles.map(profileRow));
  if (verb === 'add') return add(world, args);
  const profile = world.profiles.find((one) => one[by] === id);
  if (profile === undefined) return refused(10, `unknown connection '${id}'.`);
  switch (verb) {
    case 'show':
      return done(`${escaped(profile.ssid)}\n${profile['802-11-wireless.mode'] ?? 'infrastructure'}\n`);
    case 'modify':
      profile[args[4]!] = args[5]!;
      return done();
    case 'delete':
      world.profiles = world.profiles.filter((one) => one !== profile);
      if (profile.isActive === 'yes') leave(world);
      return done(`Connection '${profile.id}' (${profile.uuid}) successfully deleted.\n`);
    case 'edit':
      return edit(profile, input);
    case 'up':
      return up(world, profile, after('--wait'));
    default:
      return refused(2, `argument '${verb}' not understood. Try passing --help instead.`);
  }
}

const profileRow = (one: Record<string, string>) => ({
  UUID: one.uuid!,
  TYPE: '802-11-wireless',
  NAME: one.id!,
  'AUTOCONNECT-PRIORITY': one['connection.autoconnect-priority'] ?? '0',
  ACTIVE: one.isActive ?? 'no',
});

function add(world: World, args: readonly string[]): Answer {
  const profile: Record<string, string> = { uuid: `00000000-0000-4000-8000-${String(++world.count).padStart(12, '0')}` };
  for (let at = 4; at < args.length; at += 2) profile[args[at] === 'con-name' ? 'id' : args[at]!] = args[at + 1]!;
  world.profiles.push(profile);
  return done(`Connection '${profile.id}' (${profile.uuid}) successfully added.\n`);
}

/** The editor repeats what it is given on its output, takes blanks off values, and ends with 0 whatever happened. */
function edit(profile: Record<string, string>, input: string): Answer {
  let output = '\n===| nmcli interactive connection editor |===\n\n';
  for (const line of input.split('\n')) {
    output += `nmcli> ${line}\n`;
    const psk = /^set 802-11-wireless-security\.psk (.*)$/.exec(line)?.[1];
    if (psk !== undefined) profile.psk = psk.trim();
    if (line.startsWith('save')) output += `Connection '${profile.id}' (${profile.uuid}) successfully updated.\n`;
  }
  return done(output);
}

function up(world: World, profile: Record<string, string>, waitS: string): Answer {
  leave(world);
  const isHotspot = profile['802-11-wireless.mode'] === 'ap';
  const password = world.passwords[profile.ssid!];
  const failed = (why: string): Answer => refused(4, `Connection activation failed: ${why}`);
  if (profile.ssid === world.slow) return refused(3, `Timeout ${waitS} sec expired.`);
  if (profile.ssid === world.noAddress) return failed('IP configuration could not be reserved (no available address, timeout, etc.)');
  if (!isHotspot && password === undefined) return failed('The Wi-Fi network could not be found');
  if (!isHotspot && password !== (profile.psk ?? '')) return failed('Secrets were required, but not provided');
  profile.isActive = 'yes';
  for (const device of world.devices) if (device.TYPE === 'wifi') Object.assign(device, { STATE: 'connected', CONNECTION: profile.id });
  return done('Connection successfully activated (D-Bus active path: /org/freedesktop/NetworkManager/ActiveConnection/3)\n');
}

function leave(world: World): void {
  for (const one of world.profiles) one.isActive = 'no';
  for (const device of world.devices) if (device.TYPE === 'wifi') Object.assign(device, { STATE: 'disconnected', CONNECTION: '' });
}
