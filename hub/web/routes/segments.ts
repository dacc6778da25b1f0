import { Readable } from 'node:stream';
import { Type } from '../../../firmware/schema/type.ts';
import { ownSubjects } from '../access.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';

/** Raw samples at a high rate: what there is, and a file of it as CSV. */
export function segmentRoutes(web: Web, { house }: WebContext): void {
  const { store } = house;

  web.get(
    '/api/v1/segments',
    {
      config: { access: 'own', vault: 'own' },
      schema: { summary: 'Files of raw samples, oldest first', querystring: Type.Object({ subject: Type.Optional(Type.String()) }) },
    },
    async (request) => {
      const { subject } = request.query;
      const own = subject === undefined ? ownSubjects(request.who) : [subject];
      return store
        .subjects()
        .filter((one) => own.includes(one))
        .flatMap((one) =>
          store
            .segments(one)
            .list()
            .map((segment) => ({ subject: one, ...segment })),
        );
    },
  );

  web.get(
    '/api/v1/segments/:subject/:file',
    {
      config: { access: 'own', vault: 'own' },
      schema: {
        summary: 'Raw samples as CSV: milliseconds since the first, and a column for each channel; empty where one was missed',
        params: Type.Object({ subject: Type.String(), file: Type.String({ pattern: '^[A-Za-z0-9_-]{1,200}\\.seg$' }) }),
      },
    },
    async (request, reply) => {
      const { subject, file } = request.params;
      const segments = store.subjects().includes(subject) ? store.segments(subject) : undefined;
      const segment = segments?.list().find((one) => one.file === file);
      if (segments === undefined || segment === undefined)
        throw new ApiError(404, 'no-segment', `There are no raw samples ${file}.`, 'See /api/v1/segments for those there are.');
      const { channels, rateHz } = segment;
      const lines = function* (): Generator<Buffer> {
        yield Buffer.from(`ms,${channels.join(',')}\r\n`);
        let at = 0;
        for (const columns of segments.read(file)) {
          const count = columns[0]!.length;
          const text = Array.from({ length: count }, (_, index) => {
            const ms = ((at + index) * 1000) / rateHz;
            return `${[Math.round(ms * 1000) / 1000, ...columns.map((column) => (Number.isNaN(column[index]!) ? '' : column[index]!))].join(',')}\r\n`;
          });
          at += count;
          yield Buffer.from(text.join(''));
        }
      };
      return reply.type('text/csv; charset=utf-8; header=present').send(Readable.from(lines()));
    },
  );
}
