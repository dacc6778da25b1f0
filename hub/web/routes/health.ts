import type { Web, WebContext } from '../context.ts';

/** For watchdogs and people: how the hub is, without a sign-in and without any measured value. */
export function healthRoutes(web: Web, { house }: WebContext): void {
  web.get(
    '/healthz',
    { config: { access: 'anyone' }, schema: { summary: 'How the hub is: 200, or 503 when it cannot keep measurements' } },
    async (_request, reply) => {
      const trouble = house.storeTrouble();
      const edge = house.edge();
      const { state, fps } = house.camera();
      const isWell = trouble === '';
      const { troubles = [], freeBytes = null, isTimeKnown = true, timeSource = 'system' } = house.keeping?.() ?? {};
      reply.code(isWell ? 200 : 503);
      return {
        status: isWell ? 'ok' : 'degraded',
        version: house.version,
        uptimeS: Math.round((house.now() - house.startedUtcMs) / 1000),
        devices: house.devices().map(({ id, connected, state }) => ({ id, connected, state })),
        store: {
          ok: isWell,
          rows: house.store.subjects().reduce((sum, subject) => sum + house.store.vault(subject).count(), 0),
          message: trouble,
          troubles,
          freeBytes,
        },
        time: { known: isTimeKnown, source: timeSource },
        edge,
        sync: (house.sync?.()?.state() ?? []).map(({ name, kind, state, lag, setAside }) => ({ name, kind, state, lag, setAside })),
        video: { state, fps },
      };
    },
  );
}
