import t from 'tap';
import { createRandom } from '../../../../../hardware/virtual/random.ts';
import {
  describeHealth,
  type RadioHealth,
  type Rung,
  rungs,
  startOfHealth,
  stepHealth,
} from '../../../../../hub/sources/ble/radio/health.ts';

/** A home's air and a radio that goes deaf until one remedy is tried, on a clock of its own, in steps of a second. */
function createHome(seed: number, advertsPerSecond: number) {
  const random = createRandom(seed);
  let nowMs = 0;
  let health: RadioHealth = startOfHealth(0);
  let deafUntil: Rung | undefined;
  const second = (): void => {
    nowMs += 1000;
    let remedy: Rung | undefined;
    if (deafUntil === undefined) {
      // Poisson arrivals within the second.
      for (let atMs = nowMs - 1000; ; ) {
        atMs += (-Math.log(1 - random.uniform()) * 1000) / advertsPerSecond;
        if (atMs >= nowMs) break;
        [health] = stepHealth(health, { kind: 'heard', atMs });
      }
    }
    [health, remedy] = stepHealth(health, { kind: 'tick', atMs: nowMs });
    // A stronger remedy mends what a weaker one would have mended.
    if (remedy !== undefined && deafUntil !== undefined && rungs.indexOf(remedy) >= rungs.indexOf(deafUntil)) deafUntil = undefined;
  };
  return {
    random,
    health: () => health,
    wait(seconds: number) {
      for (let at = 0; at < seconds; at++) second();
    },
    /** Seconds until it hears again. */
    goDeaf(until: Rung): number {
      deafUntil = until;
      const { adverts } = health;
      for (let seconds = 1; seconds <= 600; seconds++) {
        second();
        if (health.adverts > adverts && health.kind === 'hearing') return seconds;
      }
      return Number.POSITIVE_INFINITY;
    },
  };
}

t.test('a radio that goes deaf at a random moment, a hundred times, is heard again within 60 s each time', async (t) => {
  const home = createHome(20_261_124, 20);
  home.wait(60);
  for (let time = 0; time < 100; time++) {
    home.wait(Math.floor(home.random.uniform() * 300));
    const until = rungs[Math.floor(home.random.uniform() * rungs.length)]!;
    const seconds = home.goDeaf(until);
    t.ok(seconds <= 60, `deaf until ${until}: heard again after ${seconds} s`);
  }
  const { mended, tried } = home.health();
  t.equal(
    Object.values(mended).reduce((sum, one) => sum + one, 0),
    100,
    'each mending is counted at its rung',
  );
  t.ok(tried.rescan === 100 && tried.restart < 100, 'cheap remedies first');
});

t.test('a radio that hears is left alone, in a busy home and in one with a single sensor', async (t) => {
  for (const [advertsPerSecond, days] of [
    [5, 1],
    [1 / 30, 7],
  ] as const) {
    const home = createHome(7, advertsPerSecond);
    home.wait(days * 86_400);
    const { tried } = home.health();
    const remedies = Object.values(tried).reduce((sum, one) => sum + one, 0);
    t.ok(remedies <= 1, `${remedies} remedies at ${advertsPerSecond} adverts a second`);
  }
});

t.test('a home without Bluetooth devices is not disturbed, and one without an adapter is told', async (t) => {
  let [health] = stepHealth(startOfHealth(0), { kind: 'adapter', state: 'poweredOn', message: '', atMs: 0 });
  for (let atMs = 0; atMs < 86_400_000; atMs += 1000) [health] = stepHealth(health, { kind: 'tick', atMs });
  t.same(health.tried, { rescan: 143, 'power-cycle': 0, reopen: 0, restart: 0 });
  [health] = stepHealth(health, { kind: 'adapter', state: 'unsupported', message: 'ENODEV', atMs: 0 });
  t.equal(describeHealth(health), 'There is no Bluetooth adapter (ENODEV).');
});

t.test('an adapter that does not come up is started again, and what it lacks is told', async (t) => {
  let [health] = stepHealth(startOfHealth(0), { kind: 'adapter', state: 'poweredOff', message: '', atMs: 0 });
  t.match(describeHealth(health), /bluetoothctl power on/);
  const remedies: (Rung | undefined)[] = [];
  for (let atMs = 0; atMs < 60_000; atMs += 1000) {
    const [next, remedy] = stepHealth(health, { kind: 'tick', atMs });
    health = next;
    if (remedy !== undefined) remedies.push(remedy);
  }
  t.same(remedies.slice(0, 4), rungs);
});

t.test('an adapter that is pulled is noticed at once and opened again', async (t) => {
  let [health] = stepHealth(startOfHealth(0), { kind: 'heard', atMs: 1000 });
  [health] = stepHealth(health, { kind: 'adapter', state: 'poweredOff', message: '', atMs: 2000 });
  t.equal(health.kind, 'deaf');
  t.equal(stepHealth(health, { kind: 'tick', atMs: 3000 })[1], 'reopen');
});

t.test('a radio that nothing mends is told to the person, and tried again later and later', async (t) => {
  const home = createHome(3, 20);
  home.wait(60);
  const before = home.health().tried.restart;
  // No remedy clears this.
  home.goDeaf('restart');
  home.wait(10);
  t.equal(home.health().tried.restart, before + 1);
  let health = home.health();
  [health] = stepHealth(health, { kind: 'heard', atMs: 1e9 });
  let restarts = 0;
  for (let atMs = 1e9; atMs < 1e9 + 86_400_000; atMs += 1000) {
    const [next, remedy] = stepHealth(health, { kind: 'tick', atMs });
    health = next;
    if (remedy === 'restart') restarts++;
  }
  t.match(describeHealth(health), /could not be mended: unplug the adapter/);
  t.ok(restarts > 100 && restarts < 200, `${restarts} restarts in a day of silence`);
});
