import { randomBytes } from 'node:crypto';
import { Transform } from 'node:stream';
import { Type } from '../../../firmware/schema/type.ts';
import { partsOf, type Sources, scopeOf } from '../../rights/archive/parts.ts';
import { type Ticket, tagOf, ticketOf, ticketText } from '../../rights/archive/ticket.ts';
import { writeArchive } from '../../rights/archive/write.ts';
import { readable, type Who } from '../access.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';

/** Archives whose progress is remembered. */
const MOST_PROGRESS = 50;
/** Archives made at the same time: each keeps a core busy. */
const MOST_AT_ONCE = 2;
/** A ticket is for the download that follows, and for going on with it for a while. */
const TICKET_MS = 7 * 86_400_000;

interface Progress {
  rows: number;
  readonly total: number;
  state: 'waiting' | 'running' | 'done' | 'stopped';
}

/** Everything of a person as one file (C1): asked for, then fetched, and fetched on where it broke off. */
export function archiveRoutes(web: Web, { house, people }: WebContext): void {
  const sources: Sources = { data: house.data, store: house.store, people };
  const progress = new Map<string, Progress>();
  let running = 0;

  /** The log goes by once, and once more for the table: that is what is counted. */
  const rowsOf = ({ subject, homeUpTo }: Ticket): number =>
    2 *
    [subject, ...(homeUpTo === undefined ? [] : ['home'])]
      .filter((one) => house.store.subjects().includes(one))
      .reduce((sum, one) => sum + house.store.vault(one).count(), 0);
  const remember = (text: string, ticket: Ticket): Progress => {
    const known = progress.get(text);
    if (known !== undefined) return known;
    while (progress.size >= MOST_PROGRESS) progress.delete(progress.keys().next().value!);
    const made: Progress = { rows: 0, total: rowsOf(ticket), state: 'waiting' };
    progress.set(text, made);
    return made;
  };
  const ticketFor = (text: string, who: Who): Ticket => {
    const ticket = ticketOf(text, people.key);
    const isTheirs = ticket !== undefined && readable(who).includes(ticket.subject);
    if (!isTheirs || house.now() - ticket.atUtcMs > TICKET_MS)
      throw new ApiError(404, 'no-export', 'There is no such export of yours.', 'Ask for a new one.');
    return ticket;
  };

  web.post(
    '/api/v1/exports',
    {
      config: { access: 'own', again: 'if-set', vault: 'own' },
      schema: {
        summary: 'Ask for an archive of everything that is kept of you, or of the subject named',
        querystring: Type.Object({ subject: Type.Optional(Type.String({ maxLength: 64 })) }),
        body: Type.Object({ home: Type.Optional(Type.Boolean({ description: 'the home’s air and devices too; yes unless told' })) }),
        response: { 201: Type.Object({ ticket: Type.String(), tag: Type.String(), measurements: Type.Integer() }) },
      },
    },
    async ({ who, query, body: { home = true } }, reply) => {
      const subject = query.subject ?? who.id;
      people.operations.append({ kind: 'export', actor: who.actor, subject, detail: { format: 'archive', home } });
      const ticket: Ticket = { ...scopeOf(sources, subject, home), atUtcMs: house.now() };
      const text = ticketText(ticket, people.key);
      const { total } = remember(text, ticket);
      return reply.code(201).send({ ticket: text, tag: tagOf(ticket, house.store, people), measurements: total / 2 });
    },
  );

  web.get(
    '/api/v1/exports',
    {
      config: { access: 'household', vault: 'own' },
      schema: {
        summary: 'How far an archive is',
        querystring: Type.Object({ ticket: Type.String({ maxLength: 1000 }) }),
        response: { 200: Type.Object({ state: Type.String(), rows: Type.Integer(), total: Type.Integer(), tag: Type.String() }) },
      },
    },
    async ({ who, query: { ticket: text } }) => {
      const ticket = ticketFor(text, who);
      return { ...remember(text, ticket), tag: tagOf(ticket, house.store, people) };
    },
  );

  web.get(
    '/api/v1/archive',
    {
      config: { access: 'household', vault: 'own' },
      schema: {
        summary: 'The archive: a ZIP. The same ticket gives the same bytes, by its ETag, so that a download goes on with `from`',
        querystring: Type.Object({
          ticket: Type.String({ maxLength: 1000 }),
          from: Type.Optional(Type.Integer({ minimum: 0, description: 'bytes that are there already' })),
          tag: Type.Optional(Type.String({ maxLength: 40, description: 'the ETag that those bytes had: refused when it changed' })),
        }),
      },
    },
    async ({ who, query: { ticket: text, from = 0, tag } }, reply) => {
      const ticket = ticketFor(text, who);
      const now = tagOf(ticket, house.store, people);
      if (tag !== undefined && tag !== now)
        throw new ApiError(409, 'changed', 'Something in it was changed since.', 'Start the export anew.');
      if (running >= MOST_AT_ONCE)
        throw new ApiError(503, 'busy', `${MOST_AT_ONCE} exports are being made already.`, 'Wait for one of them to end.');
      const state = remember(text, ticket);
      state.rows = 0;
      state.state = 'running';
      running++;
      const draft = `${house.data}/run/export-${randomBytes(6).toString('hex')}.sqlite`;
      const parts = partsOf(sources, ticket, draft, (rows) => {
        state.rows += rows;
      });
      const key = await people.key.publicJwk();
      const archive = writeArchive(parts, (manifestSha256) => ({
        manifestSha256,
        signature: people.key.sign(manifestSha256),
        key,
        at: new Date(ticket.atUtcMs).toISOString(),
      }));
      archive.once('close', () => {
        running--;
        state.state = archive.errored === null && archive.readableEnded ? 'done' : 'stopped';
      });
      const day = new Date(ticket.atUtcMs).toISOString().slice(0, 10);
      return reply
        .type('application/zip')
        .header('etag', now)
        .header('content-disposition', `attachment; filename="hearth-${day}.zip"`)
        .send(from === 0 ? archive : archive.compose(leaveOut(from)));
    },
  );
}

/** Passes what comes after the first bytes. */
function leaveOut(bytes: number): Transform {
  let left = bytes;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const from = Math.min(left, chunk.length);
      left -= from;
      done(null, chunk.subarray(from));
    },
  });
}
