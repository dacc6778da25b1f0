/** What phones and hubs hear of our devices, without a radio: links are numbers. */
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { advertOf } from '../../../firmware/bluetooth/advert.ts';
import type { Characteristic } from '../../../firmware/bluetooth/characteristic.ts';
import { createServices, type Services } from '../../../firmware/bluetooth/services.ts';
import { confirmed, MOST_WEIGHINGS, nextFor, nothingStored, type Stored, store } from '../../../firmware/bluetooth/stored.ts';
import { LINE_FROM_DEVICE, LINE_SERVICE, LINE_TO_DEVICE } from '../../../firmware/protocol/bluetooth-line.ts';
import type { QuantityId } from '../../../firmware/protocol/quantities.ts';
import { monotonicMs } from '../../../firmware/protocol/time.ts';
import { parseAdvertisingData } from '../../../hub/sources/ble/advertising-data.ts';
import { civilTimeOf } from '../../../hub/sources/ble/gatt/civil-time.ts';
import { encodeCurrentTime } from '../../../hub/sources/ble/gatt/control/current-time.ts';
import { recordOf } from '../../../hub/sources/ble/gatt/instruments/record.ts';
import { createTestClock } from '../../clock.ts';

const devices = [
  { id: 'bath', kind: 'scale', quantities: ['weight'] },
  { id: 'wrist', kind: 'tracker', quantities: ['steps'] },
  { id: 'mat', kind: 'bed', quantities: ['heart_rate'] },
  { id: 'air', kind: 'home', quantities: ['temperature', 'co2', 'voc_index'] },
] as const;
const WEIGHT = '2a9d';
const TIME = '2a2b';

function house(state: string, startUtcMs?: number) {
  const clock = createTestClock(startUtcMs);
  const line: string[] = [];
  const services = createServices({
    devices,
    firmware: '1.0',
    state,
    clock,
    zoneMinutes: () => 60,
    line: {
      connected: (link) => line.push(`connected ${link}`),
      receive: (link, bytes) => line.push(`${link}: ${Buffer.from(bytes).toString('hex')}`),
      gone: (link) => line.push(`gone ${link}`),
    },
  });
  return { clock, services, line };
}
const of = ({ table }: Services, uuid: string): Characteristic =>
  table.flatMap(({ characteristics }) => characteristics).find((one) => one.uuid === uuid)!;
const weigh = (services: Services, clock: { monotonic(): number }, kg: number): void =>
  services.measured('bath', [{ quantity: 'weight', value: kg, at: monotonicMs(clock.monotonic()), spanMs: 2000 }]);

/** Connects as somebody and listens; what it heard, as the hub's decoders read it. */
async function listen(services: Services, link: number, address: string, uuid = WEIGHT) {
  const heard: { value: number; time: string | undefined }[] = [];
  services.accepted(link, address);
  of(services, uuid).subscribed!(link, 244, (bytes) => {
    const record = recordOf(uuid, bytes);
    heard.push({ value: record!.values[0]!.value, time: record!.deviceTime });
  });
  await turn();
  return { heard, confirm: () => of(services, uuid).confirmed!(link) };
}

t.test(
  'weigh-ins while nobody was there are told one after the other with their times, the next when the last was confirmed',
  async (t) => {
    const { clock, services } = house(t.testdir({}), Date.UTC(2026, 4, 12, 6, 0, 0));
    weigh(services, clock, 70);
    await clock.advance(3_600_000);
    weigh(services, clock, 71);
    const { heard, confirm } = await listen(services, 1, 'phone');
    t.same(heard, [{ value: 70, time: '2026-05-12T07:00:00' }], 'by the clock of the house');
    confirm();
    t.same(heard.at(-1), { value: 71, time: '2026-05-12T08:00:00' });
    confirm();
    weigh(services, clock, 72.35);
    t.equal(heard.at(-1)!.value, 72.35, 'and what comes while it listens at once');
  },
);

t.test('what was not confirmed is told again; what was is not, and another phone hears it all; a restart forgets nothing', async (t) => {
  const state = t.testdir({});
  const before = house(state);
  for (const kg of [70, 71, 72]) weigh(before.services, before.clock, kg);
  const first = await listen(before.services, 1, 'phone');
  first.confirm();
  t.same(
    first.heard.map(({ value }) => value),
    [70, 71],
    'the second was not confirmed',
  );
  before.services.gone(1);
  weigh(before.services, before.clock, 73);
  t.equal(first.heard.length, 2, 'nothing is told to a link that is gone');

  const { services, clock } = house(state);
  const again = await listen(services, 1, 'phone');
  for (let index = 0; index < 5; index++) again.confirm();
  t.same(
    again.heard.map(({ value }) => value),
    [71, 72, 73],
  );
  const other = await listen(services, 2, 'tablet');
  t.equal(other.heard[0]!.value, 70);
  weigh(services, clock, 74);
  t.equal(again.heard.at(-1)!.value, 74, 'each at its own pace');
  t.equal(other.heard.length, 1);
});

