import type { FastifyRequest } from 'fastify';
import { Type } from '../../../firmware/schema/type.ts';
import type { HomeVideo } from '../../ops/video-program.ts';
import type { People } from '../../people/people.ts';
import { HOME } from '../../people/subjects.ts';
import { AT_HOME } from '../../sync/residency.ts';
import type { CameraState } from '../../video/camera-state.ts';
import { parseIceLinks } from '../../video/ice-links.ts';
import { OutOfRegion } from '../../video/region-gate.ts';
import { rules } from '../access.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';

/** A right to watch ends at its minute: looked at this often. */
const LOOK_EACH_MS = 1000;
const MOST_LISTED = 200;
/** Sessions of pages whose tokens are kept to end them; more than the edge has viewers. */
const MOST_SESSIONS = 100;

const nameOf = (people: People, by: string): string =>
  ({ machine: 'the hub’s command line', hub: 'the hub' })[by] ?? people.accounts.get(by)?.name ?? 'somebody who is gone';

/** The camera's state as the API gives it: who switched it off by name. */
export function cameraJson({ off, microphone, ...rest }: CameraState, people: People): object {
  const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  const { heard = null } = microphone ?? {};
  const state =
    microphone === undefined
      ? rest
      : {
          ...rest,
          microphone: {
            ...{ name: microphone.name, isOn: microphone.isOn, by: microphone.by === '' ? '' : nameOf(people, microphone.by) },
            ...{ since: iso(microphone.sinceUtcMs), message: microphone.message, isLive: microphone.isLive },
            sound: {
              isNamed: people.liveSound.isNamed,
              people: people.liveSound
                .list()
                .map(({ account: { id, name }, sinceUtcMs }) => ({ id, name, isAgreed: sinceUtcMs !== undefined })),
            },
            heard: heard === null ? null : { at: iso(heard.atUtcMs), lastsMs: heard.lastsMs },
          },
        };
  if (off === undefined) return state;
  const since = off.sinceUtcMs === undefined ? null : new Date(off.sinceUtcMs).toISOString();
  return { ...state, off: { since, by: nameOf(people, off.by) } };
}

