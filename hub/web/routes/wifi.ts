import { Type } from '../../../firmware/schema/type.ts';
import type { Wifi } from '../../ops/wifi/wifi.ts';
import { WifiError } from '../../ops/wifi/wifi-error.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';

/** IEEE 802.11: 32 bytes. The rest is checked, with better words, where the network is joined. */
const Name = Type.String({ minLength: 1, maxLength: 64 });
const Named = Type.Object({ name: Name });

/** The hub's own Wi-Fi. Before the hub is claimed only whoever sits at it, or is on its set-up hotspot, may use these. */
export function wifiRoutes(web: Web, { house }: WebContext): void {
  const need = (): Wifi => {
    if (house.wifi === undefined) throw new ApiError(503, 'absent', 'No Wi-Fi here.', 'Use a network cable.');
    return house.wifi;
  };
  const config = { access: 'set-up' } as const;

  web.get('/api/v1/wifi', { config, schema: { summary: 'How the hub is connected' } }, async () => need().state());

  web.get('/api/v1/wifi/networks', { config, schema: { summary: 'Networks in reach, strongest first; takes some seconds' } }, async () => {
    const wifi = need();
    return told(() => wifi.scan());
  });

  web.post(
    '/api/v1/wifi/join',
    {
      config,
      schema: {
        summary: 'Begin to join a network; the state says how it went',
        body: Type.Object({ name: Name, passphrase: Type.Optional(Type.String({ maxLength: 64 })), hidden: Type.Optional(Type.Boolean()) }),
        response: { 202: Type.Object({}) },
      },
    },
    async (request, reply) => {
      const wifi = need();
      const { name, passphrase = '', hidden = false } = request.body;
      await told(async () => void wifi.join({ name, passphrase, isHidden: hidden }));
      return reply.code(202).send({});
    },
  );

  web.post('/api/v1/wifi/forget', { config, schema: { summary: 'Forget a known network', body: Named } }, async (request) => {
    const wifi = need();
    await told(() => wifi.forget(request.body.name));
    return wifi.state();
  });

  web.post(
    '/api/v1/wifi/prefer',
    { config, schema: { summary: 'Put a known network before all others', body: Named } },
    async (request) => {
      const wifi = need();
      await told(() => wifi.prefer(request.body.name));
      return wifi.state();
    },
  );
}

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof WifiError)) throw error;
    const status = error.trouble === 'invalid' || error.trouble === 'unsupported' ? 400 : error.trouble === 'not-found' ? 404 : 409;
    throw new ApiError(status, `wifi-${error.trouble}`, error.message, error.remedy);
  }
}
