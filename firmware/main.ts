/**
 * `node firmware/main.ts --rig FILE --board NAME [--port PATH] --link PATH|- [--state DIR]`
 *
 * The device programs of one board: opens the Firmata board at its port (or at PATH), measures, and speaks frames on the link, a
 * serial port or, for `-`, its own standard input and output.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runBoard } from './board-programs.ts';
import { openFirmataBoard } from './buses/firmata.ts';
import { systemClock } from './clock.ts';
import { programOf } from './devices/programs.ts';
import { keepLink } from './link.ts';
import { parseRig } from './rig.ts';
import { createUplink } from './uplink.ts';

const VERSION = '0.1.0';
const RESEND_TICK_MS = 100;

const { values } = parseArgs({
  options: {
    rig: { type: 'string' },
    board: { type: 'string' },
    port: { type: 'string' },
    link: { type: 'string' },
    state: { type: 'string' },
  },
});
if (values.rig === undefined || values.board === undefined || values.link === undefined) {
  fail('--rig FILE, --board NAME and --link PATH are needed');
}
const rig = parseRig(readFileSync(values.rig, 'utf8'), values.rig);
const board = rig.boards.find(({ name }) => name === values.board);
if (board === undefined) fail(`${values.rig} has no board '${values.board}': one of ${rig.boards.map(({ name }) => name).join(', ')}`);
const port = values.port ?? board.port;

const stop = new AbortController();
const programs = board.devices.map((device) => programOf(device, values.state ?? '.'));
const link = keepLink(values.link, systemClock, stop.signal);
const uplink = createUplink({
  firmware: VERSION,
  boot: randomBytes(4).readUInt32LE(),
  devices: programs,
  clock: systemClock,
  write: link.write,
  onCommand(channel, command) {
    if (command.name !== 'tare') return;
    const done = programs[channel]?.tare?.();
    if (done !== undefined && !done.ok) uplink.status(channel, { state: 'running', message: done.message });
    else if (done !== undefined) uplink.status(channel, { state: 'running', message: '' });
  },
});
link.start(uplink);
const timer = setInterval(() => uplink.tick(), RESEND_TICK_MS);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
await runBoard({ open: () => openFirmataBoard(port), programs, uplink, clock: systemClock, signal: stop.signal });
clearInterval(timer);
process.exit(0);

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
