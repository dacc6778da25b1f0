import { Type } from '../../../firmware/schema/type.ts';
import type { ProveContext } from '../../rights/prove/check.ts';
import { prove } from '../../rights/prove.ts';
import type { Web, WebContext } from '../context.ts';

const methods = ['get', 'put', 'post', 'delete', 'patch'] as const;
type Paths = Record<string, Record<string, { 'x-hearth-access'?: string; 'x-hearth-again'?: string } | undefined>>;

/** The promises, each looked at on this very hub. */
export function proveRoutes(web: Web, { house }: WebContext): void {
  web.get(
    '/api/v1/prove',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'Whether each promise is kept here and now, with what was seen',
        response: {
          200: Type.Array(Type.Object({ id: Type.String(), words: Type.String(), state: Type.String(), evidence: Type.String() })),
        },
      },
    },
    async () => {
      const at = web.server.address();
      const { paths } = web.swagger() as unknown as { paths: Paths };
      const context: ProveContext = {
        house,
        address: typeof at === 'object' && at !== null ? at.address : 'nowhere',
        routes: Object.entries(paths).flatMap(([path, operations]) =>
          methods.flatMap((method) => {
            const operation = operations[method];
            return operation === undefined
              ? []
              : [{ route: `${method} ${path}`, access: operation['x-hearth-access'], again: operation['x-hearth-again'] }];
          }),
        ),
        async ask(method, path) {
          const response = await web.inject({ method, url: path });
          return { status: response.statusCode, cookies: response.cookies.length, body: response.body };
        },
      };
      return prove(context);
    },
  );
}
