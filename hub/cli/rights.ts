/** `hearth amend`, `object`, `share`, `forget`, `protect`: a person's rights, for who runs the hub and whose guardian they are. */
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { MeasurementJson } from '../store/measurement-json.ts';
import { CliError, type Client, exitCodes } from './client.ts';
import type { CommandLine } from './command-line.ts';
import { readSecret } from './secret.ts';

interface Followed {
  readonly recomputed: readonly { quantity: string; value: number }[];
  readonly removed: readonly { quantity: string }[];
}
interface Purpose {
  readonly id: string;
  readonly words: string;
  readonly stops: string;
  readonly objectedAt: string | null;
}
interface Share {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly categories: readonly string[];
  readonly since: string;
  readonly ends: string | null;
  readonly lastRead: string | null;
  readonly rowsRead: number;
  readonly isOpen: boolean;
}
interface Of {
  readonly person?: string;
}

const PERSON = ['--person <id>', 'of somebody whose guardian you are'] as const;
const of = ({ person }: Of, more = ''): string => {
  const query = [...(person === undefined ? [] : [`subject=${encodeURIComponent(person)}`]), ...(more === '' ? [] : [more])].join('&');
  return query === '' ? '' : `?${query}`;
};
const followedWords = ({ recomputed, removed }: Followed): string =>
  [
    'done',
    ...(recomputed.length > 0 ? [`computed again: ${recomputed.map(({ quantity, value }) => `${quantity} ${value}`).join(', ')}`] : []),
    ...(removed.length > 0 ? [`taken out, since they no longer follow: ${removed.map(({ quantity }) => quantity).join(', ')}`] : []),
  ].join('; ');

/** A number as a person types it. Throws {@link CliError}. */
function numberOf(text: string, what: string): number {
  const number = Number(text.replace(',', '.'));
  if (text.trim() === '' || !Number.isFinite(number)) throw new CliError(exitCodes.usage, `'${text}' is no ${what}: write a number`);
  return number;
}

export function rightsCommands(line: CommandLine): void {
  amendCommands(line);
  objectCommands(line);
  shareCommands(line);
  forgetCommand(line);
  protectCommands(line);
}

function amendCommands({ program, client, show, table, withJson }: CommandLine): void {
  const amend = program.command('amend').description('change, add or take out values, and see what they were');

  withJson(
    amend
      .command('list')
      .description('your values of a quantity, with their positions')
      .argument('<quantity>', 'weight, steps …')
      .option('--from <day>', 'first day, YYYY-MM-DD')
      .option(...PERSON),
  ).action(async (quantity: string, { from, ...who }: Of & { from?: string }) => {
    const wanted = `quantity=${encodeURIComponent(quantity)}&limit=1000${from === undefined ? '' : `&from=${encodeURIComponent(from)}`}`;
    const rows = (await client().get(`/api/v1/measurements${of(who, wanted)}`)) as MeasurementJson[];
    show(rows, () =>
      table([
        ['position', 'value', 'unit', 'time', 'device'],
        ...rows.map(({ seq, value, unit, end, device }) => [String(seq), String(value), unit, end, device]),
      ]),
    );
  });
  withJson(
    amend
      .command('add')
      .description('a value that no device measured')
      .argument('<quantity>')
      .argument('<value>')
      .option('--at <time>', 'ISO 8601; now unless told')
      .option(...PERSON),
  ).action(async (quantity: string, value: string, { at, ...who }: Of & { at?: string }) => {
    const body = { quantity, value: numberOf(value, 'value'), ...(at === undefined ? {} : { at }) };
    const row = (await client().post(`/api/v1/measurements${of(who)}`, body)) as MeasurementJson;
    show(row, () => `kept at position ${row.seq}: ${row.value} ${row.unit}, ${row.end}`);
  });
  withJson(
    amend
      .command('change')
      .description('another value in place of one; the old one stays in its history')
      .argument('<position>', 'see hearth amend list')
      .argument('<value>')
      .option(...PERSON),
  ).action(async (position: string, value: string, who: Of) => {
    const path = `/api/v1/measurements/${numberOf(position, 'position')}${of(who)}`;
    const followed = (await client().put(path, { value: numberOf(value, 'value') })) as Followed;
    show(followed, () => followedWords(followed));
  });
  withJson(
    amend
      .command('remove')
      .description('take values out, here and at every target that had them')
      .argument('<positions...>', 'see hearth amend list')
      .option(...PERSON),
  ).action(async (positions: string[], who: Of) => {
    const seqs = positions.map((one) => numberOf(one, 'position'));
    const followed = (await client().post(`/api/v1/measurements/removal${of(who)}`, { seqs })) as Followed;
    show(followed, () => followedWords(followed));
  });
  withJson(
    amend
      .command('history')
      .description('what a value was, and who changed it')
      .argument('<position>')
      .option(...PERSON),
  ).action(async (position: string, who: Of) => {
    const history = (await client().get(`/api/v1/measurements/${numberOf(position, 'position')}/history${of(who)}`)) as {
      values: { at: string; by: string; value: number | null }[];
    };
    show(history, () => table(history.values.map(({ at, by, value }) => [at, String(value), `by ${by}`])));
  });
}

