/** One measurement is one, however it was heard: at a changed address, twice, over two ways, or again tomorrow. */
import { existsSync } from 'node:fs';
import t, { type Test } from 'tap';
import { type QuantityId, quantityOfCode } from '../../../../firmware/protocol/quantities.ts';
import { type BleClaim, openClaims } from '../../../../hub/sources/ble/claims.ts';
import type { HeardAdvert } from '../../../../hub/sources/ble/radio/lines.ts';
import { createReceiver } from '../../../../hub/sources/ble/receiver.ts';
import { createResolver, resolves } from '../../../../hub/sources/ble/resolvable.ts';
import { createSightings } from '../../../../hub/sources/ble/sightings.ts';
import type { DatedReading } from '../../../../hub/sources/dating.ts';
import { openStore } from '../../../../hub/store/store.ts';
import { createTestClock } from '../../../clock.ts';
import { readVectorJson, skipWithoutVectors } from '../../../vectors.ts';

const MI_SCALE = '50:FB:19:1B:B5:DC';
/** Of the Core specification, Vol 3 Part H, D.7. */
const IRK = 'ec0234a357c8ad05341010a60a397d9b';
const RESOLVABLE = '70:81:94:0D:FB:AA';
const NOW = Date.UTC(2026, 5, 2, 7, 0, 0);

type Kept = DatedReading & { readonly device: string; readonly boot: number; readonly quantity: QuantityId };

/** A Mi Smart Scale's broadcast: flags, weight in 5 g, its own time. */
function broadcast(kg: number, time: readonly [number, number, number, number, number], flags = 0x22): string {
  const [month, day, hour, minute, second] = time;
  const raw = Math.round(kg * 200);
  const data = [0x1d, 0x18, flags, raw & 0xff, raw >> 8, 2026 & 0xff, 2026 >> 8, month, day, hour, minute, second];
  return Buffer.from([data.length + 1, 0x16, ...data]).toString('hex');
}
const heard = (address: string, data: string, isRandom = false): HeardAdvert => ({
  say: 'advert',
  address,
  isRandom,
  isConnectable: false,
  isScanResponse: false,
  rssi: -60,
  data,
});

let homes = 0;
function home(t: Test, claims: readonly BleClaim[]) {
  // A test may have two homes.
  const folder = existsSync(t.testdirName) ? t.testdirName : t.testdir({});
  const store = openStore(`${folder}/${homes++}`);
  const clock = createTestClock(NOW);
  const stop = new AbortController();
  const kept = new Map<string, Kept>();
  const own = openClaims({ store, ownerOf: () => undefined, oldFile: 'none' });
  claims.forEach(own.set);
  const ends: Promise<void>[] = [];
  const start = () => {
    const receiver = createReceiver({
      claims: own,
      sightings: createSightings(),
      events: {
        met: () => undefined,
        async commit(device, boot, readings) {
          // As a vault does: the same identity changes nothing.
          for (const one of readings) {
            const id = `${device}/${boot}/${one.sequence}`;
            if (!kept.has(id)) kept.set(id, { ...one, device, boot, quantity: quantityOfCode(one.code)!.id });
          }
        },
        live: () => undefined,
        trouble: () => undefined,
      },
      onConnectable: () => undefined,
      zoneMinutes: () => 120,
      keptTimes: (device, quantity) =>
        [...kept.values()].filter((one) => one.device === device && one.quantity === quantity).map(({ endUtcMs }) => endUtcMs),
      clock,
      signal: stop.signal,
    });
    ends.push(receiver.done);
    return receiver;
  };
  t.teardown(async () => {
    stop.abort();
    await Promise.all(ends);
    store[Symbol.dispose]();
  });
  const weights = (): [number, string, string][] =>
    [...kept.values()]
      .filter(({ quantity }) => quantity === 'weight')
      .map(({ value, endUtcMs, timeQuality }) => [value, new Date(endUtcMs).toISOString(), timeQuality]);
  return { clock, start, weights, kept: () => [...kept.values()] };
}
const scale: BleClaim = { address: MI_SCALE, name: 'Scale', model: 'Mi Smart Scale', key: null, counter: null };

