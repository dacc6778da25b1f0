import { Type } from '../../../firmware/schema/type.ts';
import { collect } from '../../people/collection.ts';
import { ArchiveError } from '../../rights/archive/archive-error.ts';
import { importFile } from '../../rights/import/import.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';
import { MOST_PART_BYTES } from '../uploads.ts';

const Id = Type.Object({ id: Type.String({ maxLength: 40 }) });

/** The way back in (C2): a file comes in parts and is then taken. */
export function importRoutes(web: Web, { house, people, uploads }: WebContext): void {
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
    async ({ who, body: { name } }, reply) => reply.code(201).send({ id: uploads.begin(who.id, name), partBytes: MOST_PART_BYTES }),
  );

  web.get(
    '/api/v1/imports/:id',
    {
      config: { access: 'household' },
      schema: {
        summary: 'How many bytes of an upload are there',
        params: Id,
        response: { 200: Type.Object({ bytes: Type.Integer(), running: Type.Boolean() }) },
      },
    },
    async ({ who, params: { id } }) => ({ running: uploads.own(id, who.id).isRunning, bytes: uploads.size(id) }),
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
        params: Id,
        querystring: Type.Object({ at: Type.Integer({ minimum: 0 }) }),
        response: { 200: Type.Object({ bytes: Type.Integer() }) },
      },
    },
    async ({ who, params: { id }, query: { at }, body }) => {
      if (!Buffer.isBuffer(body)) throw new ApiError(415, 'bytes', 'A part is plain bytes.', 'Send it as application/octet-stream.');
      return { bytes: uploads.write(id, who.id, at, body) };
    },
  );

  web.post(
    '/api/v1/imports/:id/run',
    {
      config: { access: 'household', again: 'if-set', vault: 'own' },
      schema: {
        summary: 'Take the file: its measurements become yours, what is known stays as it is',
        params: Id,
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
      if (home && who.standing === 'member')
        throw new ApiError(403, 'not-yours', 'The home’s part is for who runs the hub.', 'Leave it out, or ask them.');
      return uploads.use(id, who.id, async (file, { name }) => {
        for (const category of ['body', 'activity', 'environment'] as const)
          collect(people.operations, 'partner', category, who.actor, who.id);
        const { data, store } = house;
        try {
          const options = { data, store, people, subject: who.id, withHome: home, zone: people.zone, nowMs: house.now(), name };
          const { form, added, known, leftOut, notes } = await importFile(file, options);
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
        }
      });
    },
  );
}
