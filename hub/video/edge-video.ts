/** What the hub asks of the edge about its camera: tokens for sessions, who watches, what each session was, and an end to it all. */
import type { SessionClaims } from '../edge/video-sessions.ts';
import type { ViewSession } from '../people/view-sessions.ts';

const ANSWER_WITHIN_MS = 5000;

export interface EdgeAddress {
  readonly url: string;
  readonly token: string;
}

export interface ViewerOfCamera {
  readonly id: string;
  /** Account of who watches. */
  readonly name: string;
  readonly since: string;
  readonly isConnected: boolean;
  readonly packets: number;
}

export interface StreamOfCamera {
  readonly isPublished: boolean;
  readonly codec: string;
  /** RTP packets from the camera since it was published. */
  readonly packets: number;
  readonly bytes: number;
  readonly viewers: readonly ViewerOfCamera[];
}

export interface EdgeVideo {
  /** A token for one session, to be used within a minute. Rejects when the edge does not answer or refuses. */
  token(task: 'publish' | 'watch', viewer?: string): Promise<string>;
  stream(): Promise<StreamOfCamera>;
  /** Its sessions at this edge, newest first. */
  sessions(): Promise<ViewSession[]>;
  /** Ends the camera's publisher and all viewers. */
  end(): Promise<void>;
  /** Ends one viewer. */
  endViewer(id: string): Promise<void>;
}

export function edgeVideo({ url, token }: EdgeAddress, camera: string): EdgeVideo {
  const ask = async (method: string, path: string, body?: object): Promise<Response> => {
    const response = await fetch(`${url}/v1/video/${camera}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    if (!response.ok) throw new Error(`the edge refused (${response.status}): ${await response.text()}`);
    return response;
  };
  return {
    token: async (task, viewer = '') => ((await (await ask('POST', '/tokens', { task, viewer })).json()) as { token: string }).token,
    stream: async () => (await (await ask('GET', '')).json()) as StreamOfCamera,
    async sessions() {
      const { region, key, sessions } = (await (await ask('GET', '/sessions')).json()) as {
        region: string;
        key: string;
        sessions: { claims: SessionClaims; receipt: string | null }[];
      };
      return sessions.map(({ claims: { session, since, until, codec, bytes, views }, receipt }) => ({
        ...{ id: session, camera, region, edgeKey: key, since, until, codec, bytes, views, receipt },
      }));
    },
    end: async () => void (await ask('DELETE', '')),
    endViewer: async (id) => void (await ask('DELETE', `/viewers/${id}`)),
  };
}
