/** What a household's instruments measured and stored comes in over the air, through the real noble and the real bleno. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { Errors } from 'typebox/value';
import { systemClock } from '../../../../firmware/clock.ts';
import { type QuantityId, quantityOfCode } from '../../../../firmware/protocol/quantities.ts';
import { createVirtualRadio } from '../../../../hardware/virtual/radio/radio.ts';
import { startBluetooth } from '../../../../hub/sources/ble/bluetooth.ts';
import { CaptureFile } from '../../../../hub/sources/ble/capture/capture-file.ts';
import { replay } from '../../../../hub/sources/ble/capture/replay.ts';
import type { DatedReading } from '../../../../hub/sources/dating.ts';
import { openStore } from '../../../../hub/store/store.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const names = [
  'aranet4',
  'blood-pressure',
  'foot-pod',
  'lywsd',
  'oximeter',
  'private-strap',
  'room',
  'strap',
  'thermometer',
  'wave-plus',
  'consent-scale',
];
const LOGGED = 130;
const CAPTURE_MS = 8000;
const WITHIN_MS = 150_000;
const HOUR_MS = 3_600_000;

const nameOf = ({ device, boot, sequence }: Kept): string => `${device}/${boot}/${sequence}`;
type Kept = DatedReading & { readonly device: string; readonly boot: number; readonly quantity: QuantityId };

t.test('instruments are offered, added, and measure, each with its stored records at their own times', async (t) => {
  const folder = t.testdir({});
  const radio = createVirtualRadio();
  radio.openPort(`${folder}/hub`, 'C0:FF:EE:00:00:01');
  const addressOf = (name: string): string => `00:24:E4:00:00:0${names.indexOf(name).toString(16).toUpperCase()}`;
  const ports = new Map(names.map((name) => [name, radio.openPort(`${folder}/${name}`, addressOf(name))]));
  const serve = `${root}hardware/virtual/radio/serve.ts`;
  const args = ['-u', 'NODE_OPTIONS', process.execPath, '--disable-warning=ExperimentalWarning', serve];
  const peripherals = spawn('env', [...args, ...names.map((name) => `${name}=${folder}/${name}`)], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const store = openStore(`${folder}/data`);
  const stop = new AbortController();
  const kept: Kept[] = [];
  const troubles: string[] = [];
  let woken = (): void => undefined;
  const of = (name: string, quantity: QuantityId, slot = ''): Kept[] => {
    const device = `ble-${addressOf(name).replaceAll(':', '').toLowerCase()}${slot}`;
    return kept.filter((one) => one.device === device && one.quantity === quantity);
  };
  let isBroken = false;
  const bluetooth = startBluetooth({
    root,
    data: folder,
    controllers: [`${folder}/hub`],
    isPassive: false,
    events: {
      met: () => undefined,
      async commit(device, boot, readings) {
        // As a vault does: what is told at every connection has the same name, and changes nothing.
        const known = new Set(kept.map(nameOf));
        const rows = readings.map((one) => ({ ...one, device, boot, quantity: quantityOfCode(one.code)!.id }));
        kept.push(...rows.filter((one) => !known.has(nameOf(one))));
        // Amid the log, once.
        if (!isBroken && of('aranet4', 'co2').length > LOGGED / 3) {
          isBroken = true;
          ports.get('aranet4')!.controller.loseLinks();
        }
        woken();
      },
      live: () => undefined,
      trouble: (device, message) => {
        if (message !== '') troubles.push(`${device}: ${message}`);
      },
    },
    profile: () => undefined,
    zoneMinutes: () => 0,
    keptTimes: (device, quantity, fromMs, toMs) =>
      kept
        .filter((one) => one.device === device && one.quantity === quantity && one.endUtcMs >= fromMs && one.endUtcMs < toMs)
        .map(({ endUtcMs }) => endUtcMs),
    store,
    ownerOf: () => undefined,
    onChange: () => undefined,
    log: () => undefined,
    clock: systemClock,
    signal: stop.signal,
  });
  t.teardown(async () => {
    stop.abort();
    peripherals.kill('SIGKILL');
    await bluetooth.done;
    radio[Symbol.dispose]();
    store[Symbol.dispose]();
  });

  const storedSpo2 = (): Kept[] => of('oximeter', 'spo2').filter(({ timeQuality }) => timeQuality === 'device');
  const isWhole = (): boolean =>
    of('aranet4', 'pressure').length >= LOGGED &&
    of('blood-pressure', 'systolic', '-2').length > 0 &&
    of('foot-pod', 'cadence').length > 0 &&
    of('lywsd', 'temperature').length >= 5 &&
    storedSpo2().length >= 2 &&
    of('oximeter', 'spo2').length > storedSpo2().length &&
    of('private-strap', 'heart_rate').length > 0 &&
    of('room', 'pressure').length > 0 &&
    of('strap', 'battery').length > 0 &&
    of('thermometer', 'body_temperature').length > 0 &&
    of('wave-plus', 'battery_voltage').length > 0 &&
    troubles.length > 0;
  // One is captured as a stranger, while the others are added already.
  let captured: CaptureFile | undefined;
  const stranger = addressOf('room');
  const capturing = bluetooth.capture(stranger, CAPTURE_MS, true).then((file) => {
    captured = file;
  });
  // Whoever is offered is added.
  const added = new Set<string>();
  const deadlineMs = performance.now() + WITHIN_MS;
  const nextOrSoon = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, 200);
      woken = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  while (!isWhole() && performance.now() < deadlineMs) {
    for (const { address } of bluetooth.found()) {
      if (address === stranger && captured === undefined) continue;
      t.notOk(added.has(address), 'what is added is not offered again');
      added.add(address);
      bluetooth.add({ address });
    }
    await nextOrSoon();
  }
  t.same([...added].sort(), names.map(addressOf), 'each was offered');
  t.match(troubles, [/The scale does not accept the code for person 1: enter the code that was agreed/], 'it has not been told a code');
  const newest = (name: string, quantity: QuantityId, slot = ''): number | undefined => of(name, quantity, slot).at(-1)?.value;

  t.test('blood pressure of both users of a cuff that never knew the time, dated, and its own time kept and flagged', async (t) => {
    for (const [slot, systolic, diastolic, pulse, agoMs] of [
      ['-1', 121, 79, 61, 2 * HOUR_MS],
      ['-2', 133, 84, 70, HOUR_MS],
    ] as const) {
      const [record, ...more] = of('blood-pressure', 'systolic', slot);
      t.match(record, { value: systolic, timeQuality: 'device', timeDoubt: 'ancient' });
      t.same(more, [], 'once');
      t.equal(newest('blood-pressure', 'diastolic', slot), diastolic);
      t.equal(newest('blood-pressure', 'heart_rate', slot), pulse);
      const ownYear = new Date(record!.deviceEndUtcMs!).getUTCFullYear();
      t.ok(ownYear === 2000, `its own clock said ${ownYear}`);
      const offMs = Math.abs(Date.now() - agoMs - record!.endUtcMs);
      t.ok(offMs < WITHIN_MS, `${Math.round(offMs / 1000)} s from when it was measured`);
    }
    t.equal(newest('blood-pressure', 'battery'), 64);
    t.match(
      bluetooth.added().find(({ address }) => address === addressOf('blood-pressure')),
      { about: 'Virtual Cuff 2 C-0001', isBonded: false },
    );
  });
  t.test('a log that broke off in its middle goes on there: every record once, a minute apart, none twice', async (t) => {
    t.ok(isBroken, 'the link was lost amid the log');
    for (const quantity of ['co2', 'temperature', 'humidity', 'pressure'] as const) {
      const records = of('aranet4', quantity).sort((a, b) => a.endUtcMs - b.endUtcMs);
      const gapsS = records.slice(1).map(({ endUtcMs }, at) => (endUtcMs - records[at]!.endUtcMs) / 1000);
      // The newest of the log is the one that was read as the current value.
      t.ok(records.length >= LOGGED && records.length <= LOGGED + 3, `${records.length} of ${quantity}`);
      t.ok(
        gapsS.every((gap) => gap > 25),
        `${quantity}: none nearer than ${Math.min(...gapsS)} s`,
      );
      t.ok(Math.max(...gapsS) < 95, `${quantity}: no hole longer than ${Math.max(...gapsS)} s`);
    }
    t.equal(Math.min(...of('aranet4', 'co2').map(({ value }) => value)), 501);
  });
  t.test('stored records of an oximeter, asked for by its record access control point, and the finger in it', async (t) => {
    t.same(
      storedSpo2().map(({ value, endUtcMs }) => [value, new Date(endUtcMs).toISOString()]),
      [
        [95, '2026-03-01T22:15:00.000Z'],
        [96, '2026-03-02T22:15:00.000Z'],
      ],
    );
    t.ok(of('oximeter', 'spo2').some(({ value, timeQuality }) => value === 97 && timeQuality === 'synced'));
  });
  t.test('a strap that tells only whom it is paired with: paired once, known again, and paired anew when it forgot', async (t) => {
    const address = addressOf('private-strap');
    const { controller } = ports.get('private-strap')!;
    const isBonded = (): boolean => bluetooth.added().some((one) => one.address === address && one.isBonded);
    const again = async (isThere: () => boolean): Promise<void> => {
      while (!isThere() && performance.now() < deadlineMs) {
        // Whoever changes something of a device need not wait until it has rested.
        bluetooth.add({ address });
        await nextOrSoon();
      }
    };
    t.ok(isBonded(), 'its key is kept');
    const before = of('private-strap', 'heart_rate').length;
    await again(() => of('private-strap', 'heart_rate').length > before);
    t.ok(of('private-strap', 'heart_rate').length > before, 'it measures at the next connection');
    t.equal(controller.keysGiven(), 1, 'encrypted by the key of before');
    controller.forgetKeys();
    await again(() => controller.keysGiven() > 1 && isBonded());
    t.equal(controller.keysGiven(), 2);
    t.ok(isBonded());
    t.match(troubles.at(-1), /It is not paired: it has forgotten that it was paired/);
    t.equal(newest('private-strap', 'heart_rate'), 71);
  });
  t.test('a stranger is captured into a file that says what Hearth makes of it, and again when it is read', async (t) => {
    await capturing;
    const file = JSON.parse(JSON.stringify(captured)) as CaptureFile;
    t.same(Errors(CaptureFile, file), []);
    t.match(file, { address: stranger, name: 'Study', gatt: { trouble: '' } });
    t.match(file.says.at(-1), {
      of: 'gatt',
      model: 'Room sensor',
      values: [
        { quantity: 'temperature', value: 21.34 },
        { quantity: 'humidity', value: 47.1 },
        { quantity: 'pressure', value: 1002.5 },
      ],
    });
    t.same(replay(file), file.says);
  });
  t.test('a scale for two that tells each weigh-in to who has its code: each with theirs, once, at their times', async (t) => {
    const address = addressOf('consent-scale');
    const weights = (slot: string) => of('consent-scale', 'weight', slot);
    t.same(weights('-1'), [], 'nothing without a code');
    for (const [userSlot, consentCode] of [
      [1, 1111],
      [2, 2222],
    ] as const) {
      bluetooth.add({ address, userSlot, consentCode });
      while (weights(`-${userSlot}`).length === 0 && performance.now() < deadlineMs) await nextOrSoon();
    }
    for (const [slot, kg, agoMs] of [
      ['-1', 81.2, HOUR_MS],
      ['-2', 58.4, HOUR_MS / 2],
    ] as const) {
      t.match(weights(slot), [{ value: kg }]);
      t.ok(Math.abs(Date.now() - agoMs - (weights(slot)[0]?.endUtcMs ?? 0)) < WITHIN_MS + 1000);
    }
    t.equal(troubles.filter((text) => text.includes('person 2')).length, 0);
  });
  t.test('thermometer, strap, pod, room, Wave and hygrometer', async (t) => {
    t.equal(newest('thermometer', 'body_temperature'), 36.9);
    t.equal(newest('strap', 'heart_rate'), 64);
    t.equal(newest('strap', 'rr_interval'), 937.5);
    t.equal(newest('foot-pod', 'speed'), 2.75);
    t.equal(newest('foot-pod', 'cadence'), 83);
    t.equal(newest('room', 'temperature'), 21.34);
    t.equal(newest('room', 'pressure'), 1002.5);
    t.match([newest('wave-plus', 'radon'), newest('wave-plus', 'co2'), newest('wave-plus', 'battery_voltage')], [42, 812, 2.87]);
    t.equal(of('lywsd', 'temperature').filter(({ spanMs }) => spanMs === HOUR_MS).length, 4, 'the extremes of two hours');
  });
});
