import { readFileSync } from 'node:fs';
import t from 'tap';
import { CliError } from '../../../hub/cli/client.ts';
import { rightsCommands } from '../../../hub/cli/rights.ts';
import { openWeb, PASSWORD } from '../web/web.ts';
import { typedTo } from './typed.ts';

t.test('the rights from the command line: amend, object, share, protect and forget, on a hub that answers', async (t) => {
  const hub = await openWeb(t);
  const ada = await hub.claim();
  const hearth = await typedTo(hub, rightsCommands);

  await t.test('C3, C4: values are entered, changed, looked at and taken out', async (t) => {
    const at = /position (\d+): 81.5 kg/.exec(await hearth('amend add weight 81,5'))?.[1];
    t.equal(await hearth(`amend change ${at} 82.5`), 'done');
    t.match(await hearth(`amend history ${at}`), /81\.5[\s\S]*82\.5 \| by you/);
    t.match(await hearth('amend list weight'), new RegExp(`${at} \\| 82.5 \\| kg`));
    await hearth(`amend remove ${at}`);
    t.notMatch(await hearth('amend list weight'), /82\.5/);
    await t.rejects(hearth('amend add weight heavy'), new CliError(2, "'heavy' is no value: write a number"));
    await t.rejects(hearth('amend change 999 80'), /no value at position 999/);
  });
  await t.test('C5: what stops is said before, and nothing is done without a yes', async (t) => {
    await t.rejects(hearth('object to sleep'), /If you object: Nights are not scored.* Say --yes/);
    t.match(await hearth('object'), /sleep \| goes on/);
    t.match(await hearth('object to sleep --yes'), /stopped: Telling sleep/);
    t.match(await hearth('object'), /sleep \| objected/);
    await hearth('object allow sleep');
    t.match(await hearth('object'), /sleep \| goes on/);
    await t.rejects(hearth('object to mind-reading'), /nothing here is done for 'mind-reading'/);
  });
  await t.test('C8, C9: a link is given, listed and stopped', async (t) => {
    t.match(await hearth('share give body activity --label Doctor --days 7'), /link: \/#\/look\/\S+ .*\npasscode: \d+/);
    const [, id] = /^(\S+) \| Doctor \| link \| body activity .* ends /m.exec(await hearth('share'))!;
    t.equal(await hearth(`share stop ${id}`), `${id}: stopped`);
    t.match(await hearth('share'), /Doctor .* over/);
  });
  await t.test('C7: a locked vault is unlocked by what is typed, and locked again', async (t) => {
    t.match(await hearth('protect'), /no lock/);
    await ada('POST', '/api/v1/again/password', { password: PASSWORD });
    await ada('POST', '/api/v1/protect', { secret: 'a passphrase of hers' });
    t.equal(await hearth('protect lock'), 'locked');
    t.match(await hearth('protect'), /^locked, .*lost for ever/);
    await t.rejects(hearth('amend list weight --person person-1'), /vault is locked/);
    await t.rejects(hearth('protect unlock', 'not it'), /opens it not/);
    t.match(await hearth('protect unlock', 'a passphrase of hers'), /unlocked; 0 measurements/);
  });
  await t.test('C11, C13: forgetting takes a copy that is read back, or a clear no, and the name', async (t) => {
    await t.rejects(hearth('forget --name Ada'), /say --copy FILE, or --no-copy/);
    await t.rejects(hearth('forget --name Eve --no-copy'), /not your name/);
    const file = `${hub.folder}/copy.zip.age`;
    const said = await hearth(`forget --name Ada --copy ${file}`, 'long enough to be');
    t.match(said, /erased \| the vault[\s\S]*signed: ey/);
    t.match(readFileSync(file).subarray(0, 21).toString(), 'age-encryption.org/v1');
    t.notOk(hub.people.accounts.isClaimed);
  });
});
