import { Type } from '../../../firmware/schema/type.ts';
import { closeVault, lockVault, lockWords, UNUSED_MS, unlockVault } from '../../rights/protect.ts';
import { LEAST_LOCK_CHARACTERS } from '../../store/locks.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';

const Secret = Type.String({ minLength: 1, maxLength: 200 });
const NewSecret = Type.String({ minLength: LEAST_LOCK_CHARACTERS, maxLength: 200, description: 'nobody but you has it' });
/** How often it is looked whether an unlocked vault is unused. */
const LOOK_MS = 60_000;

/** A lock on one's vault: setting it, unlocking, locking again, taking it off. */
export function protectRoutes(web: Web, { house, people, signIn }: WebContext): void {
  const { store } = house;
  const usedMs = new Map<string, number>();
  const closeUnused = (): void => {
    for (const [subject, atMs] of usedMs)
      if (house.now() - atMs >= UNUSED_MS) {
        usedMs.delete(subject);
        closeVault(house, subject, 'hub');
      }
  };
  const timer = setInterval(closeUnused, LOOK_MS).unref();
  web.addHook('preClose', async () => clearInterval(timer));
  web.addHook('preHandler', async ({ who }) => {
    closeUnused();
    if (usedMs.has(who.id)) usedMs.set(who.id, house.now());
  });

  web.get(
    '/api/v1/protect',
    {
      config: { access: 'household' },
      schema: {
        summary: 'Whether your vault has a lock, what waits sealed, and what a lock does and costs',
        response: {
          200: Type.Object({
            state: Type.String({ description: 'plain, locked or unlocked' }),
            since: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
            waitingBytes: Type.Integer(),
            does: Type.String(),
            stops: Type.String(),
            lost: Type.String(),
          }),
        },
      },
    },
    async ({ who }) => {
      const about = store.aboutLock(who.id);
      return {
        state: store.lockState(who.id),
        since: about === undefined ? null : new Date(about.sinceMs).toISOString(),
        waitingBytes: about?.waitingBytes ?? 0,
        ...lockWords,
      };
    },
  );

  web.post(
    '/api/v1/protect',
    {
      config: { access: 'household', again: 'always' },
      schema: {
        summary: 'Put a lock on your vault; answers with the recovery kit, which is shown this once',
        body: Type.Object({ secret: NewSecret }),
        response: { 201: Type.Object({ kit: Type.String() }) },
      },
    },
    async ({ who, body: { secret } }, reply) => {
      if (who.session === undefined)
        throw new ApiError(409, 'no-session', 'A lock is put on by the person whose vault it is.', 'Sign in on the page.');
      if (store.lockState(who.id) !== 'plain')
        throw new ApiError(409, 'has-lock', 'Your vault has a lock already.', 'Unlock it and take that off first.');
      usedMs.set(who.id, house.now());
      return reply.code(201).send({ kit: await lockVault(house, who.id, secret) });
    },
  );

  web.post(
    '/api/v1/protect/unlock',
    {
      config: { access: 'household' },
      schema: {
        summary: 'Unlock your vault by its secret or its recovery kit',
        body: Type.Object({ secret: Secret }),
        response: { 200: Type.Object({ added: Type.Integer({ description: 'measurements that had waited sealed' }) }) },
      },
    },
    async (request) => {
      const { who, body } = request;
      if (store.lockState(who.id) === 'plain') throw new ApiError(409, 'no-lock', 'Your vault has no lock.', 'There is nothing to unlock.');
      usedMs.set(who.id, house.now());
      if (store.lockState(who.id) === 'unlocked') return { added: 0 };
      const added = await signIn.guess(request, `vault ${who.id}`, () => unlockVault(house, who.id, who.actor, body.secret));
      if (added !== undefined) return { added };
      people.operations.appendOnce({ kind: 'secret-refused', actor: who.actor, subject: who.id });
      throw new ApiError(401, 'wrong-secret', 'That opens it not.', 'Compare it with what you wrote down; the recovery kit opens it too.');
    },
  );

  web.post(
    '/api/v1/protect/lock',
    { config: { access: 'household' }, schema: { summary: 'Lock your vault again, now' } },
    async ({ who }, reply) => {
      closeVault(house, who.id, who.actor);
      return reply.code(204).send();
    },
  );

  web.delete(
    '/api/v1/protect',
    { config: { access: 'household', again: 'always', vault: 'own' }, schema: { summary: 'Take the lock off your vault' } },
    async ({ who }, reply) => {
      if (store.lockState(who.id) === 'plain')
        throw new ApiError(409, 'no-lock', 'Your vault has no lock.', 'There is nothing to take off.');
      store.removeLock(who.id);
      usedMs.delete(who.id);
      people.operations.append({ kind: 'vault-lock-removed', actor: who.actor, subject: who.id });
      return reply.code(204).send();
    },
  );
}
