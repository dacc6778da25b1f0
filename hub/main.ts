/**
 * The hub: `npm start`. The composition root, the only file that knows every part: reads the configuration, opens the store, brings
 * up rig, edge, video and web server, and stops them in order. Parts that need many others are put together in `start/`.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { quantities } from '../firmware/protocol/quantities.ts';
import { SettingsError } from '../firmware/settings.ts';
import { watchedBySystemd } from '../firmware/watchdog.ts';
import { openCorrectionBook } from './derived/correction-book.ts';
import { openDerivation } from './derived/derive.ts';
import { ConfigError, readConfig } from './ops/config.ts';
import { mayKeep } from './ops/disk.ts';
import { startEdgeProgram } from './ops/edge-program.ts';
import { openKeeping } from './ops/keeping.ts';
import { openRawCaptures } from './ops/raw-capture.ts';
import { Refusal } from './ops/refusal.ts';
import { keepHeapSettings, settleMemory } from './ops/settle.ts';
import { announceHub, runningHub } from './ops/single.ts';
import { hotspotOf, openWifi } from './ops/wifi/wifi.ts';
import { openPeople } from './people/people.ts';
import { openResidencies } from './people/residencies.ts';
import { startDaily } from './rights/daily.ts';
import { isRemoved } from './sources/ble/removed.ts';
import { openCalibrations } from './sources/calibrations.ts';
import { openDevices } from './sources/devices.ts';
import { openArrivals } from './start/arrivals.ts';
import { startOwnBluetooth } from './start/bluetooth.ts';
import { startOwnCamera } from './start/camera.ts';
import { openChannels } from './start/channels.ts';
import { houseOf } from './start/house.ts';
import { ended, type Later } from './start/later.ts';
import { openListeners } from './start/listeners.ts';
import { startOwnRig } from './start/rig.ts';
import { startSync } from './sync/sync.ts';
import { openClips } from './video/clips.ts';
import { openShutter } from './video/shutter.ts';
import { startWakeUp } from './wake-up/wake-up.ts';
import { createHotspotDoor } from './web/hotspot-door.ts';
import { listen } from './web/listen.ts';
import { createWebServer } from './web/server.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string };
const say = (text: string): void => console.log(text);

try {
  await main();
} catch (error) {
  // What a person can mend is said in a sentence; anything else is a defect and shows where.
  const isTheirs = error instanceof ConfigError || error instanceof SettingsError || error instanceof Refusal;
  console.error(isTheirs ? error.message : error);
  process.exit(1);
}

async function main(): Promise<void> {
  keepHeapSettings(process.env);
  const config = readConfig(process.argv.slice(2), process.env, version, root);
  const { data } = config;
  makeFolder(data);
  const other = runningHub(data);
  if (other !== undefined) throw new Refusal(`Hearth runs already on ${data}: open ${other.url} or stop process ${other.pid} first`);

  const stop = new AbortController();
  const { signal } = stop;
  const keeping = await openKeeping({ data, zone: config.zone, say, signal, mostRawBytes: config.capture.mostBytes });
  const { clock, store } = keeping;
  const startedUtcMs = clock.utc();
  const later: Later = {};
  const listeners = openListeners();
  const { tell } = listeners;
  const channels = openChannels(later);
  const { command } = channels;
  const devices = openDevices(`${data}/devices.json`, clock, (device) => {
    tell({ type: 'device', device });
    if (device.kind === 'shutter') later.video?.shutterChanged();
  });
  const people = openPeople({ data, store, zone: config.zone, now: clock.utc });
  const residencies = openResidencies(people, config.continent);
  const clips = openClips({
    data,
    store,
    isObjected: () => people.accounts.list().some(({ id }) => people.objections.since(id, 'clips') !== undefined),
    hasRoom: () => mayKeep('video', keeping.upkeep.disk),
    now: clock.utc,
  });
  keeping.freeable.unshift({ use: 'video', dropOldest: clips.dropOldest });
  const derivation = openDerivation({
    store,
    identities: people.identities,
    zone: config.zone,
    mayMake: people.objections.mayMake,
    formulaOf: (device) => later.bluetooth?.formulaOf(device),
    failed: console.error,
  });
  const corrections = await openCorrectionBook({
    file: `${data}/corrections.json`,
    fixed: config.corrections,
    store,
    now: clock.monotonic,
    failed: console.error,
  });
  const calibrations = openCalibrations({ store, command, now: clock.utc, failed: console.error });

  const wakeUp = startWakeUp({
    settings: people.wakeUps,
    store,
    zone: config.zone,
    clock,
    ring(isOn) {
      for (const { id, kind } of devices.list()) if (kind === 'alarm') command(id, { name: 'alarm', isOn });
    },
    onChange: (subject) => tell({ type: 'wake-up', subject }),
    failed: console.error,
    signal,
  });
  const captures = openRawCaptures({
    devices: config.capture.devices,
    keeping,
    subjectOf: (device) => people.attribution.subjectNow(device, quantities.weight.code),
    command,
    failed: console.error,
  });
  const arrivals = openArrivals({ keeping, people, devices, channels, corrections, calibrations, captures, derivation, later, tell });
  const { events } = arrivals;

  // What a kill left undone.
  void derivation.catchUp(clock.utc()).then(arrivals.kept);
  people.attribution.giveDecoded().catch((error: unknown) => console.error(error));

  const door = createHotspotDoor(say);
  const wifi = openWifi({ clock, signal, hotspot: config.setUpHotspot ? hotspotOf(data) : undefined, onHotspot: door.onHotspot });
  const house = houseOf({
    version,
    startedUtcMs,
    config,
    keeping,
    people,
    devices,
    channels,
    corrections,
    calibrations,
    derivation,
    wakeUp,
    clips,
    wifi,
    arrivals,
    listeners,
    later,
  });

  const web = await createWebServer(house);
  // Nothing listens to the home until somebody owns the hub.
  const host = people.accounts.isClaimed ? config.host : '127.0.0.1';
  const port = await listen(web, host, config.port);
  door.serve(web, port);
  const url = `http://localhost:${port}`;
  const retract = announceHub(data, { pid: process.pid, port, version, url });

  const shutDown = async (): Promise<void> => {
    if (signal.aborted) return;
    stop.abort(new Error('the hub is stopping'));
    retract();
    await web.close();
    await Promise.all([wifi.done, ended(later), wakeUp.done]);
    devices.save();
    keeping.close();
    people[Symbol.dispose]();
    process.exit(0);
  };
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => void shutDown());

  void watchedBySystemd(process.env, { clock, failed: console.error, signal });

  // First of all the page: what follows takes its time, above all on a small machine, and the page shows it coming up.
  say(`\nOpen ${url}\n`);
  void settleMemory(clock, signal);

  const rig = await startOwnRig({ root, config, events, say, clock, signal });
  later.rig = rig;
  if (config.bluetooth)
    later.bluetooth = startOwnBluetooth({ root, config, keeping, people, events, isVirtual: rig.isVirtual, later, tell, signal });
  if (config.edge) {
    const onEnd = (reason: string, waitMs: number): void => console.error(`edge ended (${reason}); it starts again in ${waitMs / 1000} s`);
    const edge = await startEdgeProgram({ root, data, region: 'home', onEnd, clock, signal });
    later.edge = edge;
  }
  const shutter = openShutter({ devices: devices.list, command, clock, signal });
  const video = startOwnCamera({ root, config, edge: later.edge, people, residencies, clips, shutter, tell, say, clock, signal });
  if (video !== undefined) later.video = video;
  later.sync = startSync({
    source: store,
    folder: `${data}/sync`,
    targets: config.sync,
    embedded: later.edge,
    residencyOf: residencies.of,
    onOutOfRegion: residencies.refused,
    maySend: people.objections.maySend,
    isGone: (device) => isRemoved(later.bluetooth, device),
    clock,
    signal,
    random: Math.random,
  });
  later.daily = startDaily({ house, clock, isTimeKnown: () => clock.isKnown, failed: console.error, signal });
}

function makeFolder(data: string): void {
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new Refusal(
      `the data folder ${data} cannot be made (${error instanceof Error ? error.message : error}): choose another with --data`,
    );
  }
}
