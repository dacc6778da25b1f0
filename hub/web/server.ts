/** The hub's web server: the API under /api/v1, its OpenAPI 3.1 document, /healthz, and the page. */
import swagger from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify from 'fastify';
import type { House } from '../house.ts';
import { endpoints } from '../rights/partners/authorization.ts';
import { scopes } from '../rights/partners/scopes.ts';
import { StoreError } from '../store/store-error.ts';
import { enforceAccess, lockedError, rules } from './access.ts';
import { ApiError } from './api-error.ts';
import type { Web, WebContext } from './context.ts';
import { registerPage } from './page-files.ts';
import { amendRoutes } from './routes/amend.ts';
import { archiveRoutes } from './routes/archive.ts';
import { bluetoothRoutes } from './routes/bluetooth.ts';
import { calibrationRoutes } from './routes/calibration.ts';
import { cameraRoutes } from './routes/camera.ts';
import { challengeRoutes } from './routes/challenges.ts';
import { clipRoutes } from './routes/clips.ts';
import { copyRoutes } from './routes/copies.ts';
import { correctionRoutes } from './routes/corrections.ts';
import { deviceRoutes } from './routes/devices.ts';
import { disclosureRoutes } from './routes/disclosures.ts';
import { driftRoutes } from './routes/drift.ts';
import { exportRoutes } from './routes/export.ts';
import { forgetRoutes } from './routes/forget.ts';
import { healthRoutes } from './routes/health.ts';
import { importRoutes } from './routes/import.ts';
import { inboxRoutes } from './routes/inbox.ts';
import { liveRoutes } from './routes/live.ts';
import { measurementRoutes } from './routes/measurements.ts';
import { messageRoutes } from './routes/messages.ts';
import { metricRoutes } from './routes/metrics.ts';
import { objectRoutes } from './routes/object.ts';
import { oddityRoutes } from './routes/oddities.ts';
import { operationRoutes } from './routes/operations.ts';
import { partnerConsentRoutes } from './routes/partner-consent.ts';
import { partnerDataRoutes } from './routes/partner-data.ts';
import { partnerWritingRoutes } from './routes/partner-writing.ts';
import { partnerRoutes } from './routes/partners.ts';
import { peopleRoutes } from './routes/people.ts';
import { policyRoutes } from './routes/policy.ts';
import { profileRoutes } from './routes/profile.ts';
import { protectRoutes } from './routes/protect.ts';
import { proveRoutes } from './routes/prove.ts';
import { retentionRoutes } from './routes/retention.ts';
import { secondSecretRoutes } from './routes/second-secret.ts';
import { segmentRoutes } from './routes/segments.ts';
import { sessionRoutes } from './routes/session.ts';
import { shareRoutes } from './routes/share.ts';
import { statisticsRoutes } from './routes/statistics.ts';
import { supportRoutes } from './routes/support.ts';
import { syncRoutes } from './routes/sync.ts';
import { targetRoutes } from './routes/targets.ts';
import { underAgeRoutes } from './routes/under-age.ts';
import { wakeUpRoutes } from './routes/wake-up.ts';
import { wifiRoutes } from './routes/wifi.ts';
import { checkingCompiler, writingCompiler } from './schema-compilers.ts';
import { createSignIn } from './sign-in.ts';
import { createUploads } from './uploads.ts';

/** An SDP offer is the longest body; nothing else comes near. */
const MOST_BODY_BYTES = 64 * 1024;

/** A request comes whole within this, headers within a third: a slow client must not hold a place for ever. */
const REQUEST_WITHIN_MS = 30_000;
/** Connections of a household's screens, several each; a fault or an attack has thousands. */
const MOST_CONNECTIONS = 300;

