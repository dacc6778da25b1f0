import type { Proof } from '../rights/prove.ts';
import type { CommandLine } from './command-line.ts';

interface Person {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly state: string;
}

const markdownOf = (proofs: readonly Proof[]): string =>
  [
    '| id | promise | here | what was seen |',
    '| --- | --- | --- | --- |',
    ...proofs.map(({ id, words, state, evidence }) => `| ${id} | ${words} | ${state} | ${evidence.replaceAll('|', '\\|')} |`),
    '',
  ].join('\n');

export function peopleCommands({ program, withJson, client, show, table }: CommandLine): void {
  withJson(
    program
      .command('prove')
      .description('whether each promise is kept on this hub, with what was seen')
      .option('--markdown', 'as the table of the README'),
  ).action(async ({ markdown }: { markdown?: true }) => {
    const proofs = (await client().get('/api/v1/prove')) as Proof[];
    const count = (state: Proof['state']): number => proofs.filter((one) => one.state === state).length;
    show(proofs, () =>
      [
        markdown === true ? markdownOf(proofs) : table(proofs.map(({ id, state, words, evidence }) => [id, state, words, evidence])),
        `${count('kept')} kept, ${count('not kept')} not kept, ${count('cannot be kept by a hub')} cannot be kept by a hub`,
      ].join('\n'),
    );
  });

  withJson(program.command('people').description('who is here')).action(async () => {
    const people = (await client().get('/api/v1/people')) as Person[];
    show(people, () => table([['id', 'name', 'role', 'state'], ...people.map(({ id, name, role, state }) => [id, name, role, state])]));
  });

  withJson(program.command('log').description('what happened with whose data, as who runs the hub may see it')).action(async () => {
    interface Row {
      readonly at: string;
      readonly words: string;
      readonly actorName: string;
      readonly subjectName: string;
    }
    const { rows } = (await client().get('/api/v1/operations?limit=200')) as { rows: Row[] };
    show(rows, () => table(rows.map(({ at, words, actorName, subjectName }) => [at, words, `by ${actorName}`, `about ${subjectName}`])));
  });

  withJson(
    program
      .command('erase-under-age')
      .description('erase for ever what is kept of a child under 13, or of a minor without consent; prints the proof')
      .argument('<person>', 'their id, see hearth people')
      .option('--born <date>', 'the true birth date, YYYY-MM-DD'),
  ).action(async (person: string, { born }: { born?: string }) => {
    const body = born === undefined ? {} : { birthDate: born };
    const erasure = (await client().post(`/api/v1/people/${encodeURIComponent(person)}/under-age-erasure`, body)) as {
      places: { id: string; what: string; state: string }[];
      receipt: string;
    };
    show(erasure, () => [table(erasure.places.map(({ state, what }) => [state, what])), '', `signed: ${erasure.receipt}`].join('\n'));
  });
}
