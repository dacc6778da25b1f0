/**
 * Whether the virtual controller answers as somebody else's does: the same conversation, real noble and real bleno, over ours and over
 * BlueZ's own emulator (btvirt), and what the controllers told their hosts compared. Where btvirt is not installed, it is said so.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { systemClock } from '../../../../firmware/clock.ts';
import { openPty } from '../../../../hardware/virtual/pty.ts';
import { createAir } from '../../../../hardware/virtual/radio/air.ts';
import { createController, type VirtualController } from '../../../../hardware/virtual/radio/controller.ts';
import { createH4Reader } from '../../../../hardware/virtual/radio/h4.ts';
import { COMMAND, EVENT, LE_EVENT, PACKET } from '../../../../hardware/virtual/radio/hci.ts';
import { createRandom } from '../../../../hardware/virtual/random.ts';
import { parseAdvertisingData } from '../../../../hub/sources/ble/advertising-data.ts';
import type { HeardAdvert, RadioSaid } from '../../../../hub/sources/ble/radio/lines.ts';
import { startRadioProgram } from '../../../../hub/sources/ble/radio/program.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
/** Where btvirt listens for hosts of its LE controllers; it cannot be told otherwise. */
const SOCKET = '/tmp/bt-server-le';
const WITHIN_MS = 60_000;
/** btvirt sends an advertisement once, when a scan or the advertising begins: where that was missed, the scan begins again. */
const AGAIN_MS = 2000;
const HEART_RATE = '180d';

async function until(holds: () => boolean, what: string, again?: () => void): Promise<void> {
  const beganMs = performance.now();
  for (let askedMs = beganMs; !holds(); ) {
    const nowMs = performance.now();
    if (nowMs - beganMs > WITHIN_MS) throw new Error(`${what}: not within ${WITHIN_MS / 1000} s`);
    if (again !== undefined && nowMs - askedMs > AGAIN_MS) {
      askedMs = nowMs;
      again();
    }
    await systemClock.sleep(20);
  }
}

/** Events whose meaning both emulators must agree on; the others differ by what a controller is able to. */
const said = (command: number, status: number): string | undefined => {
  const name = Object.entries(COMMAND).find(([, code]) => code === command)?.[0];
  return name === undefined || !CONVERSATION.has(name) ? undefined : `${name}: ${status}`;
};
const CONVERSATION = new Set([
  'reset',
  'setEventMask',
  'leSetEventMask',
  'leSetScanParameters',
  'leSetScanEnable',
  'leCreateConnection',
  'disconnect',
  'leSetAdvertisingParameters',
  'leSetAdvertisingData',
  'leSetScanResponse',
  'leSetAdvertisingEnable',
]);

/** A packet to a host, in words; undefined for what is not compared. */
function wordOf(packet: Uint8Array): string | undefined {
  if (packet[0] !== PACKET.event) return undefined;
  const [code, body] = [packet[1]!, packet.subarray(3)];
  const command = (at: number): number => body[at]! | (body[at + 1]! << 8);
  if (code === EVENT.commandComplete) return said(command(1), body[3]!);
  if (code === EVENT.commandStatus) return said(command(2), body[0]!);
  if (code === EVENT.disconnected) return `disconnected: status ${body[0]}, reason ${body[3]}`;
  if (code !== EVENT.leMeta) return undefined;
  // Status, role, kind of the peer's address; its own numbers and intervals are the controller's choice.
  if (body[0] === LE_EVENT.connected) return `connected: status ${body[1]}, role ${body[4]}, peer ${body[5]}`;
  if (body[0] === LE_EVENT.advertisingReport)
    return `report: ${body[1]} of type ${body[2]}, ${packet.length - 3 - 12 - body[10]!} bytes more than said`;
  return undefined;
}

/** Where btvirt goes its own way, and the specification (Bluetooth Core 5.4) ours. */
const otherwise: readonly {
  readonly side: 'central' | 'peripheral';
  readonly theirs: string;
  readonly ours: string;
  readonly because: string;
}[] = [
  {
    side: 'central',
    theirs: 'leSetScanEnable: 12',
    ours: '',
    because: 'it refuses a scan that is on already, which Vol 4 Part E, 7.8.11 allows',
  },
  {
    side: 'peripheral',
    theirs: 'leSetAdvertisingEnable: 12',
    ours: '',
    because: 'it refuses advertising that is on already, which Vol 4 Part E, 7.8.9 allows',
  },
  {
    side: 'peripheral',
    theirs: 'disconnected: status 0, reason 19',
    ours: 'disconnected: status 0, reason 22',
    because: 'who hung up is told what the other is told; by Vol 1 Part F, 2.22 it is told that it was itself',
  },
];

interface Wire extends Disposable {
  /** What the controller told its host, each once, in the order in which it came first. */
  readonly words: () => string[];
}
type Plug = (link: string, address: string) => Wire;

const heardWords = () => {
  const words = new Set<string>();
  const read = createH4Reader();
  return {
    words: () => [...words],
    hear(bytes: Uint8Array) {
      for (const word of read(bytes).map(wordOf)) if (word !== undefined) words.add(word);
    },
  };
};

