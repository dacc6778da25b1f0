import { Readable } from 'node:stream';
import { Type } from '../../../firmware/schema/type.ts';
import { contentTypes, exportAll, exportFormats } from '../../rights/export.ts';
import { ownSubjects } from '../access.ts';
import type { Web, WebContext } from '../context.ts';

export function exportRoutes(web: Web, { house, people }: WebContext): void {
  web.get(
    '/api/v1/export',
    {
      config: { access: 'own', again: 'if-set', vault: 'own' },
      schema: {
        summary: 'Everything that is kept of you and of the home, or of the subject named, as a file',
        querystring: Type.Object({ subject: Type.Optional(Type.String()), format: Type.Optional(Type.Enum([...exportFormats])) }),
      },
    },
    async ({ who, query }, reply) => {
      const format = query.format ?? 'json';
      const subjects = query.subject === undefined ? ownSubjects(who) : [query.subject];
      people.operations.append({ kind: 'export', actor: who.actor, subject: query.subject ?? who.id, detail: { format } });
      const day = new Date(house.now()).toISOString().slice(0, 10);
      return reply
        .type(contentTypes[format])
        .header('content-disposition', `attachment; filename="hearth-${day}.${format}"`)
        .send(Readable.from(exportAll(house.store, subjects, format), { objectMode: true }).map((piece: string) => Buffer.from(piece)));
    },
  );
}
