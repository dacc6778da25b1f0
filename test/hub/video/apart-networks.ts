/**
 * Two networks that no packet passes between: this process' own namespace, where a hub and its viewers are, and one with an edge. A machine
 * stands in both and forwards nothing; it runs coturn, and hands TCP on to the edge.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import type { Test } from 'tap';
import { until } from './stage.ts';

export const TURNSERVER = '/usr/bin/turnserver';
export const TURN_SECRET = 'shared-by-coturn-and-the-edge';
/** Where the machine in the middle is seen from here: TURN, and TCP to the edge. */
export const MIDDLE = '10.77.1.1';
export const EDGE = '10.77.2.2';
export const EDGE_PORT = 8443;

const RELAY = `require('net').createServer((from) => {
  const to = require('net').connect(${EDGE_PORT}, '${EDGE}');
  for (const [a, b] of [[from, to], [to, from]]) { a.on('error', () => b.destroy()); a.pipe(b); }
}).listen(${EDGE_PORT}, '${MIDDLE}')`;

export interface ApartNetworks {
  /** Starts a program in the edge's network. */
  atEdge(command: string, args: readonly string[], env?: Readonly<Record<string, string>>): ChildProcess;
  /** Gives this side another address, as a machine has that comes to another network. */
  move(from: string, to: string): void;
}

export async function openApartNetworks(t: Test, folder: string): Promise<ApartNetworks> {
  const start = (command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    t.teardown(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    return child;
  };
  const own = readlinkSync('/proc/self/ns/net');
  const network = async (): Promise<number> => {
    const { pid } = start('unshare', ['--net', 'sleep', '300']);
    await until(() => readlinkSync(`/proc/${pid}/ns/net`) !== own, 'a network of its own');
    return pid!;
  };
  const [middle, edge] = [await network(), await network()];
  const within = (pid: number, command: readonly string[]): string[] => ['nsenter', '--target', String(pid), '--net', ...command];
  const run = ([command, ...args]: readonly string[]): void => {
    const { status, stderr } = spawnSync(command!, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  };
  const ip = (words: string, pid?: number): void =>
    run(pid === undefined ? ['ip', ...words.split(' ')] : within(pid, ['ip', ...words.split(' ')]));
  ip('link set lo up');
  ip(`link add hub0 type veth peer name mid0 netns ${middle}`);
  ip(`link add mid1 type veth peer name edge0 netns ${edge}`, middle);
  for (const [pid, device, address] of [
    [undefined, 'hub0', '10.77.1.2'],
    [middle, 'mid0', MIDDLE],
    [middle, 'mid1', '10.77.2.1'],
    [edge, 'edge0', EDGE],
  ] as const) {
    ip(`addr add ${address}/24 dev ${device}`, pid);
    ip(`link set ${device} up`, pid);
  }
  for (const pid of [middle, edge]) ip('link set lo up', pid);
  const inside = (pid: number, command: string, args: readonly string[], env?: Readonly<Record<string, string>>): ChildProcess => {
    const [enter, ...rest] = within(pid, [command, ...args]);
    return start(enter!, rest, env);
  };
  inside(middle, process.execPath, ['-e', RELAY]);
  const turn = [
    '-n',
    '--no-cli',
    '--no-tls',
    '--no-dtls',
    '--log-file=stdout',
    '--pidfile=/dev/null',
    // An own one, else it takes the machine's.
    `--userdb=${folder}/turn.db`,
    '--realm=hearth',
  ];
  const where = [`--listening-ip=${MIDDLE}`, '--relay-ip=10.77.2.1', '--min-port=50000', '--max-port=50100'];
  const turnserver = inside(middle, TURNSERVER, [...turn, ...where, '--use-auth-secret', `--static-auth-secret=${TURN_SECRET}`]);
  turnserver.stdout!.resume();
  return {
    atEdge: (command, args, env) => inside(edge, command, args, env),
    move(from, to) {
      ip(`addr del ${from}/24 dev hub0`);
      ip(`addr add ${to}/24 dev hub0`);
    },
  };
}
