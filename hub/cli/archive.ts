/** `hearth archive` and `hearth import`: everything in one file, and the way back in. Both go on where they were interrupted. */
import { createWriteStream, existsSync, openSync, readFileSync, readSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CliError, type Client, exitCodes } from './client.ts';
import type { CommandLine } from './command-line.ts';

interface Ticket {
  readonly ticket: string;
  readonly tag: string;
}
interface Progress {
  readonly rows: number;
  readonly total: number;
}
interface Report {
  readonly form: string;
  readonly added: number;
  readonly known: number;
  readonly leftOut: number;
  readonly notes: readonly string[];
}

const LOOK_MS = 1000;

export function archiveCommands({ program, client, show, withJson }: CommandLine): void {
  withJson(
    program
      .command('archive')
      .description('everything that is kept of who runs the hub and of the home, as one ZIP file; goes on where it was interrupted')
      .argument('<file>', 'where to write it')
      .option('--person <id>', 'of somebody else whose guardian you are')
      .option('--no-home', 'without the home’s air and devices'),
  ).action(async (file: string, { person, home }: { person?: string; home: boolean }) => {
    const hub = client();
    const part = `${file}.part`;
    const note = `${part}.json`;
    const asked = await going(hub, part, note);
    const ticket =
      asked ??
      ((await hub.post(`/api/v1/exports${person === undefined ? '' : `?subject=${encodeURIComponent(person)}`}`, { home })) as Ticket);
    writeFileSync(note, JSON.stringify(ticket), { mode: 0o600 });
    const from = asked === undefined ? 0 : statSync(part).size;
    if (from > 0) console.error(`going on after ${Math.round(from / 2 ** 20)} MB`);
    const path = `/api/v1/exports?ticket=${ticket.ticket}`;
    const timer = setInterval(() => void tell(hub, path), LOOK_MS);
    try {
      const response = await hub.raw('GET', `/api/v1/archive?ticket=${ticket.ticket}&from=${from}&tag=${encodeURIComponent(ticket.tag)}`);
      if (response.body === null) throw new CliError(exitCodes.refused, 'the hub sent nothing');
      const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
      await pipeline(body, createWriteStream(part, { mode: 0o600, flags: from === 0 ? 'w' : 'a' })).catch((error: unknown) => {
        throw new CliError(
          exitCodes.refused,
          `the hub broke off (${error instanceof Error ? error.message : error}): run this again, it goes on`,
        );
      });
    } finally {
      clearInterval(timer);
      if (process.stderr.isTTY) process.stderr.write('\n');
    }
    renameSync(part, file);
    rmSync(note);
    show({ file, bytes: statSync(file).size }, () => `${file}: ${(statSync(file).size / 2 ** 20).toFixed(1)} MB`);
  });

  withJson(
    program
      .command('import')
      .description('brings back an archive, or takes an export of Apple Health or an account export, into the vault of who runs the hub')
      .argument('<file>', 'ZIP, XML or CSV')
      .option('--home', 'the home’s part of an archive too'),
  ).action(async (file: string, { home = false }: { home?: boolean }) => {
    const hub = client();
    const { id, partBytes } = (await hub.post('/api/v1/imports', { name: basename(file) })) as { id: string; partBytes: number };
    const descriptor = openSync(file, 'r');
    const part = new Uint8Array(partBytes);
    for (let at = 0; ; ) {
      const length = readSync(descriptor, part, 0, partBytes, at);
      if (length === 0) break;
      await hub.raw('PUT', `/api/v1/imports/${id}?at=${at}`, part.slice(0, length));
      at += length;
    }
    const report = (await hub.post(`/api/v1/imports/${id}/run`, { home })) as Report;
    show(report, () =>
      [
        `${report.added} measurements added, ${report.known} known already, ${report.leftOut} left out (no such quantity here)`,
        ...report.notes,
      ].join('\n'),
    );
  });
}

/** The ticket of an archive that was interrupted and is still the same. */
async function going(hub: Client, part: string, note: string): Promise<Ticket | undefined> {
  if (!existsSync(part) || !existsSync(note)) return undefined;
  const ticket = JSON.parse(readFileSync(note, 'utf8')) as Ticket;
  try {
    const { tag } = (await hub.get(`/api/v1/exports?ticket=${ticket.ticket}`)) as { tag: string };
    return tag === ticket.tag ? ticket : undefined;
  } catch (error) {
    if (error instanceof CliError && error.exitCode === exitCodes.refused) return undefined;
    throw error;
  }
}

async function tell(hub: Client, path: string): Promise<void> {
  if (!process.stderr.isTTY) return;
  const { rows, total } = (await hub.get(path).catch(() => ({ rows: 0, total: 0 }))) as Progress;
  if (total > 0) process.stderr.write(`\r${Math.min(100, Math.round((rows / total) * 100))} %  `);
}
