/** Commands to the virtual rig, one JSON object a line over a Unix socket: what people and accidents do to a real one. */
import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Static } from 'typebox';
import { fits } from '../../firmware/schema/check.ts';
import { Type } from '../../firmware/schema/type.ts';
import { readForceRecording } from './force-recording.ts';
import { readMotionRecording } from './motion-recording.ts';
import type { VirtualRig } from './rig.ts';

const Cable = { cable: Type.String() };
const commands = {
  'step-on': Type.Object({ do: Type.Literal('step-on'), kg: Type.Number() }),
  'step-off': Type.Object({ do: Type.Literal('step-off') }),
  /** A dead weight on the plate, in place of whoever stands there. */
  lay: Type.Object({ do: Type.Literal('lay'), kg: Type.Number() }),
  'play-force': Type.Object({ do: Type.Literal('play-force'), file: Type.String(), trial: Type.Optional(Type.Integer()) }),
  'play-motion': Type.Object({ do: Type.Literal('play-motion'), file: Type.String() }),
  walk: Type.Object({ do: Type.Literal('walk'), steps: Type.Integer() }),
  /** Of a cable (`scale`), of a board's own port (`board-scale`) or of a serial chip's (`uart-virtual-home-pms5003`); or the adapter (`bluetooth`). */
  unplug: Type.Object({ do: Type.Literal('unplug'), ...Cable }),
  plug: Type.Object({ do: Type.Literal('plug'), ...Cable }),
  /** 0: as fast as it goes. */
  slow: Type.Object({ do: Type.Literal('slow'), ...Cable, bytesPerSecond: Type.Number({ minimum: 0 }) }),
  corrupt: Type.Object({ do: Type.Literal('corrupt'), ...Cable, every: Type.Integer({ minimum: 0 }) }),
  /** The Bluetooth adapter goes on answering and hears nothing, until this remedy is tried. */
  deaf: Type.Object({ do: Type.Literal('deaf'), until: Type.Enum(['scan restart', 'reset', 'power cycle']) }),
  /** Takes a chip off its bus or puts it back. */
  'chip-off': Type.Object({ do: Type.Literal('chip-off'), board: Type.String(), address: Type.Integer(), isOff: Type.Boolean() }),
  /** A bad wire between the board and a chip, until it is mended. */
  'chip-spoil': Type.Object({ do: Type.Literal('chip-spoil'), board: Type.String(), address: Type.Integer(), isSpoiled: Type.Boolean() }),
};
const AnyCommand = Type.Union(Object.values(commands));
export type ControlCommand = Static<(typeof commands)[keyof typeof commands]>;

export async function listenForControl(path: string, rig: VirtualRig): Promise<Server> {
  rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => undefined));
    createInterface({ input: socket }).on('line', (line) => socket.write(`${JSON.stringify(answer(line, rig))}\n`));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
  server.on('close', () => sockets.forEach((socket) => void socket.destroy()));
  return server;
}

function answer(line: string, rig: VirtualRig): { ok: true } | { error: string } {
  try {
    const command: unknown = JSON.parse(line);
    if (!fits(AnyCommand, command)) return { error: `not a command: ${line.slice(0, 200)}; one of ${Object.keys(commands).join(', ')}` };
    obey(command as ControlCommand, rig);
    return { ok: true };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

export function obey(command: ControlCommand, { scene, boards, uarts, cables, adapter }: VirtualRig): void {
  const named = <T>(map: ReadonlyMap<string, T>, name: string): T => {
    const found = map.get(name);
    if (found === undefined) throw new Error(`nothing is called '${name}': one of ${[...map.keys()].join(', ')}`);
    return found;
  };
  const plugOf = (name: string) => (name === 'bluetooth' ? adapter : (boards.get(name) ?? uarts.get(name) ?? named(cables, name)));
  switch (command.do) {
    case 'step-on':
      return scene.stepOn(command.kg);
    case 'step-off':
      return scene.stepOff();
    case 'lay':
      return scene.lay(command.kg);
    case 'play-force':
      return scene.playForce(readForceRecording(command.file, command.trial));
    case 'play-motion':
      return scene.playMotion(readMotionRecording(command.file));
    case 'walk':
      return scene.walk(command.steps);
    case 'unplug':
      return plugOf(command.cable).unplug();
    case 'plug':
      return plugOf(command.cable).plug();
    case 'slow':
      return named(cables, command.cable).slow(command.bytesPerSecond === 0 ? Number.POSITIVE_INFINITY : command.bytesPerSecond);
    case 'corrupt':
      return named(cables, command.cable).corrupt(command.every);
    case 'deaf':
      return adapter.controller.goDeaf(command.until);
    case 'chip-off':
      return named(boards, command.board).bus.disconnect(command.address, command.isOff);
    case 'chip-spoil':
      return named(boards, command.board).bus.spoil(command.address, command.isSpoiled);
  }
}
