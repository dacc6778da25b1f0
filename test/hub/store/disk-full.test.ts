import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { storeErrorOf } from '../../../hub/store/store-error.ts';
import type { FillReport } from './fill.ts';

const program = fileURLToPath(new URL('fill.ts', import.meta.url));

t.test('on a full disk a commit is refused in words, nothing kept is lost, and it goes on once there is room', (t) => {
  const folder = t.testdir({});
  // A disk of 2 MB of its own, in a namespace that ends with the program.
  const script = `mount -t tmpfs -o size=2m none '${folder}' && exec env -u NODE_OPTIONS '${process.execPath}' '${program}' '${folder}' full`;
  const { status, stdout, stderr } = spawnSync('unshare', ['--map-root-user', '--mount', 'sh', '-c', script], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  t.equal(status, 0, stderr);
  const { kept, refusals, found, integrity } = JSON.parse(stdout) as FillReport;
  t.equal(refusals.length, 5, 'the disk was full five times');
  for (const { kind, message } of refusals) {
    t.equal(kind, 'full');
    t.match(message, /person-1\.db takes no more: free some space; measurements wait with their devices/);
  }
  t.same(
    [...found].sort((a, b) => a - b),
    [...kept].sort((a, b) => a - b),
    'what was acknowledged is there, once, and nothing else',
  );
  t.equal(new Set(found).size, found.at(-1), 'what was refused arrived when it was sent again');
  t.same(integrity, []);
  t.end();
});

t.test('a disk that gives errors is said to be failing, not full; nothing kept is lost, and it goes on when they end', (t) => {
  const { status, stdout, stderr } = spawnSync('env', ['-u', 'NODE_OPTIONS', process.execPath, program, t.testdir({}), 'failing'], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  t.equal(status, 0, stderr);
  const { kept, refusals, found, integrity } = JSON.parse(stdout) as FillReport;
  t.equal(refusals.length, 5);
  for (const { kind, message } of refusals) {
    t.equal(kind, 'failing');
    t.match(message, /person-1\.db gives errors \(SQLITE_IOERR_WRITE\): copy the data while it can be read, and replace the card/);
  }
  t.same(
    [...found].sort((a, b) => a - b),
    [...kept].sort((a, b) => a - b),
    'what was acknowledged is there, once, and nothing else',
  );
  t.equal(new Set(found).size, found.at(-1), 'what was refused arrived when it was sent again');
  t.same(integrity, []);
  t.match(storeErrorOf(Object.assign(new Error('attempt to write a readonly database'), { code: 'SQLITE_READONLY' }), '/data/x.db'), {
    kind: 'failing',
    message: /may only be read.* Start the machine again/,
  });
  t.end();
});
