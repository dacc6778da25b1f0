/**
 * Real processes killed with SIGKILL at random moments: a hub's keeping parts and an edge, while devices measure that keep what is not
 * acknowledged. In the end the vaults and the edge are held against what was acknowledged.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { systemClock as clock } from '../../firmware/clock.ts';
import { createFrameDecoder, type Frame } from '../../firmware/protocol/frame.ts';
import type { QuantityId } from '../../firmware/protocol/quantities.ts';
import { monotonicMs } from '../../firmware/protocol/time.ts';
import { createUplink, type Uplink } from '../../firmware/uplink.ts';
import { createRandom } from '../../hardware/virtual/random.ts';
import { openSqliteStorage } from '../../hub/edge/storage/sqlite.ts';
import { openStore } from '../../hub/store/store.ts';
import { type KillRuns, measuredValue, openKillRuns } from './kill-runs.ts';
import { patiently, workedFor } from './own-time.ts';

export interface KillsOptions {
  readonly seed: number;
  readonly folder: string;
  readonly hubKills: number;
  readonly edgeKills: number;
  /** Times that the disk is filled; only where the folder is a small disk of its own. */
  readonly fills?: number;
  /** What was measured into the same folder before; nothing unless told. */
  readonly before?: KillRuns;
  /** Kills and fills that are begun after this are left out; monotonic milliseconds of this process. */
  readonly untilMs?: number;
}

