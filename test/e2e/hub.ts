/** A whole hub as its user starts it, on a folder and a port of its own, and a browser that looks at it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { MeasurementJson } from '../../hub/store/measurement-json.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const START_MS = 60_000;
export const PASSWORD = 'correct horse battery';

export interface TestHub {
  readonly url: string;
  readonly data: string;
  readonly process: ChildProcess;
  /** What it has printed. */
  said(): string;
  get<T>(path: string): Promise<T>;
  /** Posts as the command line does; rejects with the refusal. */
  post<T>(path: string, body: object): Promise<T>;
  latest(quantity: string): Promise<MeasurementJson | undefined>;
  /** Sends a command to the virtual rig. */
  rig(command: object): Promise<void>;
  /** Resolves with the exit code. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
}

/** A data folder for the caller to remove. */
export const newDataFolder = (): string => mkdtempSync(join(tmpdir(), 'hearth-'));

/** A data folder with a short path, since sockets lie in it; removed after the test. */
export function dataFolder(t: { teardown(then: () => void): void }): string {
  const folder = newDataFolder();
  t.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Starts a hub and resolves once it prints its link. Rejects with what it said when it ends before. */
export async function startHub(data: string, ...options: string[]): Promise<TestHub> {
  const args = ['--disable-warning=ExperimentalWarning', `${root}hub/main.ts`, '--data', data, '--port', '0', ...options];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the hub did not start within ${START_MS / 1000} s: ${said}`)), START_MS);
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      const link = /Open (http:\S+)/.exec(said)?.[1];
      if (link === undefined) return;
      clearTimeout(late);
      resolve(link);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', (code) => reject(new Error(`the hub ended (${code}): ${said}`)));
  });
  const ask = async <T>(path: string, request: { method?: string; body?: string } = {}): Promise<T> => {
    const token = readFileSync(`${data}/cli.token`, 'utf8').trim();
    const headers = { authorization: `Bearer ${token}`, ...(request.body === undefined ? {} : { 'content-type': 'application/json' }) };
    const response = await fetch(`${url}${path}`, { ...request, headers });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const get = <T>(path: string): Promise<T> => ask(path);
  return {
    url,
    data,
    process: child,
    said: () => said,
    get,
    post: (path, body) => ask(path, { method: 'POST', body: JSON.stringify(body) }),
    latest: async (quantity) => (await get<MeasurementJson[]>('/api/v1/latest')).find((row) => row.quantity === quantity),
    rig: (command) => tellRig(`${data}/run/control`, command),
    stop(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
      const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
      child.kill(signal);
      return ended;
    },
  };
}

async function tellRig(path: string, command: object): Promise<void> {
  await until(() => existsSync(path), 'the control socket of the virtual rig', 10_000);
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(path, () => socket.write(`${JSON.stringify(command)}\n`));
    socket.once('data', (line) => {
      resolve(line.toString());
      socket.destroy();
    });
    socket.once('error', reject);
  });
  if (!answer.includes('"ok":true')) throw new Error(`the rig refused ${JSON.stringify(command)}: ${answer}`);
}

/** Awaits a condition, looking ten times a second. Rejects naming what it waited for. */
export async function until(holds: () => boolean | Promise<boolean>, what: string, withinMs: number): Promise<void> {
  const startMs = performance.now();
  while (!(await holds())) {
    if (performance.now() - startMs > withinMs) throw new Error(`${what}: not within ${withinMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export async function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Opens the page and claims the hub, or signs in when it is claimed. */
export async function enter(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  // Of the machine's own time, which a busy one stretches.
  page.setDefaultTimeout(90_000);
  page.setDefaultNavigationTimeout(90_000);
  await page.goto(url);
  await page.waitForSelector('input[name=password]');
  if ((await page.locator('input[name=name]').count()) > 0) await page.fill('input[name=name]', 'Ada');
  await page.fill('input[name=password]', PASSWORD);
  await page.click('button[type=submit]');
  await page.waitForSelector('[data-quantity=weight]');
  return page;
}

/** The number that a card of the page shows; undefined while it shows none. */
export async function shown(page: Page, quantity: string): Promise<number | undefined> {
  const number = page.locator(`[data-quantity=${quantity}] .value:not(.settling) .number`);
  if ((await number.count()) === 0) return undefined;
  return Number(((await number.textContent()) ?? '').replaceAll(',', ''));
}
