/** Each target with the real thing at its other end, or as near to it as a test comes. */
import { createHmac } from 'node:crypto';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connectAsync } from 'mqtt';
import t from 'tap';
import { quantities } from '../../../firmware/protocol/quantities.ts';
import type { SyncEvent } from '../../../hub/sync/event.ts';
import type { TargetSettings } from '../../../hub/sync/settings.ts';
import { type Sync, startSync } from '../../../hub/sync/sync.ts';
import { discoveryOf, unitOf } from '../../../hub/sync/targets/home-assistant.ts';
import { openHome, passing, row, seeded, type TestHome } from './hub.ts';
import { startInflux } from './influx-stand-in.ts';
import { freePort, startProgram } from './program.ts';

const BODY = { people: ['person-1'], categories: ['body'] } satisfies Partial<TargetSettings>;

function sync({ store, folder, clock, stop }: TestHome, ...targets: TargetSettings[]): Sync {
  return startSync({
    source: store,
    folder: `${folder}/sync`,
    targets,
    embedded: undefined,
    isGone: (device) => gone.has(device),
    clock,
    signal: stop.signal,
    random: seeded(3),
  });
}
/** Devices that the household took out. */
const gone = new Set<string>();
const stateOf = (running: Sync) => running.state()[0]!;
const secret = (home: TestHome, text: string): string => {
  writeFileSync(`${home.folder}/secret`, `${text}\n`, { mode: 0o600 });
  return `${home.folder}/secret`;
};

t.test('file: what was chosen, once, also after a torn line; removed means gone', async (t) => {
  const home = openHome(t);
  const { store, clock, folder } = home;
  const vault = store.vault('person-1');
  await vault.commit([row(1), row(2), row(3, { code: quantities.steps.code, value: 12 })]);
  await store.vault('home').commit([row(1, { code: quantities.co2.code, value: 600 })]);
  mkdirSync(`${folder}/usb`);
  const file = `${folder}/usb/measurements.jsonl`;
  const lines = (): SyncEvent[] =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as SyncEvent);
  const settings: TargetSettings = { name: 'usb', target: 'file', folder: `${folder}/usb`, ...BODY };
  const running = sync(home, settings);
  await passing(clock, () => stateOf(running).state === 'synced' && stateOf(running).tries > 0, 'the lines are there');
  t.same(
    lines().map(({ subject, measurement }) => [subject, measurement?.quantity, measurement?.value]),
    [
      ['person-1', 'weight', 70.01],
      ['person-1', 'weight', 70.02],
    ],
    'no steps, nothing of the home',
  );
  // A power cut tore the last line, and sync's own memory of the last moments is gone.
  appendFileSync(file, '{"kind":"measu');
  const again = startSync({
    source: store,
    folder: `${folder}/sync-again`,
    targets: [settings],
    embedded: undefined,
    clock,
    signal: home.stop.signal,
    random: seeded(3),
  });
  await passing(clock, () => stateOf(again).state === 'synced' && stateOf(again).tries > 0, 'it went on');
  t.equal(lines().length, 2, 'nothing is doubled, and the torn line is gone');
  await vault.remove([vault.log(0, 1)[0]!.seq], 'person:person-1');
  again.wake();
  await passing(clock, () => stateOf(again).lag === 0, 'the removal came');
  t.match(lines(), [
    { kind: 'measured', seq: 2 },
    { kind: 'removed', of: 1 },
  ]);
  t.notMatch(readFileSync(file, 'utf8'), '70.01');
});

t.test('file: a full file is put aside and the oldest goes', async (t) => {
  const home = openHome(t);
  const { store, clock, folder } = home;
  const running = sync(home, { name: 'usb', target: 'file', folder: `${folder}/usb`, mostMb: 1, keep: 2, ...BODY });
  await store.vault('person-1').commit(Array.from({ length: 9000 }, (_, index) => row(index + 1)));
  await passing(clock, () => stateOf(running).lag === 0 && stateOf(running).tries > 0, 'all was written');
  const files = readdirSync(`${folder}/usb`).sort();
  t.ok(files.length <= 2 && files.length > 0, files.join());
  t.notOk(files.includes('measurements-1.jsonl'), 'the oldest went');
});

