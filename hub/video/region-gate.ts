/** No session of the camera is opened through an edge in a region that the people of the house did not choose; and open ones end. */
import type { EdgeVideo } from './edge-video.ts';

/** Why no token was given. */
export class OutOfRegion extends Error {
  override readonly name = 'OutOfRegion';
}

/**
 * @param why asked before each token: why the edge's region must not have the video; undefined when it may
 * @param onRefused told each time that a token was refused for it
 */
export function gatedByRegion(edge: EdgeVideo, why: () => string | undefined, onRefused: (message: string) => void): EdgeVideo {
  return {
    ...edge,
    async token(task, viewer) {
      const message = why();
      if (message === undefined) return edge.token(task, viewer);
      onRefused(message);
      // Whoever watched when it was still allowed watches no more.
      await edge.end().catch(() => undefined);
      throw new OutOfRegion(message);
    },
  };
}
