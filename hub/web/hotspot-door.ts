/** The web server on the set-up hotspot's address, open as long as the hotspot is: who holds the label's password stands at the hub. */
import { createServer, type Server } from 'node:http';
import { HOTSPOT_ADDRESS, type WifiOptions } from '../ops/wifi/wifi.ts';
import type { Web } from './context.ts';

export const hotspotUrl = (port: number): string => `http://${HOTSPOT_ADDRESS}:${port}/#/wifi`;

export interface HotspotDoor {
  /** To be told of the hotspot; says on the console how to get in. */
  readonly onHotspot: NonNullable<WifiOptions['onHotspot']>;
  /** From now on the door opens with the hotspot. */
  serve(web: Web, port: number): void;
}

export function createHotspotDoor(say: (text: string) => void): HotspotDoor {
  let hotspot: Parameters<HotspotDoor['onHotspot']>[0];
  let served: { web: Web; port: number } | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let shut: () => Promise<void> = async () => undefined;
  // In turn, and by what holds then: a hotspot that closes at once leaves no door behind.
  const turn = (): void => {
    last = last
      .then(async () => {
        await shut();
        shut = async () => undefined;
        if (hotspot === undefined || served === undefined) return;
        shut = await openHotspotDoor(served.web, served.port);
        say(`Set-up: join the Wi-Fi '${hotspot.name}' with the password ${hotspot.secret}, then open ${hotspotUrl(served.port)}`);
      })
      .catch((error: unknown) => console.error(`the set-up page cannot be served: ${error instanceof Error ? error.message : error}`));
  };
  return {
    onHotspot(next) {
      hotspot = next;
      turn();
    },
    serve(web, port) {
      served = { web, port };
      turn();
    },
  };
}

/** Resolves with how to shut the door. Where the hub listens on every address already there is none to open. */
export async function openHotspotDoor(web: Web, port: number, address = HOTSPOT_ADDRESS): Promise<() => Promise<void>> {
  const door = createServer((request, response) => {
    // Phones look for a page of their maker's to see whether there is internet; they are led to the set-up instead.
    const isOurs = (request.headers.host ?? '').startsWith(`${address}:`) || request.headers.host === address;
    if (!isOurs && request.method === 'GET') response.writeHead(302, { location: hotspotUrl(port) }).end();
    else web.server.emit('request', request, response);
  });
  if (!(await listens(door, port, address))) return async () => undefined;
  return () =>
    new Promise((resolve) => {
      door.close(() => resolve());
      door.closeAllConnections();
    });
}

async function listens(door: Server, port: number, address: string): Promise<boolean> {
  try {
    await new Promise<void>((resolve, reject) => door.once('error', reject).listen(port, address, resolve));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
    throw error;
  }
}
