import t, { type Test } from 'tap';
import { challengeCommands } from '../../../hub/cli/challenges.ts';
import { NOON, openWeb } from '../web/web.ts';
import { typedTo } from './typed.ts';

/** A hub of somebody who entered some steps, and its command line. */
async function home(t: Test, steps: number) {
  const hub = await openWeb(t);
  const ada = await hub.claim();
  await ada('POST', '/api/v1/measurements', { quantity: 'steps', value: steps, at: new Date(NOON - 3_600_000).toISOString() });
  return typedTo(hub, challengeCommands);
}

t.test('E4: a challenge from the command line: made, read, agreed to, looked at and left, between two hubs', async (t) => {
  const [one, two] = [await home(t, 64_321), await home(t, 73_913)];
  t.equal(await one('challenge'), 'you take part in no challenge');
  const made = await one('challenge new Spring --from 2026-11-23 --to 2026-11-26 --as One');
  t.match(made, /kept nowhere else/, 'its terms');
  const [, id = ''] = /^id (\S+)$/m.exec(made)!;
  const link = `${one.origin}${/: (\/\S+)$/.exec(made)![1]}`;
  const [, hash = ''] = /--agree (\S+)$/.exec(await two(['challenge', 'terms', link]))!;
  await t.rejects(two(['challenge', 'join', link, '--agree', 'other']), /terms/);
  const joined = await two(['challenge', 'join', link, '--agree', hash, '--as', 'Two', '--address', two.origin]);
  t.match(joined, /^you take part: \S+\nsigned: ey/);
  t.equal(await one(`challenge look ${id}`), 'Two | 73913\nOne (you) | 64321\nall | 138234');
  t.match(await two('challenge'), /Spring \| friends \| 2026-11-26\S* \| open \| /);
  t.match(await one(`challenge invite ${id}`), /^\/\S+$/);
  t.equal(await one(`challenge leave ${id}`), 'left');
  t.match(await one('challenge'), /over/);
});
