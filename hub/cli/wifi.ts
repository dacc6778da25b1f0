import type { Network } from '../ops/wifi/scan.ts';
import { hotspotOf, hotspotSecret, type WifiState } from '../ops/wifi/wifi.ts';
import { CliError, exitCodes } from './client.ts';
import type { CommandLine } from './command-line.ts';
import { readSecret } from './secret.ts';

/** A join gives up after a minute by itself. */
const JOIN_MS = 90_000;
const LOOK_MS = 1000;

const protections: Readonly<Record<Network['security'], string>> = {
  open: 'open',
  owe: 'open, encrypted',
  wpa: 'WPA2',
  wpa3: 'WPA3',
  wep: 'WEP',
  enterprise: '802.1X',
};

export function wifiCommands({ program, client, show, table, withJson, data }: CommandLine): void {
  const wifi = program.command('wifi').description('the Wi-Fi of the hub');
  const describe = (state: WifiState): string =>
    table([
      ['state', state.kind],
      ...(state.network === '' ? [] : [['network', `${state.network}${state.kind === 'connected' ? `, signal ${state.signal} %` : ''}`]]),
      ...(state.kind === 'connected' ? [['internet', state.connectivity]] : []),
      ...(state.message === '' ? [] : [['', `${state.message} ${state.remedy}`]]),
      ...state.known.map(({ name, priority }) => ['known', `${name}, priority ${priority}`]),
    ]);

  withJson(wifi.command('status').description('network, signal, internet, known networks')).action(async () => {
    const state = (await client().get('/api/v1/wifi')) as WifiState;
    show(state, () => describe(state));
  });

  withJson(wifi.command('scan').description('networks in reach')).action(async () => {
    const networks = (await client().get('/api/v1/wifi/networks')) as Network[];
    show(networks, () =>
      table([
        ['network', 'signal', 'protection', ''],
        ...networks.map(({ name, signal, security, isConnected, unsupported }) => [
          name === '' ? '(hidden)' : name,
          `${signal} %`,
          protections[security],
          isConnected ? 'connected' : unsupported,
        ]),
      ]),
    );
  });

  withJson(
    wifi
      .command('join')
      .description('join a network and keep it; the password is asked for, or read from standard input')
      .argument('<network>', 'its name')
      .option('--hidden', 'the network does not show its name')
      .option('--open', 'the network has no password'),
  ).action(async (name: string, { hidden = false, open = false }: { hidden?: boolean; open?: boolean }) => {
    const hub = client();
    // The hub learns from a scan how the network is protected.
    if (!hidden) await hub.get('/api/v1/wifi/networks');
    await hub.post('/api/v1/wifi/join', { name, hidden, passphrase: open ? '' : await readSecret(`Password of '${name}': `) });
    const endMs = performance.now() + JOIN_MS;
    for (;;) {
      const state = (await hub.get('/api/v1/wifi')) as WifiState;
      const { lastJoin } = state;
      if (lastJoin?.kind === 'failed') throw new CliError(exitCodes.refused, `${lastJoin.message} ${lastJoin.remedy}`);
      if (lastJoin?.kind === 'joined') return show(state, () => describe(state));
      if (performance.now() > endMs) throw new CliError(exitCodes.refused, 'the hub is still joining: see hearth wifi status');
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  });

  withJson(wifi.command('forget').description('forget a known network').argument('<network>', 'its name')).action(async (name: string) => {
    const state = await client().post('/api/v1/wifi/forget', { name });
    show(state, () => `${name}: forgotten`);
  });

  withJson(wifi.command('prefer').description('put a known network before all others').argument('<network>', 'its name')).action(
    async (name: string) => {
      const state = await client().post('/api/v1/wifi/prefer', { name });
      show(state, () => `${name}: first from now on`);
    },
  );

  withJson(wifi.command('label').description('name and password of the set-up hotspot, for a label')).action(() => {
    const { name, secretFile } = hotspotOf(data());
    const label = { network: name, password: hotspotSecret(secretFile) };
    show(label, () =>
      table([
        ['network', label.network],
        ['password', label.password],
      ]),
    );
  });
}
