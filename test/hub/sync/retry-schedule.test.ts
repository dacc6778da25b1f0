import t from 'tap';
import { regionOfHost } from '../../../hub/sync/place.ts';
import { continents, outOfRegion, residencyOf, residencyOfContinent, stayHome } from '../../../hub/sync/residency.ts';
import { homeRetries, waitsOf } from '../../../hub/sync/retry-schedule.ts';
import { seeded } from './hub.ts';

t.test('waits double to a ceiling, and spread', async (t) => {
  const first = (count: number, random: () => number): number[] => waitsOf(homeRetries, random).take(count).toArray();
  t.same(
    first(9, () => 0.5),
    [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000],
  );
  const drawn = first(200, seeded(9)).slice(7);
  t.ok(
    drawn.every((ms) => ms >= 15_000 && ms < 45_000),
    'half to one and a half of the ceiling',
  );
  t.ok(new Set(drawn).size > 190, 'no two the same');
});

t.test('records and video each have their own residency', async (t) => {
  const allowed = (matter: 'records' | 'video'): string[] =>
    Object.keys(continents).map((continent) =>
      ['france', 'ireland', 'united-states', 'brazil', 'japan', 'singapore', 'australia']
        .filter((region) => outOfRegion(matter, residencyOfContinent(continent as never), region, 'person-1') === undefined)
        .join('+'),
    );
  t.same(allowed('records'), ['france', 'france', 'france', 'france', 'france']);
  t.same(allowed('video'), ['ireland', 'united-states', 'brazil', 'japan+singapore', 'australia']);
  const asia = residencyOfContinent('asia');
  t.equal(outOfRegion('records', stayHome, 'home', 'person-1'), undefined, 'at home everything may be');
  t.match(outOfRegion('video', asia, 'ireland', 'person-1'), /belong in Japan or Singapore, and this is in Ireland/);
  t.match(outOfRegion('records', stayHome, 'france', 'person-1'), /is not chosen, so they stay at home/);
  t.match(outOfRegion('records', asia, 'unknown', 'person-1'), /nobody said where this target stands/);
  t.match(outOfRegion('records', asia, 'atlantis', 'person-1'), /this is in atlantis/, 'a word that is no region is none');
});

t.test('a person’s own choice goes before that of the house, each matter by itself', async (t) => {
  const own = residencyOf({ videoRegion: 'singapore' }, residencyOfContinent('europe'));
  t.same(own, { records: ['france'], video: ['singapore'] });
  t.match(outOfRegion('video', own, 'ireland', 'person-1'), /belong in Singapore/);
  t.same(residencyOf({ recordsRegion: 'france' }, stayHome), { records: ['france'], video: [] });
});

t.test('an address at home is at home; of any other nobody knows', async (t) => {
  const at = (url: string): string => regionOfHost(new URL(url).hostname);
  for (const url of ['mqtt://homeassistant.local', 'http://127.0.0.1:8086', 'http://192.168.1.4', 'http://[fd00::1]:80', 'mqtt://broker'])
    t.equal(at(url), 'home', url);
  for (const url of ['https://influx.example.com', 'http://8.8.8.8', 'http://[2a00::1]/', 'https://local.example'])
    t.equal(at(url), 'unknown', url);
});
