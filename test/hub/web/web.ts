/** The hub's web server on a folder of its own, with people in it and a clock that stands still. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InjectOptions } from 'fastify';
import type { Test } from 'tap';
import type { House, HouseEvent } from '../../../hub/house.ts';
import type { Account } from '../../../hub/people/accounts.ts';
import { openPeople, type People } from '../../../hub/people/people.ts';
import type { Device } from '../../../hub/sources/devices.ts';
import { openStore, type Store } from '../../../hub/store/store.ts';
import type { Web } from '../../../hub/web/context.ts';
import { createWebServer } from '../../../hub/web/server.ts';

export const NOON = Date.UTC(2026, 10, 24, 12);
export const PASSWORD = 'correct horse battery';
/** The tests are about who may, not about how long a guess takes. */
export const CHEAP = { memoryKib: 64, passes: 1, parallelism: 1 };
export const TOKEN = 'token-of-the-command-line';

/** A monitor of the air, as the hub knows it. */
export const air: Device = {
  id: 'air',
  kind: 'home',
  name: 'Living room',
  firmware: '1',
  quantities: ['temperature', 'pm2_5'],
  connected: true,
  state: 'running',
  message: '',
  lastSeenUtcMs: NOON,
};

export interface Answer {
  readonly status: number;
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string } | undefined;
  readonly cookie: string;
  readonly body: string;
  readonly raw: Buffer;
  json<T>(): T;
}
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
export type Ask = (method: Method, url: string, payload?: object, more?: InjectOptions) => Promise<Answer>;

export interface TestWeb {
  readonly web: Web;
  readonly people: People;
  readonly store: Store;
  readonly folder: string;
  now(): number;
  later(ms: number): void;
  tell(event: HouseEvent): void;
  /** Asks as nobody. */
  readonly ask: Ask;
  /** Asks as the command line. */
  readonly machine: Ask;
  /** A browser of its own, which keeps its cookie. */
  browser(): Ask;
  /** Claims the hub as Ada and asks as her. */
  claim(): Promise<Ask>;
  /** Somebody who joined by Ada's invitation. */
  join(name: string, more?: { role?: 'member' | 'guest'; birthDate?: string; child?: boolean }): Promise<{ ask: Ask; id: string }>;
  idOf(name: string): string;
}

export async function openWeb(
  t: Test,
  overrides: Partial<House> = {},
  more: (web: Web) => void = () => undefined,
  requestWithinMs?: number,
): Promise<TestWeb> {
  // A folder each, also for two hubs in one test.
  const folder = mkdtempSync(join(tmpdir(), 'hearth-web-'));
  const store = openStore(folder, { guessCost: CHEAP });
  let nowMs = NOON;
  const listeners = new Set<(event: HouseEvent) => void>();
  const people = openPeople({ data: folder, store, zone: 'Europe/Paris', now: () => nowMs, passwordCost: CHEAP });
  const house: House = {
    version: '1.0.0',
    startedUtcMs: NOON,
    data: folder,
    store,
    people,
    allowsRemote: false,
    cliToken: TOKEN,
    devices: () => [],
    forgetDevice: () => false,
    command: () => false,
    edge: () => ({ state: 'off', lag: 0, lastError: '', url: '' }),
    camera: () => ({ state: 'off', fps: 0, width: 0, height: 0, message: '', name: '', region: '' }),
    whep: () => undefined,
    listen(onEvent) {
      listeners.add(onEvent);
      return () => listeners.delete(onEvent);
    },
    kept: () => undefined,
    storeTrouble: () => '',
    now: () => nowMs,
    ...overrides,
  };
  const web = await createWebServer(house, more, requestWithinMs);
  t.teardown(async () => {
    await web.close();
    store[Symbol.dispose]();
    people[Symbol.dispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  const asker = (headers: () => Record<string, string>, onCookie: (cookie: string) => void): Ask => {
    return async (method, url, payload, more = {}) => {
      const body = payload === undefined ? {} : { payload };
      const response = await web.inject({ method, url, ...body, ...more, headers: { ...headers(), ...more.headers } } as InjectOptions);
      const cookie = String(response.headers['set-cookie'] ?? '');
      if (cookie !== '') onCookie(cookie);
      const isJson = String(response.headers['content-type']).startsWith('application/json') && response.body !== '';
      return {
        status: response.statusCode,
        error: isJson ? (response.json() as { error?: Answer['error'] }).error : undefined,
        cookie,
        body: response.body,
        raw: response.rawPayload,
        json: <T>() => response.json<T>(),
      };
    };
  };
  const browser = (): Ask => {
    let kept = '';
    return asker(
      (): Record<string, string> => (kept === '' ? {} : { cookie: kept }),
      (cookie) => {
        kept = cookie.split(';')[0]!;
      },
    );
  };
  let owner: Ask | undefined;
  const account = (name: string): Account => people.accounts.list().find((one) => one.name === name)!;
  return {
    web,
    people,
    store,
    folder,
    now: () => nowMs,
    later(ms) {
      nowMs += ms;
    },
    tell(event) {
      for (const listener of listeners) listener(event);
    },
    ask: asker(
      () => ({}),
      () => undefined,
    ),
    machine: asker(
      () => ({ authorization: `Bearer ${TOKEN}` }),
      () => undefined,
    ),
    browser,
    async claim() {
      owner = browser();
      await owner('POST', '/api/v1/claim', { name: 'Ada', password: PASSWORD });
      return owner;
    },
    async join(name, { role = 'member', birthDate = '1980-05-01', child = false } = {}) {
      const invitation = await owner!('POST', '/api/v1/invitations', { role, child });
      const { code } = invitation.json<{ code: string }>();
      const own = browser();
      const more = role === 'guest' ? {} : { birthDate };
      const joined = await own('POST', '/api/v1/join', { code, name, password: `${PASSWORD} ${name}`, ...more });
      if (joined.status !== 201) throw new Error(joined.body);
      return { ask: own, id: account(name).id };
    },
    idOf: (name) => account(name).id,
  };
}
