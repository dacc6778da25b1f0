import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Type } from '../../../firmware/schema/type.ts';
import { ArchiveError } from '../../rights/archive/archive-error.ts';
import { partsOf, scopeOf } from '../../rights/archive/parts.ts';
import { LEAST_PASSPHRASE } from '../../rights/archive/seal.ts';
import { writeArchive } from '../../rights/archive/write.ts';
import { openForgetting } from '../../rights/forget.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';

const Passphrase = Type.String({
  minLength: LEAST_PASSPHRASE,
  maxLength: 200,
  description: 'at least ten characters; nobody but you has it',
});
/** Until sync runs, and has taken what it has to tell. */
const LOOK_AGAIN_MS = 5000;

/** Deleting oneself: a copy first, read back, or a clear no; then everything, everywhere (C10-C14). */
export function forgetRoutes(web: Web, { house, people, uploads }: WebContext): void {
  const { store, data, now } = house;
  const tellTargets = (subject: string): boolean => {
    // A hub that sends nothing anywhere has nobody to tell.
    if (house.sync === undefined) return true;
    const sync = house.sync();
    sync?.erase(subject);
    return sync !== undefined;
  };
  let timer: NodeJS.Timeout | undefined;
  const forgetting = openForgetting({ data, store, people, tellTargets, now });
  const goOn = async (): Promise<void> => {
    timer = undefined;
    try {
      const ended = await forgetting.resume();
      if (ended > 0) console.log(`${ended} interrupted deletion${ended === 1 ? ' is' : 's are'} done.`);
    } catch (error) {
      console.error(`A deletion is not done yet: ${error instanceof Error ? error.message : error}. It is tried again.`);
      timer = setTimeout(() => void goOn(), LOOK_AGAIN_MS).unref();
    }
  };
  web.addHook('onReady', async () => {
    if (forgetting.pending().length > 0) await goOn();
  });
  web.addHook('preClose', async () => clearTimeout(timer));

  web.post(
    '/api/v1/forget/copy',
    {
      config: { access: 'household', again: 'if-set', vault: 'own' },
      schema: {
        summary: 'A copy of everything that only the passphrase opens (an age file)',
        body: Type.Object({ passphrase: Passphrase }),
      },
    },
    async ({ who, body: { passphrase } }, reply) => {
      people.operations.append({ kind: 'export', actor: who.actor, subject: who.id, detail: { format: 'sealed archive' } });
      const sources = { data, store, people };
      const draft = `${data}/run/export-${randomBytes(6).toString('hex')}.sqlite`;
      const parts = partsOf(sources, scopeOf(sources, who.id, false), draft, () => undefined);
      const key = await people.key.publicJwk();
      const at = new Date(now()).toISOString();
      const archive = writeArchive(parts, (manifestSha256) => ({ manifestSha256, signature: people.key.sign(manifestSha256), key, at }));
      return reply
        .type('application/octet-stream')
        .header('content-disposition', `attachment; filename="hearth-${at.slice(0, 10)}.zip.age"`)
        .send(await forgetting.offerCopy(who.id, archive, passphrase));
    },
  );

  web.post(
    '/api/v1/forget/check/:id',
    {
      config: { access: 'household' },
      schema: {
        summary: 'Reads a copy back that was uploaded in parts: it opens, and it is the one that was taken',
        params: Type.Object({ id: Type.String({ maxLength: 40 }) }),
        body: Type.Object({ passphrase: Passphrase }),
        response: { 200: Type.Object({ verified: Type.Boolean() }) },
      },
    },
    async ({ who, params: { id }, body: { passphrase } }) =>
      uploads.use(id, who.id, async (file) => {
        try {
          await forgetting.checkCopy(who.id, createReadStream(file), passphrase);
          return { verified: true };
        } catch (error) {
          if (!(error instanceof ArchiveError)) throw error;
          throw new ApiError(422, 'copy', `This is not your copy: ${error.message}.`, 'Take a new one, and check that.');
        }
      }),
  );

  web.post(
    '/api/v1/forget',
    {
      config: { access: 'household', again: 'always' },
      schema: {
        summary: 'Delete the account and everything that is kept of you, for ever; answers with every place and what became of it',
        body: Type.Object({
          copy: Type.Enum(['verified', 'declined'], { description: 'a copy that was read back, or a clear no' }),
          name: Type.String({ maxLength: 80, description: 'your name, typed, so that it is no slip' }),
        }),
        response: {
          200: Type.Object({
            places: Type.Array(Type.Object({ id: Type.String(), what: Type.String(), state: Type.String() })),
            backups: Type.Array(Type.String()),
            receipt: Type.String({ description: 'signed by the hub (JWS)' }),
            runsHub: Type.Union([Type.String(), Type.Null()], { description: 'who runs the hub from now on' }),
          }),
        },
      },
    },
    async (request) => {
      const { who, body } = request;
      const account = people.accounts.get(who.id);
      if (account === undefined) throw new ApiError(404, 'no-person', 'There is no such account.', 'See /api/v1/people.');
      if (body.name.trim().toLowerCase() !== account.name.trim().toLowerCase())
        throw new ApiError(409, 'name', 'This is not your name.', 'Type the name you sign in with, so that this is no slip.');
      if (body.copy === 'verified' && !forgetting.hasCopy(who.id))
        throw new ApiError(409, 'no-copy', 'No copy of yours was read back.', 'Take one and check it, or say that you want none.');
      try {
        const { places, backups, receipt, runsHub } = await forgetting.forget(who.id, who.actor);
        return { places: [...places], backups: [...backups], receipt, runsHub };
      } catch (error) {
        timer ??= setTimeout(() => void goOn(), LOOK_AGAIN_MS).unref();
        throw new ApiError(
          503,
          'going-on',
          `It is begun and not done yet: ${error instanceof Error ? error.message : error}.`,
          'It goes on by itself, also after a restart of the hub.',
        );
      }
    },
  );
}
