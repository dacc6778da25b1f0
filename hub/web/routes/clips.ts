import { Type } from '../../../firmware/schema/type.ts';
import { HOME } from '../../people/subjects.ts';
import { CLIP_DAYS, type Clips, MOST_CLIP_BYTES } from '../../video/clips.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';

const Name = Type.Object({ name: Type.String({ pattern: '^[a-z0-9]{8,40}$' }) });
const Time = Type.String({ format: 'date-time' });
const ClipsBody = Type.Object({
  isOn: Type.Boolean({ description: 'the household wants clips' }),
  held: Type.String({ description: 'why none are recorded though they are wanted: objection, disk; else empty' }),
  by: Type.String({ description: 'who switched it last' }),
  since: Type.Union([Time, Type.Null()]),
  mostBytes: Type.Integer(),
  mostDays: Type.Integer(),
  clips: Type.Array(
    Type.Object({
      name: Type.String(),
      camera: Type.String(),
      start: Time,
      lastsMs: Type.Number(),
      bytes: Type.Integer(),
      cause: Type.String(),
    }),
  ),
});
/** `bytes=FROM-TO`, both or one (RFC 9110, 14.1.2); one range alone. */
const RANGE = /^bytes=(\d*)-(\d*)$/;
/** A player asks for a clip in pieces: it is put together once. */
const MOST_HELD = 4;

/** Clips of events before the camera: whether they are recorded, what there is, and each as MP4. */
export function clipRoutes(web: Web, { house, people }: WebContext): void {
  const files = new Map<string, Buffer>();
  const clips = (): Clips => {
    if (house.clips === undefined)
      throw new ApiError(503, 'no-camera', 'This hub has no camera now.', 'If it is just starting, try again in a few seconds.');
    return house.clips;
  };
  const nameOf = (by: string): string => (by === 'machine' ? 'the hub’s command line' : (people.accounts.get(by)?.name ?? ''));
  const noClip = (name: string): ApiError => new ApiError(404, 'no-clip', `There is no clip ${name}.`, 'See /api/v1/camera/clips.');
  const fileOf = async (name: string): Promise<Buffer> => {
    const known = files.get(name);
    if (known !== undefined && clips().has(name)) return known;
    const found = clips().pictures(name);
    if (found === undefined || found.units.length === 0) throw noClip(name);
    const { mp4Of } = await import('../../video/mp4.ts');
    const file = await mp4Of(found.units, found, found.clip.startMs);
    if (files.size >= MOST_HELD) files.delete(files.keys().next().value!);
    files.set(name, file);
    return file;
  };
  const body = () => {
    const { isOn, held, by, sinceUtcMs } = clips().state();
    return {
      isOn,
      held,
      by: nameOf(by),
      since: sinceUtcMs === null ? null : new Date(sinceUtcMs).toISOString(),
      mostBytes: MOST_CLIP_BYTES,
      mostDays: CLIP_DAYS,
      clips: clips()
        .list()
        .map(({ name, camera, startMs, lastsMs, bytes, cause }) => ({
          ...{ name, camera, start: new Date(startMs).toISOString(), lastsMs, bytes, cause },
        })),
    };
  };

  web.get(
    '/api/v1/camera/clips',
    {
      config: { access: 'household' },
      schema: { summary: 'Clips of events before the camera, newest first, and whether they are recorded', response: { 200: ClipsBody } },
    },
    async () => body(),
  );

  web.put(
    '/api/v1/camera/clips',
    {
      config: { access: 'household', again: 'if-set' },
      schema: {
        summary: 'Record clips when something moves, or no longer; what is recorded stays',
        body: Type.Object({ isOn: Type.Boolean() }),
        response: { 200: ClipsBody },
      },
    },
    async ({ who, body: { isOn } }) => {
      const kept = clips();
      // Written down first: nothing is recorded of anybody without it.
      people.operations.append({ kind: isOn ? 'clips-on' : 'clips-off', actor: who.actor, subject: HOME });
      kept.set(isOn, who.actor);
      house.video?.()?.tellWishes();
      return body();
    },
  );

  web.get(
    '/api/v1/camera/clips/:name/video.mp4',
    {
      config: { access: 'household' },
      schema: {
        summary: 'A clip as MP4, as the camera encoded it; a range of it when one is asked for',
        params: Name,
        querystring: Type.Object({ download: Type.Optional(Type.Boolean()) }),
      },
    },
    async ({ who, params: { name }, query: { download = false }, headers }, reply) => {
      const file = await fileOf(name);
      people.operations.appendOnce({ kind: download ? 'clip-taken' : 'clip-watched', actor: who.actor, subject: HOME });
      reply.type('video/mp4').header('accept-ranges', 'bytes').header('cache-control', 'no-store');
      if (download) reply.header('content-disposition', `attachment; filename="clip ${name}.mp4"`);
      const [, fromText = '', toText = ''] = RANGE.exec(headers.range ?? '') ?? [];
      if (fromText === '' && toText === '') return reply.send(file);
      const from = fromText === '' ? Math.max(0, file.length - Number(toText)) : Number(fromText);
      const to = fromText === '' || toText === '' ? file.length - 1 : Math.min(Number(toText), file.length - 1);
      if (from >= file.length || to < from) return reply.code(416).header('content-range', `bytes */${file.length}`).send();
      return reply
        .code(206)
        .header('content-range', `bytes ${from}-${to}/${file.length}`)
        .send(file.subarray(from, to + 1));
    },
  );

  web.delete(
    '/api/v1/camera/clips/:name',
    { config: { access: 'household', again: 'if-set' }, schema: { summary: 'Delete a clip for ever', params: Name } },
    async ({ who, params: { name } }, reply) => {
      files.delete(name);
      if (!clips().remove(name)) throw noClip(name);
      people.operations.append({ kind: 'clip-removed', actor: who.actor, subject: HOME });
      return reply.code(204).send();
    },
  );
}
