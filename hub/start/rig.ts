/** The hub's own rig: what is plugged in, what a rig file names, or a virtual one where there is nothing. */
import type { Clock } from '../../firmware/protocol/time.ts';
import type { Config } from '../ops/config.ts';
import { detectHardware } from '../sources/detect.ts';
import { chooseRig, type Rig, type RigEvents, startRig } from '../sources/rig.ts';

export interface OwnRigOptions {
  readonly root: string;
  readonly config: Config;
  readonly events: RigEvents;
  readonly say: (text: string) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Looks for hardware and starts what fits it. Rejects with SettingsError when the rig file has a mistake. */
export async function startOwnRig({ root, config, events, say, clock, signal }: OwnRigOptions): Promise<Rig> {
  const found = config.rig === undefined ? await detectHardware(clock) : [];
  for (const one of found)
    say(one.kind === 'unknown' ? one.message : `Found ${one.kind === 'firmata' ? 'a Firmata board' : 'a device'} at ${one.path}`);
  const virtualOptions = [
    ...(config.motion === undefined ? [] : ['--motion', config.motion]),
    ...(config.person === undefined ? [] : ['--person', config.person]),
    ...(config.weight === undefined ? [] : ['--weight', String(config.weight)]),
  ];
  const rig = startRig({
    root,
    ...chooseRig(found, config.rig, root),
    runFolder: `${config.data}/run`,
    stateFolder: `${config.data}/state`,
    virtualOptions,
    events,
    clock,
    signal,
  });
  if (rig.isVirtual && found.every(({ kind }) => kind === 'unknown'))
    say('No hardware found: a virtual rig stands in (a person on a scale, a walk, a room).');
  say(`Rig: ${rig.name}`);
  return rig;
}
