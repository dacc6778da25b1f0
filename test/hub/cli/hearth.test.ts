import type { Command } from 'commander';
import t from 'tap';
import { hearthProgram } from '../../../hub/cli/hearth.ts';

const all = (command: Command, path = command.name()): (readonly [string, Command])[] => [
  [path, command],
  ...command.commands.flatMap((one) => all(one, `${path} ${one.name()}`)),
];

t.test('each command says what it does', async (t) => {
  const commands = all(hearthProgram());
  t.ok(commands.length > 80, `${commands.length} commands`);
  t.strictSame(
    commands.flatMap(([path, command]) => (command.description() === '' ? path : [])),
    [],
    'without words',
  );
});