function objectCommands({ program, client, show, table, withJson }: CommandLine): void {
  const object = program.command('object').description('what your data is used for, and stopping any of it');
  const list = async (who: Of): Promise<Purpose[]> => (await client().get(`/api/v1/purposes${of(who)}`)) as Purpose[];
  withJson(
    object
      .command('list', { isDefault: true })
      .description('each purpose, and whether it goes on')
      .option(...PERSON),
  ).action(async (who: Of) => {
    const purposes = await list(who);
    show(purposes, () =>
      table([
        ['purpose', 'state', 'what'],
        ...purposes.map(({ id, objectedAt, words }) => [id, objectedAt === null ? 'goes on' : `objected ${objectedAt}`, words]),
      ]),
    );
  });
  withJson(
    object
      .command('to')
      .description('stop a purpose; first says what stops with it')
      .argument('<purpose>', 'see hearth object')
      .option('--yes', 'what stops is understood')
      .option(...PERSON),
  ).action(async (id: string, { yes, ...who }: Of & { yes?: true }) => {
    const purpose = (await list(who)).find((one) => one.id === id);
    if (purpose === undefined) throw new CliError(exitCodes.usage, `nothing here is done for '${id}': see hearth object`);
    if (yes !== true) throw new CliError(exitCodes.refused, `${purpose.words}. If you object: ${purpose.stops} Say --yes to go on.`);
    const answer = await client().put(`/api/v1/purposes/${encodeURIComponent(id)}${of(who)}`, { object: true });
    show(answer, () => `stopped: ${purpose.words}`);
  });
  withJson(
    object
      .command('allow')
      .description('let a purpose go on again')
      .argument('<purpose>')
      .option(...PERSON),
  ).action(async (id: string, who: Of) => {
    const answer = await client().put(`/api/v1/purposes/${encodeURIComponent(id)}${of(who)}`, { object: false });
    show(answer, () => 'it goes on from now on');
  });
}

function shareCommands({ program, client, show, table, withJson }: CommandLine): void {
  const share = program.command('share').description('with whom your data is shared, and stopping it');
  withJson(share.command('list', { isDefault: true }).description('with whom, what, and what they read of it')).action(async () => {
    const shares = (await client().get('/api/v1/shares')) as { given: Share[] };
    show(shares, () =>
      table([
        ['id', 'with', 'kind', 'what', 'since', 'state', 'values read'],
        ...shares.given.map(({ id, name, kind, categories, since, ends, isOpen, rowsRead, lastRead }) => [
          id,
          name,
          kind,
          categories.join(' '),
          since,
          isOpen ? `ends ${ends ?? 'when stopped'}` : 'over',
          lastRead === null ? 'none' : `${rowsRead}, last ${lastRead}`,
        ]),
      ]),
    );
  });
  withJson(
    share
      .command('give')
      .description('to somebody here, or by a link with a passcode; it ends by itself')
      .argument('<categories...>', 'body, activity, environment, technical')
      .option('--to <person>', 'their id, see hearth people; else a link')
      .option('--label <name>', 'what you call who gets the link')
      .option('--days <number>', 'how long it holds', '30'),
  ).action(async (categories: string[], { to, label, days }: { to?: string; label?: string; days: string }) => {
    const body = {
      categories,
      days: numberOf(days, 'number of days'),
      ...(to === undefined ? {} : { account: to }),
      ...(label === undefined ? {} : { label }),
    };
    const made = (await client().post('/api/v1/shares', body)) as { share: Share; link: string | null; passcode: string | null };
    show(made, () =>
      made.link === null
        ? `shared with ${made.share.name}, ${made.share.id}`
        : `link: /${made.link} at the hub's address\npasscode: ${made.passcode}\nGive them both, by two ways; they are shown this once.`,
    );
  });
  withJson(share.command('stop').description('at once').argument('<id>', 'see hearth share')).action(async (id: string) => {
    await client().raw('DELETE', `/api/v1/shares/${encodeURIComponent(id)}`);
    show({ stopped: id }, () => `${id}: stopped`);
  });
}