t.test(
  'a device that does not know the time says none, and learns it from whoever sets it, for what it measured before as well',
  async (t) => {
    const { clock, services } = house(t.testdir({}), Date.UTC(1970, 0, 1));
    t.equal(of(services, TIME).read!(1), undefined);
    weigh(services, clock, 70);
    weigh(services, clock, 71);
    await clock.advance(60_000);
    const { heard, confirm } = await listen(services, 1, 'phone');
    t.equal(heard[0]!.time, undefined);
    const now = encodeCurrentTime(civilTimeOf(Date.UTC(2026, 4, 12, 8, 1, 0), 0));
    t.equal(of(services, TIME).written!(1, now), true);
    t.equal(of(services, TIME).written!(1, Uint8Array.of(1, 2)), false, 'bytes that are no time are refused');
    confirm();
    t.equal(heard[1]!.time, '2026-05-12T08:00:00');
    t.same([...of(services, TIME).read!(1)!.slice(0, 8)], [...now.slice(0, 8)]);
  },
);

t.test('a walk, a heart and a room are notified as they come, and a room is read; what is not known yet is not said', async (t) => {
  const { services, clock } = house(t.testdir({}));
  const at = clock.monotonic();
  const reading = (quantity: QuantityId, value: number, spanMs = 0) => ({ quantity, value, at, spanMs });
  const pace = await listen(services, 1, 'watch', '2a53');
  services.measured('wrist', [reading('distance', 14, 10_000), reading('cadence', 112, 10_000)]);
  t.equal(pace.heard[0]!.value.toFixed(2), '1.40', 'm/s');
  const heart = await listen(services, 1, 'watch', '2a37');
  services.live('mat', [reading('heart_rate', 58.4, 30_000)]);
  t.equal(heart.heard[0]!.value, 58);
  t.equal(of(services, '2a6e').read!(1), undefined);
  const room = await listen(services, 1, 'watch', '2a6e');
  services.live('air', [reading('temperature', 21.34), reading('voc_index', 90)]);
  t.equal(room.heard[0]!.value, 21.34);
  t.equal(recordOf('2a6e', of(services, '2a6e').read!(1)!)!.values[0]!.value, 21.34);
  t.notOk(of(services, '2a6d'), 'what is not measured is not served');
});

t.test('what is of a person needs an encrypted link; air and the names of the device do not', async (t) => {
  const { services } = house(t.testdir({}));
  const personal = (isPersonal: boolean): string[] =>
    services.table.flatMap(({ characteristics }) => characteristics.filter((one) => one.isPersonal === isPersonal).map(({ uuid }) => uuid));
  t.same(personal(true).sort(), [TIME, '2a37', '2a53', WEIGHT, LINE_FROM_DEVICE, LINE_TO_DEVICE].sort());
  t.same(
    Buffer.from(of(services, '2a25').read!(1)!).toString(),
    'bath wrist mat air',
    'its serial number names the devices as the cable does',
  );
});

t.test('the line carries frames both ways in parts that fit, and drops them while the radio is behind', async (t) => {
  const { services, line } = house(t.testdir({}));
  const heard: number[][] = [];
  services.write(Uint8Array.of(1));
  services.accepted(7, 'hub');
  of(services, LINE_FROM_DEVICE).subscribed!(7, 20, (bytes) => void heard.push([...bytes]));
  services.write(Uint8Array.from({ length: 45 }, (_, index) => index));
  t.same(
    heard.map(({ length }) => length),
    [20, 20, 5],
  );
  services.mayWrite = () => false;
  services.write(Uint8Array.of(1));
  t.equal(heard.length, 3);
  of(services, LINE_TO_DEVICE).written!(7, Uint8Array.of(0xab));
  services.gone(7);
  t.same(line, ['connected 7', '7: ab', 'gone 7']);
});

t.test('an advertisement of every kind at once fits its 31 bytes, and is read by the hub', async (t) => {
  const { advert, scanResponse } = advertOf('Bad im ersten Stock, größere Waage', devices);
  t.ok(advert.length <= 31 && scanResponse.length <= 31, `${advert.length} and ${scanResponse.length} bytes`);
  t.same(parseAdvertisingData(advert).serviceUuids, ['181d', '1814', '180d', '181a', LINE_SERVICE]);
  t.equal(parseAdvertisingData(scanResponse).name, 'Bad im ersten Stock, größer');
});

t.test(
  'a household that nobody reads keeps its newest weigh-ins, and a phone that was away for long goes on with the oldest left',
  async (t) => {
    let stored: Stored = nothingStored;
    for (let index = 0; index < MOST_WEIGHINGS + 10; index++) stored = store(stored, 70, null);
    t.equal(stored.weighings.length, MOST_WEIGHINGS);
    t.equal(nextFor(confirmed(stored, 'phone', 3), 'phone')!.number, 11);
    for (let index = 0; index < 100; index++) stored = confirmed(stored, `phone ${index}`, 5);
    t.ok(stored.told.length <= 16);
  },
);