t.test('influx: points with their own time, a correction in place, and a value that it cannot hold is set aside', async (t) => {
  const home = openHome(t);
  const { store, clock } = home;
  await using influx = await startInflux('right');
  const vault = store.vault('person-1');
  await vault.commit([row(1, { device: 'scale, of =Ada' }), row(2, { value: Number.NaN }), row(3), row(4)]);
  const tokenFile = secret(home, 'right');
  influx.trouble.push(503, 429, 500);
  const running = sync(home, { name: 'grafana', target: 'influx', url: influx.url, org: 'home', bucket: 'health', tokenFile, ...BODY });
  await passing(clock, () => stateOf(running).lag === 0 && stateOf(running).state === 'synced', 'the points are there');
  t.match(
    influx.points().map(({ timeMs, fields }) => [timeMs, fields.value]),
    [1, 3, 4].map((one) => [row(one).endUtcMs, String(70 + one / 100)]),
  );
  t.match(influx.points()[0], { measurement: 'weight', tags: { device: 'scale, of =Ada', subject: 'person-1' } });
  t.match(running.setAside(), [{ target: 'grafana', subject: 'person-1', seq: 2, reason: /no number/ }]);
  await vault.amend(3, 71.5, 'person:person-1');
  running.wake();
  await passing(clock, () => stateOf(running).lag === 0, 'the correction is there');
  t.equal(influx.points().find(({ timeMs }) => timeMs === row(3).endUtcMs)?.fields.value, '71.5');
  t.equal(influx.points().length, 3, 'in place of the old value');
  await vault.amend(2, 72, 'person:person-1');
  running.retry('grafana');
  await passing(clock, () => running.setAside().length === 0, 'what was set aside goes when it can');
  running.erase('person-1');
  await passing(clock, () => influx.deletes.length > 0, 'the erasure came');
  t.match(influx.deletes[0], /subject=\\"person-1\\"/);
});

t.test(
  'influx: what is removed is deleted there, what gets another time is moved, and where that cannot be each entry says so',
  async (t) => {
    const home = openHome(t);
    const { store, clock } = home;
    await using influx = await startInflux('right');
    const vault = store.vault('person-1');
    const HOUR = 3_600_000;
    const device = 'scale, "of" \\Ada';
    const early = (sequence: number) => row(sequence, { hubBoot: 4, isUnset: true, timeQuality: 'synced', device });
    await vault.commit([row(1, { device }), row(2), early(10), early(11)]);
    // Dated right already, and at the very time that the moved one of the same scale had.
    await vault.commit([row(12, { device, endUtcMs: early(11).endUtcMs, code: quantities.fat_mass.code })]);
    const running = sync(home, {
      name: 'grafana',
      target: 'influx',
      url: influx.url,
      org: 'home',
      bucket: 'health',
      tokenFile: secret(home, 'right'),
      ...BODY,
    });
    const there = () => influx.points().map(({ measurement, timeMs }) => `${measurement} ${(timeMs - row(0).endUtcMs) / 60_000}`);
    await passing(clock, () => stateOf(running).lag === 0 && stateOf(running).tries > 0, 'the points are there');
    t.same(there().sort(), ['fat_mass 11', 'weight 1', 'weight 10', 'weight 11', 'weight 2']);
    await vault.remove([1], 'person:person-1');
    await vault.redate(4, HOUR, 'hub');
    running.wake();
    await passing(clock, () => stateOf(running).lag === 0, 'the changes are there');
    t.same(there().sort(), ['fat_mass 11', 'weight 2', 'weight 70', 'weight 71'], 'one is gone, two are an hour later, the others stand');
    t.same(running.setAside(), []);
    influx.lack('/api/v2/query', 403);
    influx.lack('/api/v2/delete', 404);
    await vault.remove([2], 'person:person-1');
    await vault.commit([row(20)]);
    running.wake();
    await passing(clock, () => stateOf(running).lag === 0, 'the rest goes on');
    t.match(running.setAside(), [
      { reason: /scale-1\/7\/2 was removed here and could not be deleted there .*403.*: delete it there by hand/ },
    ]);
    t.ok(there().includes('weight 20'));
    t.match(await running.test('grafana', home.stop.signal), /took a test point .* but does not delete .*404/);
  },
);

t.test('influx: a wrong token is a person’s to mend, and nothing is lost meanwhile', async (t) => {
  const home = openHome(t);
  const { store, clock } = home;
  await using influx = await startInflux('right');
  await store.vault('person-1').commit([row(1)]);
  const tokenFile = secret(home, 'wrong');
  const running = sync(home, { name: 'grafana', target: 'influx', url: influx.url, org: 'home', bucket: 'health', tokenFile, ...BODY });
  await passing(clock, () => stateOf(running).state === 'refused', 'it is refused');
  t.match(stateOf(running), { lastError: /InfluxDB answered 401: unauthorized access/, lag: 1 });
  t.match(running.operations(1), [{ kind: 'refused', target: 'grafana' }]);
  secret(home, 'right');
  running.retry('grafana');
  await passing(clock, () => stateOf(running).state === 'synced', 'it goes on');
  t.equal(influx.points().length, 1);
});

