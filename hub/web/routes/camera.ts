import { Type } from 'typebox';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../server.ts';

const ANSWER_WITHIN_MS = 10_000;

/** The home camera: its state, and WHEP offers handed on to the edge, whose token stays here. */
export function cameraRoutes(web: Web, { house }: WebContext): void {
  const edge = async (path: string, init: RequestInit): Promise<Response> => {
    const whep = house.whep();
    if (whep === undefined)
      throw new ApiError(503, 'no-edge', 'There is no edge to watch the camera through.', 'Start the hub without --no-edge.');
    try {
      return await fetch(`${whep.url}${path}`, {
        ...init,
        headers: { ...init.headers, authorization: `Bearer ${whep.token}` },
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
    } catch {
      throw new ApiError(503, 'edge-down', 'The edge does not answer.', 'It is started again by itself: try again in a few seconds.');
    }
  };

  web.get('/api/v1/camera', { config: { access: 'camera' }, schema: { summary: 'State of the home camera' } }, async () => house.camera());

  web.post(
    '/api/v1/camera/whep',
    { config: { access: 'camera' }, schema: { summary: 'Watch: an SDP offer in, an SDP answer out (WHEP)', body: Type.String() } },
    async (request, reply) => {
      const answer = await edge('/v1/whep/home', { method: 'POST', headers: { 'content-type': 'application/sdp' }, body: request.body });
      const text = await answer.text();
      if (!answer.ok)
        throw new ApiError(answer.status < 500 ? answer.status : 503, 'watch', 'The camera cannot be watched now.', messageIn(text));
      const id = (answer.headers.get('location') ?? '').split('/').at(-1) ?? '';
      return reply.code(201).type('application/sdp').header('location', `/api/v1/camera/whep/${id}`).send(text);
    },
  );

  web.delete(
    '/api/v1/camera/whep/:id',
    {
      config: { access: 'camera' },
      schema: { summary: 'Stop watching', params: Type.Object({ id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }) }) },
    },
    async (request, reply) => {
      await edge(`/v1/whep/home/${request.params.id}`, { method: 'DELETE' });
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
