/** The program `hearth` with all its commands. */
import { fileURLToPath } from 'node:url';
import completedBy from '@bomb.sh/tab/commander';
import { Command } from 'commander';
import { deviceCommand } from '../../firmware/command.ts';
import { archiveCommands } from './archive.ts';
import { bluetoothCommands } from './bluetooth.ts';
import { calibrateCommand } from './calibrate.ts';
import { cameraCommands } from './camera.ts';
import { cardCommand } from './card.ts';
import { challengeCommands } from './challenges.ts';
import { commandLine } from './command-line.ts';
import { copyCommands } from './copies.ts';
import { correctionCommands } from './corrections.ts';
import { disclosureCommands } from './disclosures.ts';
import { edgeCommands } from './edge.ts';
import { partnerCommands } from './partners.ts';
import { peopleCommands } from './people.ts';
import { policyCommands } from './policy.ts';
import { recoveryCommands } from './recovery.ts';
import { retentionCommands } from './retention.ts';
import { rightsCommands } from './rights.ts';
import { statusCommands } from './status.ts';
import { studyCommands } from './studies.ts';
import { supportCommands } from './support.ts';
import { syncCommands } from './sync.ts';
import { valueCommands } from './values.ts';
import { wakeUpCommands } from './wake-up.ts';
import { wifiCommands } from './wifi.ts';

const defaultData = fileURLToPath(new URL('../../data', import.meta.url));

export function hearthProgram(): Command {
  const program = new Command('hearth')
    .description('The hub from the command line of its own machine.')
    .option('--data <folder>', 'data folder of the hub', process.env.HEARTH_DATA ?? defaultData)
    .option('--json', 'print JSON')
    .exitOverride();
  const line = commandLine(program);
  statusCommands(line);
  valueCommands(line);
  calibrateCommand(line);
  correctionCommands(line);
  wakeUpCommands(line);
  archiveCommands(line);
  recoveryCommands(line);
  bluetoothCommands(line);
  wifiCommands(line);
  syncCommands(line);
  cardCommand(line);
  challengeCommands(line);
  partnerCommands(line);
  edgeCommands(line);
  peopleCommands(line);
  rightsCommands(line);
  copyCommands(line);
  disclosureCommands(line);
  studyCommands(line);
  supportCommands(line);
  policyCommands(line);
  retentionCommands(line);
  cameraCommands(line);

  program.addCommand(deviceCommand().copyInheritedSettings(program));
  // `hearth complete bash` prints what a shell completes by.
  completedBy(program);
  return program;
}