t.test('webhook: signed, in order, the same id when it is sent again, and one poisoned entry blocks nobody', async (t) => {
  const home = openHome(t);
  const { store, clock } = home;
  const got: { id: string; signature: string; seconds: string; body: string }[] = [];
  const answers = [500];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    got.push({
      id: String(request.headers['webhook-id']),
      signature: String(request.headers['webhook-signature']),
      seconds: String(request.headers['webhook-timestamp']),
      body,
    });
    response.writeHead(answers.shift() ?? (body.includes('66.6') ? 422 : 204)).end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.teardown(() => server.close());
  const key = Buffer.from('a key of some length');
  const running = sync(home, {
    name: 'own',
    target: 'webhook',
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`,
    secretFile: secret(home, `whsec_${key.toString('base64')}`),
    ...BODY,
  });
  const vault = store.vault('person-1');
  await vault.commit(Array.from({ length: 40 }, (_, index) => row(index + 1, index === 16 ? { value: 66.6 } : {})));
  running.wake();
  await passing(clock, () => stateOf(running).lag === 0 && got.length > 3, 'everything went');
  for (const { id, seconds, body, signature } of got)
    t.equal(signature, `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`);
  t.equal(got[0]?.id, got[1]?.id, 'the same delivery after a failure');
  const taken = got
    .filter(({ body }, index) => index > 0 && !body.includes('66.6'))
    .flatMap(({ body }) => (JSON.parse(body) as { data: { events: SyncEvent[] } }).data.events.map(({ seq }) => seq));
  t.same(
    taken,
    Array.from({ length: 40 }, (_, index) => index + 1).filter((seq) => seq !== 17),
    'each once, in order',
  );
  t.match(running.setAside(), [{ seq: 17, reason: /422/ }]);
});

t.test('mqtt: Home Assistant finds each quantity and sees its newest value; removed and erased means gone', async (t) => {
  const home = openHome(t);
  const { store, clock, folder } = home;
  const port = await freePort();
  writeFileSync(`${folder}/mosquitto.conf`, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
  const start = () => startProgram('/usr/sbin/mosquitto', ['-c', `${folder}/mosquitto.conf`], port);
  let broker = await start();
  t.teardown(() => broker.stop());
  const url = `mqtt://127.0.0.1:${port}`;
  const vault = store.vault('person-1');
  await vault.commit([row(1), row(2), row(3, { code: quantities.steps.code, value: 12 })]);
  const running = sync(home, { name: 'home-assistant', target: 'mqtt', url, ...BODY });
  await passing(clock, () => stateOf(running).state === 'synced' && stateOf(running).tries > 0, 'it was told');
  t.match(stateOf(running).says, /no past/, 'it says that it cannot date');

  const topics = new Map<string, string>();
  const watcher = await connectAsync(url);
  watcher.on('message', (topic, payload) => void (payload.length === 0 ? topics.delete(topic) : topics.set(topic, payload.toString())));
  await watcher.subscribeAsync('#', { qos: 1 });
  t.teardown(() => watcher.endAsync(true));
  const config = 'homeassistant/sensor/hearth/person-1_scale-1_weight/config';
  await passing(clock, () => topics.has(config), 'retained');
  t.match(JSON.parse(topics.get(config)!), {
    device_class: 'weight',
    state_class: 'measurement',
    unit_of_measurement: 'kg',
    state_topic: 'hearth/person-1/scale-1/weight',
    availability_topic: 'hearth/status',
    device: { manufacturer: 'Hearth' },
  });
  t.equal(topics.get('hearth/person-1/scale-1/weight'), '70.02', 'the newest, not the first');
  t.match(JSON.parse(topics.get('hearth/person-1/scale-1/weight/attributes')!), { measured_at: new Date(row(2).endUtcMs).toISOString() });
  t.notOk(
    [...topics.keys()].some((topic) => topic.includes('steps')),
    'a category that was not chosen is not there',
  );
  t.equal(topics.get('hearth/status'), 'online');

  await vault.remove([2], 'person:person-1');
  running.wake();
  await passing(clock, () => topics.get('hearth/person-1/scale-1/weight') === '70.01', 'the value before is the newest again');
  await broker.stop();
  await vault.commit([row(4)]);
  running.wake();
  await passing(clock, () => stateOf(running).state === 'down', 'the broker is away');
  broker = await start();
  await passing(clock, () => stateOf(running).state === 'synced', 'and back');
  const later = await connectAsync(url);
  t.teardown(() => later.endAsync(true));
  const seen = new Map<string, string>();
  later.on('message', (topic, payload) => void (payload.length === 0 ? seen.delete(topic) : seen.set(topic, payload.toString())));
  await later.subscribeAsync('#', { qos: 1 });
  await passing(clock, () => seen.get('hearth/person-1/scale-1/weight') === '70.04', 'discovery and value are there again');
  t.ok(seen.has(config));
  // A second one, which a person allows and withdraws by themselves.
  running.add({ name: 'another', target: 'mqtt', url, prefix: 'other' }, undefined);
  t.match(await running.test('another', home.stop.signal), /handed it back/);
  const shows = (what: string): boolean => [...seen.keys()].some((topic) => topic.startsWith('other/person-1') && topic.includes(what));
  const isFound = (what: string): boolean => [...seen.keys()].some((topic) => topic.includes('sensor/other/') && topic.includes(what));
  await vault.commit([row(9, { device: 'ble-a4' })]);
  running.allow('another', 'person-1', ['body', 'activity']);
  await passing(clock, () => shows('steps') && shows('weight') && isFound('steps') && shows('ble-a4'), 'both categories are shown');
  running.allow('another', 'person-1', ['body']);
  await passing(clock, () => !shows('steps') && !isFound('steps'), 'a category that is allowed no more goes, with its discovery');
  t.ok(shows('weight'));
  gone.add('ble-a4');
  running.wake();
  await passing(clock, () => !shows('ble-a4') && !isFound('ble-a4'), 'so does a device that was taken out');
  running.allow('another', 'person-1', []);
  await passing(clock, () => !shows('') && !isFound('person-1'), 'nothing allowed is nothing shown');
  running.allow('another', 'person-1', ['body']);
  await passing(clock, () => shows('weight'), 'and allowed again it is there again');
  t.notOk(shows('ble-a4'));
  running.erase('person-1');
  await passing(clock, () => ![...seen.keys()].some((topic) => topic.includes('person-1')), 'an erased person leaves no topic');
  home.stop.abort(new Error('over'));
  await running.done;
  await passing(clock, () => seen.get('hearth/status') === 'offline', 'it says goodbye');
});

t.test('every quantity has a unit that Home Assistant can show', async (t) => {
  for (const { id, unit } of Object.values(quantities)) t.notMatch(unitOf(unit) ?? '', /[{}[\]]/, id);
});

/** Units that Home Assistant allows for a device class, of those that are used here (its sensor documentation); others are refused there. */
const allowedUnits: Readonly<Record<string, readonly (string | undefined)[]>> = {
  aqi: [undefined],
  atmospheric_pressure: ['hPa', 'kPa', 'mmHg', 'Pa'],
  battery: ['%'],
  carbon_dioxide: ['ppm'],
  conductivity: ['µS/cm', 'mS/cm'],
  current: ['A', 'mA'],
  distance: ['m', 'mm', 'cm', 'km'],
  duration: ['s', 'ms', 'min', 'h', 'd'],
  energy: ['kWh', 'Wh'],
  gas: ['m³'],
  humidity: ['%'],
  illuminance: ['lx'],
  moisture: ['%'],
  pm1: ['µg/m³'],
  pm10: ['µg/m³'],
  pm25: ['µg/m³'],
  power: ['W', 'kW'],
  precipitation: ['mm', 'cm'],
  pressure: ['mmHg', 'kPa', 'hPa', 'Pa'],
  signal_strength: ['dB', 'dBm'],
  sound_pressure: ['dB', 'dBA'],
  speed: ['m/s', 'km/h'],
  temperature: ['°C'],
  voltage: ['V', 'mV'],
  volatile_organic_compounds: ['µg/m³'],
  volatile_organic_compounds_parts: ['ppb', 'ppm'],
  volume_flow_rate: ['m³/h'],
  water: ['L', 'm³'],
  weight: ['kg', 'g'],
};
t.test('what Home Assistant is told of each quantity is what it documents: class with its unit, state class, entity id', async (t) => {
  for (const { id, category } of Object.values(quantities)) {
    const { config, configTopic } = discoveryOf({ subject: 'person-1', device: 'ble:A4~x', quantity: id }, 'hearth');
    const said = JSON.parse(config) as Record<string, string | undefined>;
    const { device_class: deviceClass, unit_of_measurement: unit, state_class: stateClass } = said;
    if (deviceClass !== undefined) t.ok(allowedUnits[deviceClass]?.includes(unit), `${id}: ${deviceClass} in ${unit}`);
    const isMeter = ['energy', 'gas', 'water'].includes(deviceClass ?? '');
    t.equal(stateClass, isMeter ? 'total_increasing' : 'measurement', id);
    t.match(said.default_entity_id, /^sensor\.[a-z0-9]+(_[a-z0-9]+)*$/, id);
    t.equal(said.entity_category === 'diagnostic', category === 'technical', id);
    t.match(configTopic, /^homeassistant\/sensor\/[A-Za-z0-9_-]+\/[A-Za-z0-9_-]+\/config$/, id);
  }
});
