/** Over which links and channels each device is reached. */
import type { House } from '../house.ts';
import { createWays } from '../sources/ways.ts';
import type { Later } from './later.ts';

export interface Channels {
  met(device: string, link: string, channel: number): void;
  /** A link is down: the devices that are reached over no other one. */
  lost(link: string): string[];
  readonly command: House['command'];
}

export function openChannels(later: Later): Channels {
  const ways = createWays();
  return {
    met: (device, link, channel) => ways.met(device, { link, channel }),
    lost: ways.lost,
    command: (device, command) =>
      ways
        .of(device)
        .some(
          ({ link, channel }) =>
            later.rig?.command(link, channel, command) === true || later.bluetooth?.command(link, channel, command) === true,
        ),
  };
}
