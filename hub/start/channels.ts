/** Over which link and channel each device is reached. */
import type { House } from '../house.ts';
import type { Later } from './later.ts';

export interface Channels {
  met(device: string, link: string, channel: number): void;
  /** Devices that were met on a link. */
  on(link: string): string[];
  readonly command: House['command'];
}

export function openChannels(later: Later): Channels {
  const channels = new Map<string, { link: string; channel: number }>();
  return {
    met: (device, link, channel) => void channels.set(device, { link, channel }),
    on: (link) => [...channels].flatMap(([device, at]) => (at.link === link ? [device] : [])),
    command(device, command) {
      const at = channels.get(device);
      return at !== undefined && (later.rig?.command(at.link, at.channel, command) ?? false);
    },
  };
}
