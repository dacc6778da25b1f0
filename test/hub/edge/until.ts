import type { Taken } from '../../../hub/edge/storage/storage.ts';

/** As a hub does: again and again until it is taken. */
export async function until(take: () => Promise<Taken>): Promise<Taken> {
  for (;;) {
    try {
      return await take();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
