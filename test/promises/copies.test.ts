import { createReadStream, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { readBack } from '../../hub/rights/archive/seal.ts';
import { openCopies } from '../../hub/rights/copies/copies.ts';
import { mountedDrives, placesOf } from '../../hub/rights/copies/places.ts';
import { isDue, periodOf } from '../../hub/rights/copies/schedule.ts';
import { checkArchive } from '../../hub/rights/import/hearth.ts';
import { reading } from '../hub/rights/filled.ts';
import { NOON, openWeb } from '../hub/web/web.ts';

const DAY_MS = 86_400_000;
const PASSPHRASE = 'a passphrase for sticks';

t.test('C1: copies are made by the home’s days, weeks and months, from two in the morning on', async (t) => {
  const at = (text: string): number => Date.parse(text);
  const days = (zone: string, a: string, b: string) => periodOf(at(b), zone, 'day') - periodOf(at(a), zone, 'day');
  t.equal(days('UTC', '2026-11-24T01:59Z', '2026-11-24T02:00Z'), 1);
  t.equal(days('UTC', '2026-11-24T02:00Z', '2026-11-25T01:59Z'), 0);
  t.equal(days('Asia/Tokyo', '2026-11-24T16:59Z', '2026-11-24T17:00Z'), 1, 'two in the morning there');
  t.equal(days('Europe/Paris', '2026-10-24T12:00Z', '2026-10-26T12:00Z'), 2, 'over the change of the clocks');
  t.equal(isDue(at('2026-11-22T12:00Z'), at('2026-11-23T01:00Z'), 'UTC', 'week'), false);
  t.equal(isDue(at('2026-11-22T12:00Z'), at('2026-11-23T03:00Z'), 'UTC', 'week'), true, 'a week begins on Monday');
  t.equal(isDue(at('2026-11-30T12:00Z'), at('2026-12-01T03:00Z'), 'UTC', 'month'), true);
  t.equal(isDue(at('2026-01-15T12:00Z'), at('2026-01-31T12:00Z'), 'UTC', 'month'), false);
  t.equal(isDue(undefined, 0, 'UTC', 'month'), true);
});

t.test('C1: a copy is read back, older ones go then, and what fails leaves them, is said and tried again', async (t) => {
  const drives: string[] = [];
  const web = await openWeb(t, { copyPlaces: () => drives });
  const { claim, folder, idOf, later, now, people, store } = web;
  const ada = await claim();
  const id = idOf('Ada');
  await store.vault(id).commit([reading('weight', 1, 71.5, NOON - DAY_MS)]);
  const stick = `${folder}-stick`;
  mkdirSync(stick);
  t.teardown(() => rmSync(stick, { recursive: true, force: true }));
  const set = (more: object = {}) => ada('PUT', '/api/v1/copies', { place: stick, every: 'day', keep: 2, ...more });
  t.match((await set()).error, { code: 'place' }, 'not plugged in');
  drives.push(stick);
  t.match((await set({ place: '/etc' })).error, { code: 'place' }, 'a path is chosen, never typed');
  t.equal((await set({ passphrase: 'short' })).status, 400);
  t.equal((await set({ passphrase: PASSPHRASE })).status, 200);
  const copies = openCopies({ data: folder, store, people, places: () => drives, now });
  const there = () => readdirSync(`${stick}/hearth-${id}`).sort();
  t.equal(await copies.run(), 1);
  t.equal(await copies.run(), 0, 'once a day');
  t.match(there(), [/^hearth-2026-11-24T120000Z\.zip\.age$/]);
  await readBack(createReadStream(`${stick}/hearth-${id}/${there()[0]}`), PASSPHRASE);
  writeFileSync(`${stick}/hearth-${id}/mine.txt`, 'not the hub’s');
  t.notMatch(JSON.stringify(people.choices.all(id).filter(({ id: one }) => one !== 'passphrase')), PASSPHRASE);
  await set();
  for (let day = 0; day < 2; day++) {
    later(DAY_MS);
    t.equal(await copies.run(), 1);
  }
  t.same(
    there(),
    ['hearth-2026-11-25T120000Z.zip', 'hearth-2026-11-26T120000Z.zip', 'mine.txt'],
    'two are kept, and what is not the hub’s',
  );
  t.match((await ada('GET', '/api/v1/copies')).json(), { settings: { sealed: false, isThere: true }, trouble: null, made: [{}, {}, {}] });

  drives.length = 0;
  later(DAY_MS);
  t.equal(await copies.run(), 0);
  later(3_600_000);
  t.equal(await copies.run(), 0);
  const { trouble } = (await ada('GET', '/api/v1/copies')).json<{ trouble: { message: string; since: string } }>();
  t.match(trouble, { message: /plug the drive in/, since: '2026-11-27T12:00:00.000Z' }, 'since the first time');
  t.match((await ada('GET', '/api/v1/notices')).json(), [{ id: 'copies', text: /not made: .* plug the drive in/ }]);
  t.equal(there().length, 3, 'the older ones are untouched');
  drives.push(stick);
  t.equal(await copies.run(), 1);
  t.same((await ada('GET', '/api/v1/notices')).json(), []);

  await set({ keep: 1 });
  later(DAY_MS);
  const made = (await ada('POST', '/api/v1/copies/run')).json<{ file: string }>();
  await checkArchive(`${stick}/${made.file}`);
  t.same(there(), [made.file.split('/')[1], 'mine.txt'], 'open now, and one is kept');
  t.equal((await ada('DELETE', '/api/v1/copies')).status, 200);
  later(DAY_MS);
  t.equal(await copies.run(), 0);
});

t.test('C1: drives are those that are mounted to be written to; a folder named where no drive is mounted is no place', async (t) => {
  const mounts = [
    '/dev/sda1 /media/ada/MY\\040STICK vfat rw,nosuid 0 0',
    '/dev/sdb1 /mnt/backup ext4 rw,relatime 0 0',
    '/dev/sdc1 /media/ada/LOCKED vfat ro,nosuid 0 0',
    '/dev/root / ext4 rw 0 0',
    'tmpfs /mnt/wsl tmpfs rw 0 0',
    '',
  ].join('\n');
  const drives = mountedDrives(mounts);
  t.same(drives, ['/media/ada/MY STICK', '/mnt/backup']);
  t.same(placesOf(['/srv/copies', '/media/ada/GONE', '/mnt/backup/hearth'], drives), ['/srv/copies', '/mnt/backup/hearth', ...drives]);
  t.same(mountedDrives('nonsense'), []);
});