function forgetCommand({ program, client, show, table, withJson }: CommandLine): void {
  withJson(
    program
      .command('forget')
      .description('deletes everything about who runs the hub, for ever; first a copy, or a clear no')
      .requiredOption('--name <name>', 'your name, so that this is no slip')
      .option('--copy <file>', 'where to write the copy, sealed by a passphrase that is asked for')
      .option('--no-copy', 'you want none'),
  ).action(async ({ name, copy }: { name: string; copy?: string | boolean }) => {
    const hub = client();
    if (typeof copy === 'string') await takeCopy(hub, copy);
    else if (copy !== false) throw new CliError(exitCodes.usage, 'say --copy FILE, or --no-copy that you want none');
    const report = (await hub.post('/api/v1/forget', { copy: typeof copy === 'string' ? 'verified' : 'declined', name })) as {
      places: { what: string; state: string }[];
      backups: string[];
      receipt: string;
    };
    show(report, () =>
      [table(report.places.map(({ state, what }) => [state, what])), ...report.backups, `signed: ${report.receipt}`].join('\n'),
    );
  });
}

/** Writes the sealed copy and has the hub read it back: what was not proven is no copy. */
async function takeCopy(hub: Client, file: string): Promise<void> {
  const passphrase = await readSecret('A passphrase for the copy, ten characters or more: ');
  const response = await hub.raw('POST', '/api/v1/forget/copy', { passphrase });
  if (response.body === null) throw new CliError(exitCodes.refused, 'the hub sent nothing');
  await writeFile(file, response.body, { mode: 0o600, flag: 'wx' });
  const { id, partBytes } = (await hub.post('/api/v1/imports', { name: 'copy.age' })) as { id: string; partBytes: number };
  let at = 0;
  for await (const part of createReadStream(file, { highWaterMark: partBytes })) {
    const bytes = new Uint8Array(part as Buffer);
    await hub.raw('PUT', `/api/v1/imports/${id}?at=${at}`, bytes);
    at += bytes.length;
  }
  await hub.post(`/api/v1/forget/check/${id}`, { passphrase });
  console.error(`${file}: your copy, read back and whole`);
}

function protectCommands({ program, client, show, withJson }: CommandLine): void {
  interface Protection {
    readonly state: string;
    readonly since: string | null;
    readonly waitingBytes: number;
    readonly lost: string;
  }
  const protect = program.command('protect').description('the lock on the vault of who runs the hub');
  withJson(protect.command('status', { isDefault: true }).description('whether it has a lock, and what waits sealed')).action(async () => {
    const own = (await client().get('/api/v1/protect')) as Protection;
    show(own, () =>
      own.state === 'plain'
        ? 'no lock: put one on under You, “Lock my vault”, on the page'
        : `${own.state}, a lock since ${own.since}; ${own.waitingBytes} bytes wait sealed. ${own.lost}`,
    );
  });
  withJson(protect.command('unlock').description('asks for the passphrase or the recovery kit')).action(async () => {
    const secret = await readSecret('Your passphrase, or the recovery kit: ');
    const { added } = (await client().post('/api/v1/protect/unlock', { secret })) as { added: number };
    show({ added }, () => `unlocked; ${added} measurements that waited came in`);
  });
  withJson(protect.command('lock').description('from now on nobody reads, until it is unlocked')).action(async () => {
    await client().raw('POST', '/api/v1/protect/lock');
    show({ state: 'locked' }, () => 'locked');
  });
}
