/** `node firmware/main.ts --rig FILE --link PATH|- …`: the devices of a rig file as a program; `--help` says all. */
import { deviceCommand } from './command.ts';

await deviceCommand().parseAsync();
