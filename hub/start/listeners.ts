/** Who is told what happens in the house, as it happens. */
import type { House, HouseEvent } from '../house.ts';

/** Pages that listen for events; the web server allows fewer. */
const MOST_LISTENERS = 200;

export interface Listeners {
  tell(event: HouseEvent): void;
  readonly listen: House['listen'];
}

export function openListeners(): Listeners {
  const listeners = new Set<(event: HouseEvent) => void>();
  return {
    tell(event) {
      for (const listener of listeners) listener(event);
    },
    listen(onEvent) {
      if (listeners.size < MOST_LISTENERS) listeners.add(onEvent);
      return () => listeners.delete(onEvent);
    },
  };
}