t.test(
  "a scale that repeats yesterday's value at each touch gives it once, at yesterday's time, also to a hub that started since",
  async (t) => {
    const { clock, start, weights } = home(t, [scale]);
    const yesterday = broadcast(72.35, [6, 1, 8, 30, 0]);
    start().hear(heard(MI_SCALE, yesterday));
    await clock.advance(300_000);
    const again = start();
    again.hear(heard(MI_SCALE, yesterday));
    await clock.advance(1000);
    t.same(weights(), [[72.35, '2026-06-01T06:30:00.000Z', 'device']]);
    // Somebody steps on: it moves, then settles, and that is now, whatever the scale's clock says.
    again.hear(heard(MI_SCALE, broadcast(60, [6, 2, 3, 0, 0], 0x02)));
    again.hear(heard(MI_SCALE, broadcast(64.2, [6, 2, 3, 0, 5])));
    again.hear(heard(MI_SCALE, broadcast(64.2, [6, 2, 3, 0, 5])));
    await clock.advance(1000);
    const [, today, ...more] = weights();
    t.match(today, [64.2, /^2026-06-02T07:05/, 'synced']);
    t.same(more, []);
  },
);

t.test('the same weigh-in as a broadcast and over a connection is one', async (t) => {
  const { clock, start, weights } = home(t, [scale]);
  const receiver = start();
  receiver.hear(heard(MI_SCALE, broadcast(72.35, [6, 2, 8, 30, 0])));
  receiver.measured(scale, [{ quantity: 'weight', value: 14_470 / 200 + 1e-13 }], { deviceTime: '2026-06-02T08:30:00', isLive: false });
  await clock.advance(1000);
  t.equal(weights().length, 1);
});

t.test('a device that changes its address is known by its identity key, and a stranger is not', async (t) => {
  t.ok(resolves(Buffer.from(IRK, 'hex'), RESOLVABLE));
  t.notOk(resolves(Buffer.from(IRK, 'hex'), '70:81:94:0D:FB:AB'));
  const resolver = createResolver(() => [{ address: MI_SCALE, irk: IRK }]);
  t.equal(resolver.known(RESOLVABLE, true), MI_SCALE);
  t.equal(resolver.known(RESOLVABLE, false), undefined, 'a public address is nobody else’s');
  t.equal(resolver.known('71:81:94:0D:FB:AA', true), undefined);
  const { clock, start, kept } = home(t, [{ ...scale, irk: IRK }]);
  const receiver = start();
  receiver.hear(heard(RESOLVABLE, broadcast(72.35, [6, 2, 8, 30, 0]), true));
  receiver.hear(heard('71:81:94:0D:FB:AA', broadcast(91, [6, 2, 8, 31, 0]), true));
  await clock.advance(1000);
  t.same(
    kept().map(({ device, value }) => [device, value]),
    [['ble-50fb191bb5dc', 72.35]],
  );
});

t.test('a record of a log is kept where nothing was heard at its time, once', async (t) => {
  const { clock, start, kept } = home(t, [scale]);
  const receiver = start();
  const at = (minutesAgo: number) => ({ agoMs: minutesAgo * 60_000, values: [{ quantity: 'co2', value: 500 + minutesAgo } as const] });
  await receiver.logged(scale, [at(5), at(3)], 60_000);
  await clock.advance(2000);
  await receiver.logged(scale, [at(5), at(4), at(3), at(2)], 60_000);
  await receiver.logged(scale, [at(5), at(4), at(3), at(2)], 60_000);
  t.same(
    kept()
      .map(({ value }) => value)
      .sort(),
    [502, 503, 504, 505],
  );
});

interface Encrypted {
  readonly cases: readonly { readonly mac: string; readonly bindkey_hex: string; readonly encrypted_service_data_with_uuid_hex: string }[];
}

t.test(
  'a broadcast that is only heard again is not counted as refused; one under a wrong key is',
  { skip: skipWithoutVectors },
  async (t) => {
    const { mac, bindkey_hex, encrypted_service_data_with_uuid_hex } = readVectorJson<Encrypted>(
      '1-ble-adv/bthome-v2-encryption.bthome-ble.json',
    ).cases[0]!;
    const address = mac.match(/../g)!.join(':').toUpperCase();
    const bytes = Buffer.from(encrypted_service_data_with_uuid_hex, 'hex');
    const advert = heard(address, Buffer.from([bytes.length + 1, 0x16, ...bytes]).toString('hex'));
    const claim: BleClaim = { address, name: 'Cellar', model: 'BTHome sensor', key: bindkey_hex, counter: null };
    const right = home(t, [claim]);
    const receiver = right.start();
    for (let times = 0; times < 5; times++) receiver.hear(advert);
    await right.clock.advance(1000);
    t.match(receiver.counts(), { own: 5, refused: 0 });
    t.ok(right.kept().length > 0);
    const wrong = home(t, [{ ...claim, key: '0'.repeat(32) }]);
    const locked = wrong.start();
    locked.hear(advert);
    await wrong.clock.advance(1000);
    t.match(locked.counts(), { own: 1, refused: 1 });
    t.same(wrong.kept(), []);
  },
);