export interface KillsReport {
  readonly seed: number;
  readonly hubKills: number;
  readonly edgeKills: number;
  /** Hubs that were killed after they had acknowledged something. */
  readonly killedAtWork: number;
  /** Commits that the disk refused. */
  readonly refusals: number;
  readonly measured: number;
  readonly acknowledged: number;
  readonly inVaults: number;
  readonly atEdge: number;
  readonly wrong: readonly string[];
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const TOKEN = 'an-edge-token-of-a-soak-of-forty-characters';
/** Half die as they start, when they worked for up to this long. */
const START_MS = 1000;
/** Half die at work, so much of it after their first acknowledgement. */
const WORK_MS = 500;
/** A start takes a second; each of these limits is time of the hub's own, whatever else the machine does. */
const LONGEST_START_MS = 60_000;
const MEASURE_MS = 10;
/** One device is a trickle, whose commits wait for others; the others fill a transaction. */
const SLOW: QuantityId = 'co2';
const SLOW_TICKS = 20;
/** A disk stays full for up to this long. */
const FULL_MS = 600;
/** Everything under way arrives within this. */
const LAST_LIFE_MS = 90_000;

const devices = (['weight', 'steps', 'co2'] as const satisfies readonly QuantityId[]).map((quantity) => ({
  id: `device-${quantity}`,
  kind: 'device',
  name: quantity,
  quantities: [quantity],
}));

/** `env` keeps a test runner's hooks out of what is killed. */
const program = (args: readonly string[], more: NodeJS.ProcessEnv = {}): ChildProcess =>
  spawn('env', ['-u', 'NODE_OPTIONS', process.execPath, '--disable-warning=ExperimentalWarning', ...args], {
    env: { ...process.env, ...more },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => (child.exitCode !== null || child.signalCode !== null ? resolve() : child.once('exit', () => resolve())));

export async function killProcesses({
  seed,
  folder,
  hubKills,
  edgeKills,
  fills = 0,
  before = openKillRuns(),
  untilMs = Number.POSITIVE_INFINITY,
}: KillsOptions): Promise<KillsReport> {
  const random = createRandom(seed);
  mkdirSync(`${folder}/hub`, { recursive: true });
  mkdirSync(`${folder}/edge`, { recursive: true });
  const acknowledged = new Set<string>();
  let boot = Math.floor(random.uniform() * 2 ** 32);
  while (before.runs.some((run) => run.boot === boot)) boot = Math.floor(random.uniform() * 2 ** 32);
  before.begin(boot);
  const counts = devices.map(() => 0);
  const sizes = new Map<string, number>();
  const sent = createFrameDecoder();
  let heard = createFrameDecoder();
  let answered = Promise.withResolvers<void>();
  let hub: ChildProcess | undefined;
  const framesOf = (decoder: ReturnType<typeof createFrameDecoder>, bytes: Uint8Array): Frame[] =>
    decoder.push(bytes).flatMap((decoded) => (decoded.kind === 'frame' ? [decoded.frame] : []));
  const uplink: Uplink = createUplink({
    firmware: '1',
    boot,
    devices,
    clock,
    write(bytes) {
      for (const frame of framesOf(sent, bytes))
        if (frame.type === 'readings') sizes.set(`${frame.channel}/${frame.sequence}`, frame.readings.length);
      hub?.stdin?.write(bytes);
    },
    onCommand: () => undefined,
  });
  const measure = (): void => {
    ticks++;
    for (const [channel, { quantities }] of devices.entries()) {
      if (quantities[0] === SLOW && ticks % SLOW_TICKS !== 0) continue;
      const value = measuredValue(boot, channel, ++counts[channel]!);
      uplink.measured(channel, [{ quantity: quantities[0]!, value, at: monotonicMs(clock.monotonic()), spanMs: 0 }]);
    }
    uplink.tick();
  };

  let edge: ChildProcess | undefined;
  let edgePort = 0;
  const startEdge = async (): Promise<void> => {
    const env = { HEARTH_EDGE_DIR: `${folder}/edge`, HEARTH_EDGE_TOKEN: TOKEN, HEARTH_EDGE_PORT: String(edgePort) };
    const started = program([`${root}hub/edge/main.ts`], env);
    edge = started;
    started.stderr?.resume();
    const lines = createInterface({ input: started.stdout! });
    if (edgePort !== 0) return;
    for await (const text of lines) {
      edgePort = (JSON.parse(text) as { listening: number }).listening;
      return;
    }
  };
  let refusals = 0;
  let lastWords: string[] = [];
  const startHub = (): ChildProcess => {
    const started = program([`${root}test/soak/keeper.ts`, `${folder}/hub`, `http://127.0.0.1:${edgePort}`, TOKEN]);
    hub = started;
    hubsStarted++;
    lastWords = [];
    heard = createFrameDecoder();
    answered = Promise.withResolvers();
    started.stdin?.on('error', () => undefined);
    createInterface({ input: started.stderr! }).on('line', (text) => {
      if (text.startsWith('refused')) refusals++;
      lastWords = [...lastWords, text].slice(-10);
    });
    started.stdout?.on('data', (bytes: Buffer) => {
      for (const frame of framesOf(heard, bytes)) {
        if (frame.type !== 'ack') continue;
        answered.resolve();
        const size = sizes.get(`${frame.channel}/${frame.sequence}`) ?? 0;
        for (let at = 0; at < size; at++) acknowledged.add(`${devices[frame.channel]?.id}/${boot}/${frame.sequence + at}`);
      }
      uplink.receive(bytes);
    });
    uplink.connected();
    return started;
  };

  await startEdge();
  const measuring = setInterval(measure, MEASURE_MS);
  const wrong: string[] = [];
  const blame = (text: string): void => {
    if (wrong.length < 10) wrong.push(text);
  };
  const blameLate = (error: Error): void => blame(`the last hub did not ship everything: ${error.message}`);
  /** The next acknowledgement: the hub works. */
  const more = (): Promise<void> => {
    answered = Promise.withResolvers();
    return patiently(answered.promise, hub?.pid, LONGEST_START_MS);
  };
  const blameStart = (error: Error): void =>
    blame(
      `hub number ${hubsStarted} took nothing ${error.message}; it is ${hub?.exitCode ?? hub?.signalCode ?? 'running'} and said: ${lastWords.join('\n')}`,
    );
  let hubsStarted = 0;
  let edgeKilled = 0;
  let hubsKilled = 0;
  let ticks = 0;
  let worked = 0;
  const killEdge = async (): Promise<void> => {
    edge?.kill('SIGKILL');
    await ended(edge!);
    edgeKilled++;
    await startEdge();
  };
  try {
    for (let killed = 0; killed < hubKills && performance.now() < untilMs; killed++) {
      const running = startHub();
      const isAtWork = killed % 2 === 0;
      const isEdgeToo = random.uniform() < (edgeKills - edgeKilled) / (hubKills - killed);
      if (isAtWork) await patiently(answered.promise, running.pid, LONGEST_START_MS).catch(blameStart);
      if (wrong.length > 0) break;
      if (isAtWork) worked++;
      if (isEdgeToo) await killEdge();
      await workedFor(running.pid, random.uniform() * (isAtWork ? WORK_MS : START_MS));
      running.kill('SIGKILL');
      await ended(running);
      hubsKilled++;
    }
    // One that lives: it takes what waits, ships it, and is told that the world is done.
    const last = startHub();
    for (let filled = 0; filled < fills && performance.now() < untilMs; filled++) {
      await more();
      await clock.sleep(random.uniform() * 200);
      fillDisk(`${folder}/ballast`);
      await clock.sleep(100 + random.uniform() * FULL_MS);
      rmSync(`${folder}/ballast`);
    }
    clearInterval(measuring);
    const asking = setInterval(uplink.tick, 20);
    const drained = async (): Promise<void> => {
      while (uplink.waiting > 0 && last.exitCode === null) await clock.sleep(20);
    };
    await patiently(drained(), last.pid, LAST_LIFE_MS)
      .catch(blameStart)
      .finally(() => clearInterval(asking));
    last.stdin?.end();
    await patiently(ended(last), last.pid, LAST_LIFE_MS).catch(blameLate);
    last.kill('SIGKILL');
    edge?.kill('SIGTERM');
    await ended(edge!);
    const report = await held();
    before.end(boot, counts);
    return report;
  } finally {
    clearInterval(measuring);
    hub?.kill('SIGKILL');
    edge?.kill('SIGKILL');
  }

  /** Of this run, and all of those before that came to their end. */
  function* everAcknowledged(): Generator<string> {
    yield* acknowledged;
    for (const run of before.runs)
      for (const [channel, count] of run.counts?.entries() ?? [])
        for (let sequence = 1; sequence <= count; sequence++) yield `${devices[channel]?.id}/${run.boot}/${sequence}`;
  }
  async function held(): Promise<KillsReport> {
    const ownBoot = boot;
    const ofThis = (ids: ReadonlySet<string>): number => [...ids].filter((id) => id.includes(`/${ownBoot}/`)).length;
    if (uplink.waiting > 0) blame(`${uplink.waiting} readings were never acknowledged`);
    const look = (where: string, rows: Iterable<{ device: string; boot: number; sequence: number; value: number | null }>): Set<string> => {
      const seen = new Set<string>();
      for (const { device, boot, sequence, value } of rows) {
        const id = `${device}/${boot}/${sequence}`;
        if (seen.has(id)) blame(`${id} is doubled ${where}`);
        const channel = devices.findIndex((one) => one.id === device);
        const run = before.runs.find((one) => one.boot === boot);
        // Of devices whose run was broken off nobody counted how far they came.
        const most = run?.boot === ownBoot ? counts[channel] : (run?.counts?.[channel] ?? Number.POSITIVE_INFINITY);
        const was = run === undefined || most === undefined || sequence > most ? 'never measured' : measuredValue(boot, channel, sequence);
        if (was !== value) blame(`${id} is ${value} ${where} and was ${was}`);
        seen.add(id);
      }
      for (const id of everAcknowledged()) if (!seen.has(id)) blame(`${id} was acknowledged and is not ${where}`);
      return seen;
    };
    using store = openStore(`${folder}/hub`);
    const vaults = store.subjects().map((subject) => store.vault(subject));
    for (const vault of vaults) for (const text of vault.checkIntegrity()) blame(`${vault.subject}: ${text}`);
    const inVaults = look(
      'in the vaults',
      vaults.flatMap((vault) => vault.log(0, Number.MAX_SAFE_INTEGER)),
    );
    await using storage = openSqliteStorage(`${folder}/edge/records.db`);
    const kept = await storage.vaults('hub');
    const rows = await Promise.all(kept.map(({ vault }) => storage.rows('hub', vault, 0, Number.MAX_SAFE_INTEGER)));
    const atEdge = look('at the edge', rows.flat());
    return {
      seed,
      hubKills: hubsKilled,
      edgeKills: edgeKilled,
      killedAtWork: worked,
      refusals,
      measured: counts.reduce((sum, count) => sum + count, 0),
      acknowledged: acknowledged.size,
      inVaults: ofThis(inVaults),
      atEdge: ofThis(atEdge),
      wrong,
    };
  }
}

/** Takes all the room that is left. */
function fillDisk(file: string): void {
  const ballast = openSync(file, 'a');
  for (const bytes of [16_384, 1024, 1]) {
    try {
      for (;;) writeSync(ballast, Buffer.alloc(bytes));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }
  closeSync(ballast);
}
