/** One of our own devices, heard over a cable and over the air: the numbers of its measurements are the same, so nothing is there twice. */
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { monotonicMs } from '../../../../firmware/protocol/time.ts';
import { createUplink } from '../../../../firmware/uplink.ts';
import { createDeviceLines, type OpenLine } from '../../../../hub/sources/ble/device-lines.ts';
import { type LinkEvents, runLink } from '../../../../hub/sources/link.ts';
import { createTestClock } from '../../../clock.ts';

const HOUR_MS = 3_600_000;

t.test('weigh-ins of an hour without a hub come over both ways, whichever is first, each once and at its own time', async (t) => {
  for (const first of ['air', 'cable'] as const) {
    const clock = createTestClock();
    const startUtcMs = clock.utc();
    /** As a vault keeps them: by device, boot and number. */
    const kept = new Map<string, { value: number; endUtcMs: number }>();
    const arrivals: string[] = [];
    const states: string[] = [];
    const events = (name: string): LinkEvents => ({
      hello: () => undefined,
      async commit(device, boot, readings) {
        for (const { sequence, value, endUtcMs } of readings) {
          arrivals.push(name);
          const id = `${device}/${boot}/${sequence}`;
          if (!kept.has(id)) kept.set(id, { value, endUtcMs });
        }
      },
      live: () => undefined,
      status: () => undefined,
      fault: (fault) => t.fail(`no frame is spoiled: ${fault}`),
      refused: () => undefined,
    });
    let air: OpenLine | undefined;
    const cable = new PassThrough();
    let isPlugged = false;
    const uplink = createUplink({
      firmware: '1',
      boot: 7,
      devices: [{ id: 'bath', kind: 'scale', name: 'Bath', quantities: ['weight'] }],
      clock,
      write(bytes) {
        if (isPlugged) cable.write(bytes);
        air?.push(bytes);
      },
      onCommand: () => undefined,
    });
    const lines = createDeviceLines({ events, onState: (name, { kind }) => states.push(`${name} ${kind}`), log: t.fail, clock });
    const connectAir = (): void => {
      air = lines.open('air', (bytes) => uplink.receive(bytes, 'air-1'));
      uplink.connected('air-1');
    };
    const plug = (): void => {
      isPlugged = true;
      runLink({ incoming: cable, write: (bytes) => uplink.receive(bytes), close: async () => undefined }, events('cable'), clock);
      uplink.connected();
    };
    for (let minute = 0; minute < 60; minute++) {
      uplink.measured(0, [{ quantity: 'weight', value: 70 + minute / 100, at: monotonicMs(clock.monotonic()), spanMs: 2000 }]);
      await clock.advance(60_000);
    }
    const ways = first === 'air' ? [connectAir, plug] : [plug, connectAir];
    for (const way of ways) {
      way();
      for (let rounds = 0; rounds < 5; rounds++) await turn();
    }
    // Now that both are there, each new one comes over both.
    uplink.measured(0, [{ quantity: 'weight', value: 80, at: monotonicMs(clock.monotonic()), spanMs: 2000 }]);
    for (let rounds = 0; rounds < 20 && uplink.waiting > 0; rounds++) {
      await turn();
      await clock.advance(500);
      uplink.tick();
    }
    t.equal(uplink.waiting, 0, 'the device may forget them all');
    t.equal(kept.size, 61, `${arrivals.length} readings arrived, the first over the ${first}`);
    t.equal(arrivals[0], first);
    t.ok(arrivals.includes('air') && arrivals.includes('cable'));
    const worst = Math.max(
      ...[...kept.values()].slice(0, 60).map(({ endUtcMs }, minute) => Math.abs(endUtcMs - startUtcMs - minute * 60_000)),
    );
    t.ok(worst <= 1 && kept.size * 60_000 > HOUR_MS, `at their own times, within ${worst} ms`);
    air!.end('it went away');
    t.same(states, ['air open', 'air waiting']);
    t.notOk(lines.command('air', 0, { name: 'tare' }), 'no command is sent into the air');
  }
});
