/** The hub's web server: the API under /api/v1, its OpenAPI 3.1 document, /healthz, and the page. */
import swagger from '@fastify/swagger';
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify';
import type { Sessions } from '../people/sessions.ts';
import { ApiError } from './api-error.ts';
import type { House } from './house.ts';
import { registerPage } from './page-files.ts';
import { cameraRoutes } from './routes/camera.ts';
import { deviceRoutes } from './routes/devices.ts';
import { exportRoutes } from './routes/export.ts';
import { healthRoutes } from './routes/health.ts';
import { liveRoutes } from './routes/live.ts';
import { measurementRoutes } from './routes/measurements.ts';
import { sessionRoutes } from './routes/session.ts';
import { createSignIn, type SignIn } from './sign-in.ts';

export type Web = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export interface WebContext {
  readonly house: House;
  readonly signIn: SignIn;
}

/** An SDP offer is the longest body; nothing else comes near. */
const MOST_BODY_BYTES = 64 * 1024;

export async function createWebServer(house: House, sessions: Sessions): Promise<Web> {
  const web: Web = Fastify({ bodyLimit: MOST_BODY_BYTES, forceCloseConnections: true }).withTypeProvider<TypeBoxTypeProvider>();
  web.setValidatorCompiler(TypeBoxValidatorCompiler);
  await web.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Hearth', version: house.version, description: 'The hub of this home: its measurements, devices and camera.' },
      components: {
        securitySchemes: {
          cookie: { type: 'apiKey', in: 'cookie', name: 'hearth' },
          token: { type: 'http', scheme: 'bearer', description: 'DATA/cli.token, on the hub itself' },
        },
      },
    },
  });
  web.addContentTypeParser('application/sdp', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  web.addHook('onRequest', async (request) => onlySameOrigin(request.method, request.headers.origin, request.headers.host));
  web.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff').header('referrer-policy', 'no-referrer');
  });
  web.setErrorHandler((error: unknown, request, reply) => {
    const { statusCode, code, message, remedy } = refusalOf(error);
    if (statusCode >= 500)
      console.error(`${request.method} ${request.url.split('?')[0]}: ${error instanceof Error ? error.message : error}`);
    return reply.code(statusCode).send({ error: { code, message, remedy } });
  });
  web.setNotFoundHandler((request, reply) =>
    reply.code(404).send({
      error: {
        code: 'not-found',
        message: `There is nothing at ${request.url.split('?')[0]}.`,
        remedy: 'See /api/v1/openapi.json for what there is.',
      },
    }),
  );
  const context: WebContext = { house, signIn: createSignIn(sessions, house.cliToken, house.now) };
  for (const routes of [healthRoutes, sessionRoutes, deviceRoutes, measurementRoutes, exportRoutes, liveRoutes, cameraRoutes])
    routes(web, context);
  web.get('/api/v1/openapi.json', { schema: { hide: true } }, async () => web.swagger());
  registerPage(web);
  await web.ready();
  return web;
}

/** Another site's page must not make this one's browser act: a request that changes something comes from the hub's own page. */
function onlySameOrigin(method: string, origin: string | undefined, host: string | undefined): void {
  if (method === 'GET' || method === 'HEAD' || origin === undefined) return;
  if (URL.canParse(origin) && new URL(origin).host === host) return;
  throw new ApiError(403, 'origin', `A request from ${origin} may not change anything here.`, "Use the hub's own page.");
}

function refusalOf(error: unknown): { statusCode: number; code: string; message: string; remedy: string } {
  if (error instanceof ApiError) return error;
  const {
    statusCode = 500,
    code = '',
    message = '',
    validation,
  } = error as { statusCode?: number; code?: string; message?: string; validation?: unknown };
  if (validation !== undefined)
    return {
      statusCode: 400,
      code: 'invalid',
      message: `This request is not right: ${message}.`,
      remedy: 'See /api/v1/openapi.json for what is expected.',
    };
  if (statusCode < 500)
    return { statusCode, code: code.toLowerCase().replaceAll('_', '-'), message, remedy: 'See /api/v1/openapi.json for what is expected.' };
  return { statusCode: 500, code: 'fault', message: 'The hub could not do this.', remedy: 'Try again; the hub’s own log says more.' };
}