/** `more` adds routes; they stand under the same rules. */
export async function createWebServer(
  house: House,
  more: (web: Web) => void = () => undefined,
  requestWithinMs = REQUEST_WITHIN_MS,
): Promise<Web> {
  const web: Web = Fastify({
    bodyLimit: MOST_BODY_BYTES,
    forceCloseConnections: true,
    schemaController: { compilersFactory: { buildValidator: () => checkingCompiler as never, buildSerializer: writingCompiler as never } },
    requestTimeout: requestWithinMs,
    http: { headersTimeout: requestWithinMs / 3, connectionsCheckingInterval: requestWithinMs / 15 },
  }).withTypeProvider<TypeBoxTypeProvider>();
  await web.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Hearth', version: house.version, description: 'The hub of this home: its measurements, devices and camera.' },
      components: {
        securitySchemes: {
          cookie: { type: 'apiKey', in: 'cookie', name: 'hearth' },
          token: { type: 'http', scheme: 'bearer', description: 'DATA/cli.token, on the hub itself' },
          partner: {
            type: 'oauth2',
            description: 'A person’s link to a partner; PKCE with S256 is needed',
            flows: {
              authorizationCode: {
                authorizationUrl: endpoints.authorize,
                tokenUrl: endpoints.token,
                refreshUrl: endpoints.token,
                scopes: Object.fromEntries(scopes.map((scope) => [scope, scope.replace(':', ' what is of the category ')])),
              },
            },
          },
        },
      },
    },
    transform: ({ schema, url, route }) => {
      const access = route.config?.access;
      if (access === undefined) return { url, schema };
      const { again } = route.config ?? {};
      const described = {
        ...schema,
        'x-hearth-access': access,
        ...(again === undefined ? {} : { 'x-hearth-again': again }),
        description: `For ${rules[access].words}.`,
      };
      if (access === 'partner') return { url, schema: { ...described, security: [{ partner: [] }] } };
      return { url, schema: access === 'anyone' ? described : { ...described, security: [{ cookie: [] }, { token: [] }] } };
    },
  });
  web.server.maxConnections = MOST_CONNECTIONS;
  // What a form of another site's page can send is no body here.
  web.removeContentTypeParser('text/plain');
  web.addContentTypeParser('application/sdp', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  web.addHook('onRequest', async (request) => onlySameOrigin(request.method, request.headers.origin, request.headers.host));
  const { people } = house;
  const signIn = createSignIn(people, house.cliToken, house.now);
  const uploads = createUploads(`${house.data}/run`, house.now);
  const context: WebContext = { house, people, signIn, uploads };
  enforceAccess(web, { people, whoOf: signIn.whoOf, lockState: house.store.lockState, allowsRemote: house.allowsRemote, now: house.now });
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
  for (const routes of [
    healthRoutes,
    sessionRoutes,
    secondSecretRoutes,
    peopleRoutes,
    profileRoutes,
    operationRoutes,
    inboxRoutes,
    underAgeRoutes,
    protectRoutes,
    proveRoutes,
    deviceRoutes,
    correctionRoutes,
    calibrationRoutes,
    driftRoutes,
    measurementRoutes,
    oddityRoutes,
    segmentRoutes,
    exportRoutes,
    archiveRoutes,
    importRoutes,
    forgetRoutes,
    amendRoutes,
    objectRoutes,
    shareRoutes,
    retentionRoutes,
    policyRoutes,
    messageRoutes,
    challengeRoutes,
    partnerRoutes,
    partnerConsentRoutes,
    partnerDataRoutes,
    partnerWritingRoutes,
    supportRoutes,
    statisticsRoutes,
    disclosureRoutes,
    copyRoutes,
    liveRoutes,
    cameraRoutes,
    wakeUpRoutes,
    clipRoutes,
    wifiRoutes,
    syncRoutes,
    targetRoutes,
    metricRoutes,
    bluetoothRoutes,
  ])
    routes(web, context);
  web.get('/api/v1/openapi.json', { config: { access: 'anyone' }, schema: { hide: true } }, async () => web.swagger());
  registerPage(web);
  more(web);
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
  if (error instanceof StoreError && error.kind === 'locked') return lockedError(false);
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
