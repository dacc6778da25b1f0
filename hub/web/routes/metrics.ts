/** Counts of the hub for Prometheus. Never a measured value, a person, a device's name or a target's address. */
import type { Gauge, Registry } from '@prometheus-io/client';
import type { House } from '../../house.ts';
import type { Web, WebContext } from '../context.ts';

export function metricRoutes(web: Web, { house }: WebContext): void {
  let made: Promise<Registry> | undefined;
  web.get(
    '/metrics',
    { config: { access: 'owner' }, schema: { summary: 'Counts, for Prometheus (bearer token: DATA/cli.token)' } },
    async (_request, reply) => {
      made ??= registryOf(house);
      const registry = await made;
      return reply.type(registry.contentType).send(await registry.metrics());
    },
  );
}

/** Made when it is first asked for: most homes have no Prometheus. */
async function registryOf(house: House): Promise<Registry> {
  const { collectDefaultMetrics, Gauge, Registry } = await import('@prometheus-io/client');
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'hearth_' });
  const gauge = (name: string, help: string, value: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  gauge('hearth_up_seconds', 'Since the hub started', () => (house.now() - house.startedUtcMs) / 1000);
  gauge('hearth_store_ok', '1 while measurements can be kept', () => (house.storeTrouble() === '' ? 1 : 0));
  gauge('hearth_store_measurements', 'Measurements kept', () =>
    house.store.subjects().reduce((sum, subject) => sum + house.store.vault(subject).count(), 0),
  );
  gauge('hearth_devices_connected', 'Devices that are connected now', () => house.devices().filter(({ connected }) => connected).length);
  const targets = () => house.sync?.()?.state() ?? [];
  const byTarget = (name: string, help: string, value: (state: ReturnType<typeof targets>[number]) => number): Gauge<'target' | 'kind'> =>
    new Gauge({
      name,
      help,
      labelNames: ['target', 'kind'] as const,
      registers,
      collect() {
        this.reset();
        for (const state of targets()) this.set({ target: state.name, kind: state.kind }, value(state));
      },
    });
  byTarget('hearth_sync_lag_entries', 'Entries that a target does not have yet', ({ lag }) => lag);
  byTarget('hearth_sync_up', '1 while a target takes what is sent', ({ state }) => (state === 'synced' || state === 'behind' ? 1 : 0));
  byTarget('hearth_sync_set_aside', 'Entries that a target did not take', ({ setAside }) => setAside);
  byTarget('hearth_sync_sent_entries', 'Entries sent since the start', ({ sentEntries }) => sentEntries);
  byTarget('hearth_sync_sent_bytes', 'Bytes sent since the start', ({ sentBytes }) => sentBytes);
  return registry;
}
