import { Readable } from 'node:stream';
import { Type } from 'typebox';
import { contentTypes, exportAll, exportFormats } from '../../rights/export.ts';
import type { Web, WebContext } from '../server.ts';

export function exportRoutes(web: Web, { house, signIn }: WebContext): void {
  web.get(
    '/api/v1/export',
    {
      schema: {
        summary: 'Everything that is kept, as a file',
        querystring: Type.Object({ format: Type.Optional(Type.Enum([...exportFormats])) }),
      },
    },
    async (request, reply) => {
      signIn.need(request);
      const format = request.query.format ?? 'json';
      const day = new Date(house.now()).toISOString().slice(0, 10);
      return reply
        .type(contentTypes[format])
        .header('content-disposition', `attachment; filename="hearth-${day}.${format}"`)
        .send(Readable.from(exportAll(house.store, format), { objectMode: true }).map((piece: string) => Buffer.from(piece)));
    },
  );
}
