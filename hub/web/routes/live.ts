import type { ServerResponse } from 'node:http';
import type { HouseEvent } from '../../house.ts';
import type { People } from '../../people/people.ts';
import { measurementJson } from '../../store/measurement-json.ts';
import { ownSubjects, rules, type Who } from '../access.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';
import { cameraJson } from './camera.ts';
import { deviceJson } from './devices.ts';

/** Pages open at the same time; a household has some, a fault has thousands. */
const MOST_PAGES = 50;
/** A reader that is this far behind has gone: it is let go and comes back by itself. */
const MOST_UNSENT_BYTES = 256 * 1024;
/** Shorter than what proxies and phones close silent connections after. */
const HEARTBEAT_MS = 15_000;

const bodyOf = (event: HouseEvent, people: People): unknown => {
  switch (event.type) {
    case 'measurement':
      return measurementJson(event.measurement);
    case 'live':
      return { device: event.device, quantity: event.quantity, value: event.value, at: event.at };
    case 'device':
      return deviceJson(event.device);
    case 'video':
      return cameraJson(event.camera, people);
    case 'bluetooth':
    case 'wake-up':
      return {};
  }
};

/** Others' measurements are not for one's page, nor what a scale shows while nobody knows who stands on it. */
function mayHear(who: Who, event: HouseEvent): boolean {
  switch (event.type) {
    case 'measurement':
      return ownSubjects(who).includes(event.measurement.subject);
    case 'live':
      return event.subject !== undefined && ownSubjects(who).includes(event.subject);
    case 'wake-up':
      return event.subject === who.id;
    case 'device':
    case 'bluetooth':
      return rules.household.allows(who);
    case 'video':
      return rules.camera.allows(who);
  }
}

/** Server-sent events (WHATWG HTML, 9.2): what happens, as it happens. */
export function liveRoutes(web: Web, { house, signIn }: WebContext): void {
  const open = new Set<ServerResponse>();
  web.get(
    '/api/v1/live',
    { config: { access: 'signed-in' }, schema: { summary: 'Events: measurement, live, device, video' } },
    (request, reply) => {
      if (open.size >= MOST_PAGES) throw new ApiError(503, 'busy', `${MOST_PAGES} pages are open already.`, 'Close some of them.');
      reply.hijack();
      const { raw } = reply;
      open.add(raw);
      raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
      raw.write('retry: 1000\n\n');
      const send = (text: string): void => {
        if (raw.writableLength > MOST_UNSENT_BYTES) raw.destroy();
        else raw.write(text);
      };
      const stop = house.listen((event) => {
        // Asked anew each time: a session that was ended, or a right that was taken, ends the stream with it.
        const who = signIn.whoOf(request);
        if (!rules['signed-in'].allows(who)) raw.destroy();
        else if (mayHear(who, event)) send(`event: ${event.type}\ndata: ${JSON.stringify(bodyOf(event, house.people))}\n\n`);
      });
      const heartbeat = setInterval(() => send(': still here\n\n'), HEARTBEAT_MS);
      raw.on('error', () => undefined);
      raw.on('close', () => {
        clearInterval(heartbeat);
        stop();
        open.delete(raw);
      });
    },
  );
  web.addHook('preClose', async () => {
    for (const raw of open) raw.destroy();
  });
}
