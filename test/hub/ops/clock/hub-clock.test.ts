import { writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { openHubClock, type Redating } from '../../../../hub/ops/clock/hub-clock.ts';
import { stepOf } from '../../../../hub/ops/clock/steps.ts';
import { parseChronyTracking, parseTimedatectl, type TimeState, timeStateOf } from '../../../../hub/ops/clock/time-state.ts';
import { zoneOffsetMin } from '../../../../hub/ops/clock/zone.ts';
import { createTestClock } from '../../../clock.ts';

const NOON = Date.UTC(2026, 10, 24, 12);
const HOUR = 3_600_000;

/** As systemd 252 on Raspberry Pi OS prints it. */
const shown = (synced: 'yes' | 'no', rtc: string): string =>
  `Timezone=Europe/Berlin\nLocalRTC=no\nCanNTP=yes\nNTP=yes\nNTPSynchronized=${synced}\nTimeUSec=Tue 2026-11-24 13:00:00 CET\nRTCTimeUSec=${rtc}\n`;

t.test('what timedatectl and chronyc say', (t) => {
  t.same(parseTimedatectl(shown('yes', 'Tue 2026-11-24 12:00:00 UTC')), { isSynced: true, rtcMs: NOON });
  t.match(parseTimedatectl(shown('no', 'n/a')), { isSynced: false, rtcMs: undefined });
  t.equal(parseTimedatectl("System has not been booted with systemd as init system (PID 1). Can't operate."), undefined);
  // Recorded of systemd 252 (Debian 12, timedated in a container without a battery-backed clock): before and after the kernel was told that
  // its time is right.
  const recorded = (isSynced: string): string =>
    `Timezone=Etc/UTC\nLocalRTC=no\nCanNTP=no\nNTP=no\nNTPSynchronized=${isSynced}\nTimeUSec=Wed 2026-11-25 03:22:51 UTC\n`;
  t.same(parseTimedatectl(recorded('no')), { isSynced: false, rtcMs: undefined });
  t.same(parseTimedatectl(recorded('yes')), { isSynced: true, rtcMs: undefined });
  // Of chrony 4.3 too: one that follows a server.
  const follows =
    '7F000001,127.0.0.1,4,1795576965.175741576,-0.000001401,-0.000000048,0.000001672,-0.039,-0.001,0.048,0.000008315,0.000002332,1.0,Normal\n';
  t.same(parseChronyTracking(follows), { isSynced: true, offsetS: -0.000001401 });
  const good = 'C0A80001,192.168.0.1,3,1795521600.123,0.000012345,-0.000001,0.00002,-12.3,0.001,0.05,0.002,0.0001,64.2,Normal';
  t.same(parseChronyTracking(good), { isSynced: true, offsetS: 0.000012345 });
  const none = '00000000,,0,0.000000000,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,1.000000000,1.000000000,0.0,Not synchronised';
  t.match(parseChronyTracking(none), { isSynced: false });
  // Recorded of chrony 4.3 (Debian 12, `chronyd -x`): one that serves its own clock, and one whose only server does not answer.
  const own = '7F7F0101,,5,1795566863.135022707,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,0.000000000,0.000000000,0.0,Normal\n';
  t.match(parseChronyTracking(own), { isSynced: false }, 'its own word for its own time is no time server');
  const alone = `00000000,,0,0.000000000,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,1.000000000,1.000000000,0.0,Not synchronised\n`;
  t.match(parseChronyTracking(alone), { isSynced: false });
  const by6 = '2A01E34E,2a01:e34::7b,2,1795566863.1,-0.000412,0.0001,0.0003,-4.1,-0.002,0.04,0.012,0.001,1034.2,Insert second\n';
  t.match(parseChronyTracking(by6), { isSynced: true, offsetS: -0.000412 }, 'a leap second to come is no trouble');
  t.equal(parseChronyTracking('506 Cannot talk to daemon'), undefined);
  t.end();
});

t.test('time is known from a server or a battery, and believed of a machine that says nothing only when it looks right', (t) => {
  const source = (timedatectl: string | undefined, systemMs = NOON, lastMs = 0): string =>
    timeStateOf(timedatectl, undefined, systemMs, lastMs).source;
  t.equal(source(shown('yes', 'n/a')), 'ntp');
  t.equal(source(shown('no', 'n/a')), 'none', 'no battery: the time on the card is old');
  t.equal(source(shown('no', 'Tue 2026-11-24 12:00:01 UTC')), 'rtc');
  t.equal(source(shown('no', 'Thu 1970-01-01 00:00:09 UTC')), 'none', 'a battery that is dead');
  t.equal(source(undefined), 'system');
  t.equal(source(undefined, 1000), 'none', '1970');
  t.equal(source(undefined, NOON, NOON + HOUR), 'none', 'before the last time known');
  t.end();
});

t.test('a zone with its summer time', (t) => {
  t.equal(zoneOffsetMin('Europe/Berlin', NOON), 60);
  t.equal(zoneOffsetMin('Europe/Berlin', Date.UTC(2026, 9, 25, 0, 59, 59)), 120, 'a second before the clocks go back');
  t.equal(zoneOffsetMin('Europe/Berlin', Date.UTC(2026, 9, 25, 1)), 60);
  t.equal(zoneOffsetMin('Asia/Kathmandu', NOON), 345);
  t.equal(zoneOffsetMin('America/St_Johns', NOON), -210);
  t.equal(zoneOffsetMin('Nowhere/Else', NOON), null);
  t.end();
});

t.test('a jump is a step, a drift is a slew, jitter is neither', (t) => {
  let [state] = stepOf(undefined, 0, NOON);
  const at = (monotonicMs: number, aheadMs: number) => {
    const [next, change] = stepOf(state, monotonicMs, NOON + monotonicMs + aheadMs);
    state = next;
    return change;
  };
  t.same(at(1000, 3), { kind: 'none' });
  t.same(at(60_000, -2), { kind: 'none' });
  t.match(at(120_000, 3_600_000), { kind: 'step', byMs: 3_600_002 });
  t.match(at(180_000, -50_000), { kind: 'step' });
  t.match(at(1_180_000, -49_900), { kind: 'slew', ppm: 100 });
  t.end();
});

function machine(t: Test, utcMs: number) {
  const clock = createTestClock(utcMs);
  const redated: Redating[] = [];
  let source: TimeState['source'] = 'none';
  let fails = false;
  const file = `${t.testdir({})}/clock.json`;
  return {
    clock,
    redated,
    file,
    known: () => {
      source = 'ntp';
    },
    failing: (yes: boolean) => {
      fails = yes;
    },
    start: (kernelBoot: string, bootedMsAgo = 0) =>
      openHubClock({
        file,
        clock,
        kernelBoot,
        zone: 'Europe/Berlin',
        sinceKernelBoot: () => clock.monotonic() + bootedMsAgo,
        probe: async () => ({ source }),
        async onKnown(redatings) {
          if (fails) throw new Error('the disk is full');
          redated.push(...redatings);
        },
      }),
  };
}

t.test('without a clock time goes on from the last one known, never from 1970, and is moved once when it becomes known', async (t) => {
  const pi = machine(t, 20_000);
  writeFileSync(
    pi.file,
    JSON.stringify({ lastUtcMs: NOON, starts: [{ hubBoot: 4, kernelBoot: 'a', zeroUtcMs: NOON - HOUR, isKnown: true }] }),
  );
  const hub = await pi.start('b');
  t.equal(hub.isKnown, false);
  t.equal(hub.hubBoot, 5);
  t.same(hub.before, { lastUtcMs: NOON, wasPower: true });
  t.equal(hub.utc(), NOON);
  await pi.clock.advance(600_000);
  t.equal(hub.utc(), NOON + 600_000);
  pi.clock.setUtc(NOON + 8 * HOUR);
  t.equal(hub.utc(), NOON + 600_000, 'a time that nobody vouches for changes nothing');
  pi.known();
  await hub.check();
  t.equal(hub.utc(), NOON + 8 * HOUR);
  t.same(pi.redated, [{ hubBoot: 5, shiftMs: 8 * HOUR - 600_000 }]);
  await hub.check();
  t.equal(pi.redated.length, 1, 'once');
});

t.test('a start of the hub that never learned the time is dated by a later one within the same boot of the machine', async (t) => {
  const pi = machine(t, 20_000);
  const first = await pi.start('a');
  const firstUtc = first.utc();
  await pi.clock.advance(HOUR);
  pi.clock.setUtc(NOON + HOUR);
  pi.known();
  const second = await pi.start('a');
  t.equal(second.isKnown, true);
  t.same(pi.redated, [{ hubBoot: 1, shiftMs: NOON - firstUtc }]);
});

t.test('of another boot of the machine nobody knows, and it stays an estimate', async (t) => {
  const pi = machine(t, 20_000);
  await pi.start('a');
  pi.clock.setUtc(NOON);
  pi.known();
  const second = await pi.start('b');
  t.same(pi.redated, []);
  t.ok(second.isKnown);
});

t.test('when measurements cannot be moved now, they are moved later', async (t) => {
  const pi = machine(t, 20_000);
  const hub = await pi.start('a');
  pi.clock.setUtc(NOON);
  pi.known();
  pi.failing(true);
  await t.rejects(hub.check(), /the disk is full/);
  t.ok(hub.isKnown, 'what comes from now on is dated right');
  pi.failing(false);
  await hub.check();
  t.equal(pi.redated.length, 1);
});

t.test('a file that was torn costs an estimate and no start', async (t) => {
  const pi = machine(t, 20_000);
  writeFileSync(pi.file, '{"lastUtcMs": 17');
  const hub = await pi.start('a');
  t.ok(hub.utc() >= Date.UTC(2026, 0, 1));
});

t.test('a time that is only believed has whole milliseconds too: a log takes no fractions', async (t) => {
  const machine = createTestClock(0);
  await machine.advance(1234.5678);
  const clock = await openHubClock({
    file: `${t.testdir({})}/clock.json`,
    clock: machine,
    kernelBoot: 'a',
    zone: 'Europe/Berlin',
    sinceKernelBoot: machine.monotonic,
    probe: async () => ({ source: 'none' }),
    onKnown: async () => undefined,
  });
  await machine.advance(0.25);
  t.notOk(clock.isKnown);
  t.ok(Number.isInteger(clock.utc()), `${clock.utc()}`);
});
