import { writeFileSync } from 'node:fs';
import t from 'tap';
import { clipBytes } from '../../../hub/rights/archive/parts.ts';
import { seal } from '../../../hub/rights/archive/seal.ts';
import { writeArchive } from '../../../hub/rights/archive/write.ts';
import { unzip } from './unzip.ts';

const sign = () => ({});
const part = (open: () => Iterable<string> | AsyncIterable<Buffer>) => [{ path: 'a', what: 'a part', isRestored: false, open }];

t.test('a part that cannot be read ends the archive with its reason, sealed or not, and nothing else', async (t) => {
  const failing = () =>
    part(function* () {
      yield 'x'.repeat(300_000);
      throw new Error('the disk is gone');
    });
  await t.rejects(writeArchive(failing(), sign).toArray(), { message: 'the disk is gone' });
  await t.rejects(
    seal(writeArchive(failing(), sign), 'a long passphrase').then((sealed) => sealed.toArray()),
    /the disk is gone/,
  );
});

t.test('a reader that goes away ends the making of the archive', async (t) => {
  const closed = Promise.withResolvers<string>();
  const endless = part(async function* () {
    try {
      for (;;) yield Buffer.alloc(100_000, 7);
    } finally {
      closed.resolve('closed');
    }
  });
  const archive = writeArchive(endless, sign);
  for await (const _chunk of archive) break;
  t.equal(await closed.promise, 'closed');
});

t.test('a clip that is deleted while the archive is downloaded is empty in it, and the archive is whole', async (t) => {
  const folder = t.testdir({});
  const gone = part(() => clipBytes(`${folder}/gone.clip`, Buffer.alloc(32), 0));
  const after = [{ path: 'b', what: 'the next', isRestored: false, open: () => ['still here'] }];
  writeFileSync(`${folder}/archive.zip`, Buffer.concat(await writeArchive([...gone, ...after], sign).toArray()));
  const files = await unzip(`${folder}/archive.zip`);
  t.equal(files.get('a')?.length, 0);
  t.equal(files.get('b')?.toString(), 'still here');
  t.match(JSON.parse(files.get('manifest.json')!.toString()), {
    files: [
      { path: 'a', bytes: 0 },
      { path: 'b', bytes: 10 },
    ],
  });
});
