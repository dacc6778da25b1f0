import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { Type } from 'typebox';
import { collect } from '../../people/collection.ts';
import { ArchiveError } from '../../rights/archive/archive-error.ts';
import { importFile } from '../../rights/import/import.ts';
import type { Who } from '../access.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../server.ts';

/** One part comes within the time that a request may take, also over slow Wi-Fi. */
const MOST_PART_BYTES = 8 * 2 ** 20;
/** Ten years of a busy household, packed. */
const MOST_FILE_BYTES = 4 * 2 ** 30;
/** An upload that nobody goes on with is let go. */
const KEPT_MS = 86_400_000;
const MOST_UPLOADS = 5;
const UPLOAD = /^[0-9a-f]{24}$/;

interface Upload {
  readonly account: string;
  readonly name: string;
  readonly atMs: number;
  isRunning: boolean;
}

/** The way back in (C2): a file comes in parts, so that an upload goes on where it broke off, and is then taken. */
export function importRoutes(web: Web, { house, people }: WebContext): void {
  const folder = `${house.data}/run`;
  const uploads = new Map<string, Upload>();
  const fileOf = (id: string): string => `${folder}/import-${id}`;
  // What a hub left lying that was stopped meanwhile: it lies in the clear.
  for (const name of existsSync(folder) ? readdirSync(folder) : [])
    if (/^(import|export)-/.test(name)) rmSync(`${folder}/${name}`, { force: true });
  const drop = (id: string): void => {
    uploads.delete(id);
    rmSync(fileOf(id), { force: true });
  };
  const own = (id: string, who: Who): Upload => {
    const upload = uploads.get(id);
    if (!UPLOAD.test(id) || upload === undefined || upload.account !== who.id)
      throw new ApiError(404, 'no-import', 'There is no such upload of yours.', 'Start a new one.');
    return upload;
  };

  web.post(
    '/api/v1/imports',
    {
      config: { access: 'household' },
      schema: {
        summary: 'Begin an upload of an archive, an export of Apple Health, or an account export',
        body: Type.Object({ name: Type.String({ minLength: 1, maxLength: 200, description: 'the file’s name' }) }),
        response: { 201: Type.Object({ id: Type.String(), partBytes: Type.Integer() }) },
      },
    },
    async ({ who, body: { name } }, reply) => {
      for (const [id, { atMs, isRunning }] of uploads) if (!isRunning && house.now() - atMs > KEPT_MS) drop(id);
      if (uploads.size >= MOST_UPLOADS)
        throw new ApiError(503, 'busy', `${MOST_UPLOADS} uploads are open already.`, 'End one of them first.');
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const id = randomBytes(12).toString('hex');
      closeSync(openSync(fileOf(id), 'w', 0o600));
      uploads.set(id, { account: who.id, name, atMs: house.now(), isRunning: false });
      return reply.code(201).send({ id, partBytes: MOST_PART_BYTES });
    },
  );

  web.get(
    '/api/v1/imports/:id',
    {
      config: { access: 'household' },
      schema: {
        summary: 'How many bytes of an upload are there',
        params: Type.Object({ id: Type.String({ maxLength: 40 }) }),
        response: { 200: Type.Object({ bytes: Type.Integer(), running: Type.Boolean() }) },
      },
    },
    async ({ who, params: { id } }) => ({ running: own(id, who).isRunning, bytes: statSync(fileOf(id)).size }),
  );

  web.addContentTypeParser('application/octet-stream', { parseAs: 'buffer', bodyLimit: MOST_PART_BYTES }, (_request, body, done) =>
    done(null, body),
  );
  web.put(
    '/api/v1/imports/:id',
    {
      config: { access: 'household' },
      bodyLimit: MOST_PART_BYTES,
      schema: {
        summary: 'A part of the file, at its place: what is there from that place on is written over',
        params: Type.Object({ id: Type.String({ maxLength: 40 }) }),
        querystring: Type.Object({ at: Type.Integer({ minimum: 0 }) }),
        response: { 200: Type.Object({ bytes: Type.Integer() }) },
      },
    },
    async ({ who, params: { id }, query: { at }, body }) => {
      const upload = own(id, who);
      if (!Buffer.isBuffer(body)) throw new ApiError(415, 'bytes', 'A part is plain bytes.', 'Send it as application/octet-stream.');
      const { size } = statSync(fileOf(id));
      if (upload.isRunning) throw new ApiError(409, 'running', 'This file is being taken already.', 'Wait for it.');
      if (at > size) throw new ApiError(409, 'hole', `Only ${size} bytes are there.`, `Go on from ${size}.`);
      if (at + body.length > MOST_FILE_BYTES)
        throw new ApiError(413, 'limit', `A file has ${MOST_FILE_BYTES / 2 ** 30} GB at most.`, 'Use the command line on the hub.');
      truncateSync(fileOf(id), at);
      const descriptor = openSync(fileOf(id), 'a');
      try {
        writeSync(descriptor, body);
      } finally {
        closeSync(descriptor);
      }
      return { bytes: at + body.length };
    },
  );

  web.post(
    '/api/v1/imports/:id/run',
    {
      config: { access: 'household', again: 'if-set' },
      schema: {
        summary: 'Take the file: its measurements become yours, what is known stays as it is',
        params: Type.Object({ id: Type.String({ maxLength: 40 }) }),
        body: Type.Object({
          home: Type.Optional(Type.Boolean({ description: 'the home’s part of an archive too; for who runs the hub' })),
        }),
        response: {
          200: Type.Object({
            form: Type.String(),
            added: Type.Integer(),
            known: Type.Integer(),
            leftOut: Type.Integer(),
            notes: Type.Array(Type.String()),
          }),
        },
      },
    },
    async ({ who, params: { id }, body: { home = false } }) => {
      const upload = own(id, who);
      if (home && who.standing === 'member')
        throw new ApiError(403, 'not-yours', 'The home’s part is for who runs the hub.', 'Leave it out, or ask them.');
      if (upload.isRunning) throw new ApiError(409, 'running', 'This file is being taken already.', 'Wait for it.');
      upload.isRunning = true;
      for (const category of ['body', 'activity', 'environment'] as const)
        collect(people.operations, 'partner', category, who.actor, who.id);
      try {
        const { form, added, known, leftOut, notes } = await importFile(fileOf(id), {
          data: house.data,
          store: house.store,
          people,
          subject: who.id,
          withHome: home,
          zone: people.zone,
          nowMs: house.now(),
          name: upload.name,
        });
        people.operations.append({ kind: 'partner-import', actor: who.actor, subject: who.id, detail: { form, added, known, leftOut } });
        return { form, added, known, leftOut, notes: [...notes] };
      } catch (error) {
        if (!(error instanceof ArchiveError)) throw error;
        throw new ApiError(
          422,
          `import-${error.kind}`,
          `This file was not taken: ${error.message}.`,
          'What came before that place is kept and is known when it comes again.',
        );
      } finally {
        drop(id);
      }
    },
  );
}