/** The home camera: its state, its switch, who watches, and WHEP offers handed on to the edge, whose tokens stay here. */
export function cameraRoutes(web: Web, { house, people, signIn }: WebContext): void {
  /** Each WHEP session that was opened here, by its id: its token, and the request by which its viewer is known. */
  const sessions = new Map<string, { readonly token: string; readonly viewer: string; readonly request: FastifyRequest }>();
  /** Asks the edge about a view, by the view's own token. `id`: of one that is open. */
  const edge = async (method: string, token: string, id?: string, offer?: string): Promise<Response> => {
    const whep = house.whep();
    if (whep === undefined)
      throw new ApiError(
        503,
        'no-edge',
        'There is no edge to watch the camera through.',
        'Start the hub without --no-edge, or name one under videoEdges in hearth.yaml.',
      );
    const headers = { authorization: `Bearer ${token}`, ...(offer === undefined ? {} : { 'content-type': 'application/sdp' }) };
    return whep.ask(method, `/v1/whep/${whep.camera()}${id === undefined ? '' : `/${id}`}`, headers, offer).catch(() => {
      throw edgeDown();
    });
  };
  const edgeDown = (): ApiError =>
    new ApiError(503, 'edge-down', 'The edge does not answer.', 'It is started again by itself: try again in a few seconds.');
  const video = (): HomeVideo => {
    const found = house.video?.();
    if (found === undefined)
      throw new ApiError(503, 'no-camera', 'This hub has no camera now.', 'If it is just starting, try again in a few seconds.');
    return found;
  };

  const endView = async (id: string): Promise<void> => {
    const session = sessions.get(id);
    sessions.delete(id);
    if (session !== undefined) await edge('DELETE', session.token, id);
  };
  const endUnallowed = async (): Promise<void> => {
    for (const [id, { request }] of sessions)
      if (!rules.camera.allows(signIn.whoOf(request)))
        await endView(id).catch((error: Error) => console.error(`a view was not ended: ${error.message}`));
  };
  // Whatever was changed may have taken somebody's right to watch: their picture ends with it.
  web.addHook('onResponse', async ({ method }) => {
    if (method !== 'GET' && method !== 'HEAD') await endUnallowed();
  });
  // And so does one whose hours are over, or whose session has ended by itself.
  const looking = setInterval(() => void endUnallowed(), LOOK_EACH_MS).unref();
  web.addHook('onClose', async () => clearInterval(looking));

  web.get('/api/v1/camera', { config: { access: 'camera' }, schema: { summary: 'State of the home camera' } }, async () =>
    cameraJson(house.camera(), people),
  );

  web.post(
    '/api/v1/camera/off',
    { config: { access: 'household' }, schema: { summary: 'Switch the camera off: nothing runs that could see, until it is switched on' } },
    async ({ who }) => {
      await video().switchOff(who.actor);
      people.operations.append({ kind: 'camera-off', actor: who.actor, subject: HOME });
      return cameraJson(house.camera(), people);
    },
  );

  web.post(
    '/api/v1/camera/on',
    { config: { access: 'household', again: 'if-set' }, schema: { summary: 'Switch the camera on' } },
    async ({ who }) => {
      const found = video();
      // Written down first: nobody is looked at without it.
      people.operations.append({ kind: 'camera-on', actor: who.actor, subject: HOME });
      await found.switchOn();
      return cameraJson(house.camera(), people);
    },
  );

  const switchMicrophone = (isOn: boolean, by: string): object => {
    const found = video();
    if (found.state().microphone === undefined)
      throw new ApiError(409, 'no-microphone', 'This home has no microphone.', 'Plug one in, or name it with --microphone.');
    // Written down first: nobody is listened to without it.
    people.operations.append({ kind: isOn ? 'microphone-on' : 'microphone-off', actor: by, subject: HOME });
    found.setMicrophone(isOn, by);
    return cameraJson(house.camera(), people);
  };
  web.post(
    '/api/v1/camera/microphone/on',
    {
      config: { access: 'household', again: 'if-set' },
      schema: { summary: 'Let the microphone tell when something is heard; who watches hears it once everybody who lives here agreed' },
    },
    async ({ who }) => switchMicrophone(true, who.actor),
  );
  web.post(
    '/api/v1/camera/microphone/off',
    { config: { access: 'household' }, schema: { summary: 'Switch the microphone off: nothing runs that could hear' } },
    async ({ who }) => switchMicrophone(false, who.actor),
  );

  web.put(
    '/api/v1/camera/sound',
    {
      config: { access: 'household' },
      schema: {
        summary: 'Agree that who watches the camera hears the room, or take it back; it is heard once everybody who lives here agrees',
        body: Type.Object({ isAgreed: Type.Boolean() }),
      },
    },
    async ({ who, body: { isAgreed } }) => {
      if (isAgreed && !people.liveSound.isNamed)
        throw new ApiError(
          409,
          'not-named',
          'The policy of this household does not name live sound, so it is not done.',
          'Who runs the hub can add the line of `live-sound` to policy.md.',
        );
      const set = (): void => people.liveSound.set(who.id, isAgreed, house.now());
      // Written down before it counts, and taken back before it is written down.
      if (!isAgreed) set();
      people.operations.append({ kind: isAgreed ? 'live-sound-agreed' : 'live-sound-withdrawn', actor: who.actor, subject: HOME });
      if (isAgreed) set();
      house.video?.()?.tellWishes();
      return cameraJson(house.camera(), people);
    },
  );

  web.get(
    '/api/v1/camera/viewers',
    { config: { access: 'camera' }, schema: { summary: 'Who watches the camera now, and what the edge got from it' } },
    async () => {
      const { viewers, ...stream } = await video()
        .stream()
        .catch((error: unknown) => {
          if (error instanceof OutOfRegion)
            throw new ApiError(409, 'region', `${error.message}.`, 'Each who lives here chooses a region for video in their profile.');
          throw edgeDown();
        });
      return {
        ...stream,
        viewers: viewers
          .filter(({ isConnected }) => isConnected)
          .map(({ id, name, since, packets }) => ({ id, name: nameOf(people, name), since, packets })),
      };
    },
  );

  web.get(
    '/api/v1/camera/sessions',
    {
      config: { access: 'household' },
      schema: {
        summary: 'Each session of the camera: region, key of the edge, since when until when, bytes, who watched, and the edge’s receipt',
        querystring: Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_LISTED })) }),
      },
    },
    async ({ query: { limit = MOST_LISTED } }) => {
      await house.video?.()?.lookAtSessions();
      return people.viewSessions
        .list(limit)
        .map((session) => ({ ...session, views: session.views.map((view) => ({ ...view, name: nameOf(people, view.name) })) }));
    },
  );

  web.get(
    '/api/v1/camera/ice-servers',
    {
      config: { access: 'camera' },
      schema: { summary: 'STUN and TURN servers for who watches from where the edge is not reached by UDP' },
    },
    async ({ who }) => {
      // In the home there is nothing to go around, and the picture need not wait for the answer.
      if (house.whep()?.region === AT_HOME) return [];
      try {
        const named = await edge('OPTIONS', await video().watchToken(who.actor));
        return parseIceLinks(named.headers.get('link') ?? '').map(({ url, ...secret }) => ({ urls: url, ...secret }));
      } catch {
        // Whoever asks to watch next is told why that cannot be.
        return [];
      }
    },
  );

  web.post(
    '/api/v1/camera/whep',
    { config: { access: 'camera' }, schema: { summary: 'Watch: an SDP offer in, an SDP answer out (WHEP)', body: Type.String() } },
    async (request, reply) => {
      const { who } = request;
      if (house.camera().state === 'private')
        throw new ApiError(409, 'private', 'The camera is switched off.', 'Somebody of the household can switch it on.');
      const token = await video()
        .watchToken(who.actor)
        .catch(() => {
          throw edgeDown();
        });
      const answer = await edge('POST', token, undefined, request.body);
      const text = await answer.text();
      if (!answer.ok)
        throw new ApiError(answer.status < 500 ? answer.status : 503, 'watch', 'The camera cannot be watched now.', messageIn(text));
      const { region, microphone } = house.camera();
      const detail = { region, ...(microphone?.isLive === true ? { sound: true } : {}) };
      people.operations.append({ kind: 'camera-watched', actor: who.actor, subject: HOME, detail });
      const id = (answer.headers.get('location') ?? '').split('/').at(-1) ?? '';
      if (sessions.size >= MOST_SESSIONS) sessions.delete(sessions.keys().next().value!);
      sessions.set(id, { token, viewer: who.actor, request });
      const seal = house.video?.()?.seal();
      // Past the edge: from the hub to who may watch.
      if (seal !== undefined) reply.header('x-hearth-seal', `${seal.kid} ${seal.key}`);
      return reply.code(201).type('application/sdp').header('location', `/api/v1/camera/whep/${id}`).send(text);
    },
  );

  web.delete(
    '/api/v1/camera/whep/:id',
    {
      config: { access: 'camera' },
      schema: { summary: 'Stop watching', params: Type.Object({ id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }) }) },
    },
    async ({ who, params: { id } }, reply) => {
      const session = sessions.get(id);
      if (session === undefined) return reply.code(204).send();
      if (session.viewer !== who.actor)
        throw new ApiError(403, 'not-yours', 'This is another person’s view.', 'They can stop it themselves, or switch the camera off.');
      await endView(id);
      return reply.code(204).send();
    },
  );

  web.get('/api/v1/edge', { config: { access: 'household' }, schema: { summary: 'How far the edge has the log' } }, async () =>
    house.edge(),
  );
}

function messageIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: string } };
    return error?.message ?? 'Try again in a few seconds.';
  } catch {
    return 'Try again in a few seconds.';
  }
}
