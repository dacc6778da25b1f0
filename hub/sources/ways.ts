/** Over which lines each device is there: a cable, the air, or both at once. */
export interface Way {
  readonly link: string;
  readonly channel: number;
}

export interface Ways {
  /** It introduced itself over a link. */
  met(device: string, way: Way): void;
  /** The newest first. */
  of(device: string): readonly Way[];
  /** A link is down: the devices that are there over no other one. */
  lost(link: string): string[];
}

export function createWays(): Ways {
  const ways = new Map<string, readonly Way[]>();
  return {
    met(device, way) {
      const others = (ways.get(device) ?? []).filter(({ link }) => link !== way.link);
      ways.set(device, [way, ...others]);
    },
    of: (device) => ways.get(device) ?? [],
    lost(link) {
      const gone: string[] = [];
      for (const [device, there] of ways) {
        const left = there.filter((way) => way.link !== link);
        if (left.length === there.length) continue;
        if (left.length > 0) ways.set(device, left);
        else {
          ways.delete(device);
          gone.push(device);
        }
      }
      return gone;
    },
  };
}
