import t from 'tap';
import type { Wifi, WifiState } from '../../../hub/ops/wifi/wifi.ts';
import { WifiError } from '../../../hub/ops/wifi/wifi-error.ts';
import { openWeb } from './web.ts';

const state: WifiState = {
  kind: 'disconnected',
  network: '',
  signal: 0,
  accessPoint: '',
  connectivity: 'none',
  message: 'The hub is in no network.',
  remedy: 'Choose one.',
  known: [],
  lastJoin: null,
};

t.test('before the claim whoever is at the hub may set it up, afterwards only who is signed in; refusals keep their remedy', async (t) => {
  const joined: string[] = [];
  const wifi: Wifi = {
    state: async () => state,
    scan: async () => [],
    join({ name, passphrase }) {
      if (passphrase.length < 8) throw new WifiError('invalid', 'The password has 4 characters.', 'Type it again.');
      joined.push(name);
      return new Promise(() => undefined);
    },
    forget: async (name) => {
      throw new WifiError('not-found', `No network called '${name}' is known.`, 'None is known yet.');
    },
    prefer: async () => undefined,
    isHotspotOpen: false,
    done: Promise.resolve(),
  };
  const { web, claim, machine } = await openWeb(t, { wifi });
  const url = await web.listen({ host: '127.0.0.1', port: 0 });
  const ask = async (path: string, body?: object) => {
    const response = await fetch(`${url}/api/v1/wifi${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as unknown };
  };
  t.match(await ask(''), { status: 200, body: { kind: 'disconnected' } });
  t.match(await ask('/join', { name: 'Wohnung', passphrase: 'geheim "x"' }), { status: 202 }, 'answered before it has joined');
  t.same(joined, ['Wohnung']);
  t.match(await ask('/join', { name: 'Wohnung', passphrase: 'kurz' }), {
    status: 400,
    body: { error: { code: 'wifi-invalid', remedy: 'Type it again.' } },
  });
  t.match(await ask('/forget', { name: 'x' }), { status: 404, body: { error: { message: "No network called 'x' is known." } } });

  const owner = await claim();
  for (const [path, body] of [
    ['', undefined],
    ['/networks', undefined],
    ['/join', { name: 'x' }],
    ['/forget', { name: 'x' }],
  ] as const)
    t.match(await ask(path, body), { status: 401 }, path);
  for (const one of [owner, machine]) t.equal((await one('GET', '/api/v1/wifi')).status, 200);
});