/** The conversation: heard, connected to, two reads, a subscription, a notification, and the device hangs up. */
async function converse(folder: string, plug: Plug) {
  const [hub, strap] = [plug(`${folder}/hub`, 'C0:FF:EE:00:00:01'), plug(`${folder}/strap`, '00:24:E4:00:00:07')];
  const serve = `${root}hardware/virtual/radio/serve.ts`;
  const peripheral = spawn(
    'env',
    ['-u', 'NODE_OPTIONS', process.execPath, '--disable-warning=ExperimentalWarning', serve, `strap=${folder}/strap`],
    {
      stdio: ['pipe', 'ignore', 'inherit'],
    },
  );
  const stop = new AbortController();
  const adverts: HeardAdvert[] = [];
  const link: Exclude<RadioSaid, { say: 'advert' | 'adapter' }>[] = [];
  const radio = startRadioProgram({
    root,
    controller: `${folder}/hub`,
    isPassive: false,
    onAdvert: (advert) => void adverts.push(advert),
    onLink: (one) => void link.push(one),
    onEnd: () => undefined,
    onHealth: () => undefined,
    log: () => undefined,
    clock: systemClock,
    signal: stop.signal,
  });
  const of = <Kind extends RadioSaid['say']>(kind: Kind) =>
    link.filter((one): one is Extract<RadioSaid, { say: Kind; link: number }> => one.say === (kind as string));
  const parsed = (advert: HeardAdvert) => parseAdvertisingData(Buffer.from(advert.data, 'hex'));
  try {
    const isStrap = (advert: HeardAdvert): boolean => advert.isConnectable && parsed(advert).serviceUuids.includes(HEART_RATE);
    await until(
      () => adverts.some(isStrap) && adverts.some(({ isScanResponse }) => isScanResponse),
      'the strap’s advertisement and its answer',
      () => radio.ask({ ask: 'rescan' }),
    );
    const { address, isRandom } = adverts.find(isStrap)!;
    radio.ask({ ask: 'connect', link: 1, address, isRandom, withinMs: WITHIN_MS });
    await until(
      () => of('connected').length + of('ended').length > 0,
      'the link',
      () => radio.ask({ ask: 'rescan' }),
    );
    for (const characteristic of ['2a38', '2a19']) radio.ask({ ask: 'read', link: 1, characteristic });
    await until(() => of('answered').length === 2, 'two answers');
    radio.ask({ ask: 'subscribe', link: 1, characteristic: '2a37' });
    await until(() => of('notified').length > 0 && of('ended').length > 0, 'a notification, and the end');
    return {
      heard: [...new Set(adverts.map((advert) => `${advert.isScanResponse ? 'answer' : 'advertisement'} ${advert.data}`))].sort(),
      characteristics: of('connected')[0]!.characteristics,
      answers: of('answered').map(({ characteristic, data }) => `${characteristic}: ${data}`),
      notified: of('notified')[0]!.data,
      central: hub.words().sort(),
      peripheral: strap.words().sort(),
    };
  } finally {
    stop.abort();
    peripheral.kill('SIGKILL');
    await radio.done;
    hub[Symbol.dispose]();
    strap[Symbol.dispose]();
  }
}

const reason =
  spawnSync('btvirt', ['--version']).error !== undefined
    ? 'btvirt is not installed: apt-get install bluez-test-tools'
    : existsSync(SOCKET)
      ? `another btvirt runs: ${SOCKET} is taken`
      : false;

t.test('the virtual controller tells hosts what BlueZ’s emulator tells them', { skip: reason }, async (t) => {
  const folder = t.testdir({ ours: {}, theirs: {} });
  const air = createAir(createRandom(1));
  const peers = new Set<VirtualController>();
  const ours = await converse(`${folder}/ours`, (link, address) => {
    const { words, hear } = heardWords();
    const read = createH4Reader();
    const pty = openPty(link, (bytes) => {
      for (const packet of read(bytes)) controller.receive(packet);
    });
    const controller = createController({
      air,
      address,
      peers,
      send(packet) {
        hear(packet);
        pty.write(packet);
      },
    });
    return {
      words,
      [Symbol.dispose]() {
        pty.close();
        controller[Symbol.dispose]();
      },
    };
  });
  air[Symbol.dispose]();

  // A kernel that has no AF_ALG: its two calls are answered in its place, where a compiler is.
  const shim = `${folder}/no-af-alg.so`;
  const source = fileURLToPath(new URL('no-af-alg.c', import.meta.url));
  const isCompiled = spawnSync('cc', ['-shared', '-fPIC', '-O2', '-o', shim, source, '-ldl']).status === 0;
  const btvirt = spawn('timeout', ['120', 'btvirt', '-s'], {
    stdio: 'ignore',
    env: { ...process.env, NODE_OPTIONS: '', ...(isCompiled && { LD_PRELOAD: shim }) },
  });
  t.teardown(() => {
    btvirt.kill();
    execFileSync('rm', ['-f', SOCKET, ...['amp', 'bredr', 'bredrle', 'mon'].map((one) => `/tmp/bt-server-${one}`)]);
  });
  await until(() => existsSync(SOCKET), 'btvirt');
  const theirs = await converse(`${folder}/theirs`, (link) => {
    const { words, hear } = heardWords();
    const socket = connect(SOCKET);
    const pty = openPty(link, (bytes) => void socket.write(bytes));
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      hear(bytes);
      pty.write(bytes);
    });
    return {
      words,
      [Symbol.dispose]() {
        pty.close();
        // It spins when a host only half closes.
        socket.destroy();
      },
    };
  });
  for (const { side, theirs: word, ours: instead, because } of otherwise)
    if (theirs[side].includes(word)) t.comment(`set aside: ${side}: '${word}'${instead === '' ? '' : `, ours '${instead}'`}: ${because}`);
  const meant = (side: 'central' | 'peripheral'): string[] =>
    theirs[side]
      .map((word) => otherwise.find((one) => one.side === side && one.theirs === word)?.ours ?? word)
      .filter((word) => word !== '')
      .sort();
  t.same(ours, { ...theirs, central: meant('central'), peripheral: meant('peripheral') });
  t.equal(ours.notified, '1640c003', 'and what was measured came through');
});
