/**
 * `node hardware/virtual/main.ts --dir DIR [--rig FILE] [--motion FILE] [--person FILE] [--weight KG] [--quiet]`: the virtual rig as a
 * program. `DIR/control` is a socket that takes one JSON command a line; see control.ts.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseRig } from '../../firmware/rig.ts';
import { listenForControl } from './control.ts';
import { readForceRecording } from './force-recording.ts';
import { readMotionRecording } from './motion-recording.ts';
import { startVirtualRig } from './rig.ts';

const { values } = parseArgs({
  options: {
    dir: { type: 'string' },
    rig: { type: 'string' },
    motion: { type: 'string' },
    person: { type: 'string' },
    weight: { type: 'string' },
    quiet: { type: 'boolean' },
  },
});
if (values.dir === undefined) {
  console.error('--dir DIR is missing: the folder for the virtual ports');
  process.exit(2);
}
const rigFile = values.rig ?? fileURLToPath(new URL('../boards/virtual-home/rig.yaml', import.meta.url));
const rig = startVirtualRig({
  folder: values.dir,
  rig: parseRig(readFileSync(rigFile, 'utf8'), rigFile),
  ...(values.weight === undefined ? {} : { weightKg: Number(values.weight) }),
  motion: values.motion === undefined ? undefined : readMotionRecording(values.motion),
  person: values.person === undefined ? undefined : readForceRecording(values.person),
  isQuiet: values.quiet ?? false,
});
// A socket's path may be 107 bytes long; in a deeper folder the rig runs without its control.
const control = await listenForControl(`${values.dir}/control`, rig).catch((error: unknown) => {
  console.error(`no control socket: ${error instanceof Error ? error.message : error}`);
  return undefined;
});
const stop = (): void => {
  control?.close();
  rig[Symbol.dispose]();
  process.exit(0);
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
console.log(JSON.stringify({ ready: true }));
