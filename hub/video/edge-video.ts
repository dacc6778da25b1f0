/** What the hub asks of the edge about its camera: tokens for sessions, who watches, what each session was, and an end to it all. */
import type { SessionClaims } from '../edge/video-sessions.ts';
import type { ViewSession } from '../people/view-sessions.ts';
import { NOT_ENROLLED, type VideoEdge } from './video-edge.ts';

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
  /** RTP packets of sound; none where the household did not agree to it. */
  readonly soundPackets: number;
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

const NOTHING: StreamOfCamera = { isPublished: false, codec: '', packets: 0, bytes: 0, soundPackets: 0, viewers: [] };

/** @param edge asked for each time: the household may choose another region */
export function edgeVideo(edge: () => VideoEdge, camera: string): EdgeVideo {
  const ask = async (method: string, path: string, body?: object): Promise<Response> => {
    const at = edge();
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await at.ask(method, `/v1/video/${at.camera()}${path}`, type, body === undefined ? undefined : JSON.stringify(body));
    if (!response.ok) throw new Error(`the edge refused (${response.status}): ${await response.text()}`);
    return response;
  };
  const isKnown = (): boolean => edge().camera() !== NOT_ENROLLED;
  return {
    async token(task, viewer = '') {
      // Only who is about to send or watch makes this hub known to an edge outside.
      if (!isKnown()) await edge().ask('GET', '/healthz', {});
      return ((await (await ask('POST', '/tokens', { task, viewer })).json()) as { token: string }).token;
    },
    stream: async () => (isKnown() ? ((await (await ask('GET', '')).json()) as StreamOfCamera) : NOTHING),
    async sessions() {
      if (!isKnown()) return [];
      const { region, key, sessions } = (await (await ask('GET', '/sessions')).json()) as {
        region: string;
        key: string;
        sessions: { claims: SessionClaims; receipt: string | null }[];
      };
      return sessions.map(({ claims: { session, since, until, codec, bytes, soundBytes, views }, receipt }) => ({
        ...{ id: session, camera, region, edgeKey: key, since, until, codec, bytes, soundBytes, views, receipt },
      }));
    },
    end: async () => void (isKnown() && (await ask('DELETE', ''))),
    endViewer: async (id) => void (await ask('DELETE', `/viewers/${id}`)),
  };
}
