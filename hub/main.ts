/**
 * The hub: `npm start`. The composition root, the only file that knows every part: reads the configuration, opens the store, brings
 * up rig, edge, video and web server, and stops them in order.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { quantities, quantityOfCode } from '../firmware/protocol/quantities.ts';
import { SettingsError } from '../firmware/settings.ts';
import { watchedBySystemd } from '../firmware/watchdog.ts';
import { noteCorrections, openCorrections } from './derived/corrections.ts';
import { openDerivation } from './derived/derive.ts';
import { withProvenance } from './derived/weighed.ts';
import type { House, HouseEvent } from './house.ts';
import { ConfigError, readConfig } from './ops/config.ts';
import { mayKeep } from './ops/disk.ts';
import { type EdgeProgram, startEdgeProgram } from './ops/edge-program.ts';
import { secretIn } from './ops/files.ts';
import { openKeeping } from './ops/keeping.ts';
import { noteRadio } from './ops/radio-gaps.ts';
import { openRawCaptures } from './ops/raw-capture.ts';
import { Refusal } from './ops/refusal.ts';
import { settleMemory } from './ops/settle.ts';
import { announceHub, runningHub } from './ops/single.ts';
import { type HomeVideo, startHomeVideo } from './ops/video-program.ts';
import { hotspotOf, openWifi } from './ops/wifi/wifi.ts';
import { openPeople } from './people/people.ts';
import { openResidencies } from './people/residencies.ts';
import { profileOn } from './people/scale-profile.ts';
import { HOME } from './people/subjects.ts';
import type { Chores } from './rights/chores.ts';
import { copyPlaces } from './rights/copies/places.ts';
import { startDaily } from './rights/daily.ts';
import { type Bluetooth, startBluetooth } from './sources/ble/bluetooth.ts';
import { OWN_ADAPTER } from './sources/ble/radio/radios.ts';
import { isRemoved } from './sources/ble/removed.ts';
import { openCalibrations } from './sources/calibrations.ts';
import { cameraNames, findCamera, pluggedIn } from './sources/camera.ts';
import { detectHardware } from './sources/detect.ts';
import { openDevices } from './sources/devices.ts';
import { chooseRig, type Rig, type RigEvents, startRig } from './sources/rig.ts';
import type { StoredMeasurement } from './store/vault.ts';
import { EMBEDDED, type Sync, startSync } from './sync/sync.ts';
import type { CameraState } from './video/camera-state.ts';
import { openClips } from './video/clips.ts';
import { startWakeUp } from './wake-up/wake-up.ts';
import { createHotspotDoor } from './web/hotspot-door.ts';
import { createWebServer } from './web/server.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string };
const say = (text: string): void => console.log(text);
const OFF: CameraState = { state: 'off', fps: 0, width: 0, height: 0, message: '', name: '', region: '' };
/** Name of the radio among the links. */
const BLUETOOTH = 'bluetooth';
/** Pages that listen for events; the web server allows fewer. */
const MOST_LISTENERS = 200;

try {
  await main();
} catch (error) {
  // What a person can mend is said in a sentence; anything else is a defect and shows where.
  const isTheirs = error instanceof ConfigError || error instanceof SettingsError || error instanceof Refusal;
  console.error(isTheirs ? error.message : error);
  process.exit(1);
}

async function main(): Promise<void> {
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
  const listeners = new Set<(event: HouseEvent) => void>();
  const tell = (event: HouseEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const devices = openDevices(`${data}/devices.json`, clock, (device) => tell({ type: 'device', device }));
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
    formulaOf: (device) => bluetooth?.formulaOf(device),
    failed: console.error,
  });
  const channels = new Map<string, { link: string; channel: number }>();
  let storeTrouble = '';
  let rig: Rig | undefined;
  let edge: EdgeProgram | undefined;
  let sync: Sync | undefined;
  let bluetooth: Bluetooth | undefined;
  let video: HomeVideo | undefined;
  let daily: Chores | undefined;

  const command: House['command'] = (device, command) => {
    const at = channels.get(device);
    return at !== undefined && (rig?.command(at.link, at.channel, command) ?? false);
  };
  const corrections = openCorrections(config.corrections, clock.monotonic);
  await noteCorrections(store, config.corrections).catch((error: unknown) => console.error(error));
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

  const kept = (stored: readonly StoredMeasurement[]): void => {
    for (const measurement of stored) tell({ type: 'measurement', measurement });
    if (stored.length > 0) sync?.wake();
  };

  // What a kill left undone.
  void derivation.catchUp(clock.utc()).then(kept);

  const events: RigEvents = {
    link: (link) => ({
      hello(channel, hello) {
        channels.set(hello.device, { link, channel });
        keeping.back(hello.device);
        devices.met(hello);
        captures.met(hello.device);
      },
      async commit(device, boot, readings) {
        devices.seen(device);
        try {
          const rows = withProvenance(corrections.of(readings.map((reading) => keeping.stamp(device, boot, reading))));
          const stored = await people.attribution.keep(device, boot, rows);
          keeping.took(device, boot, readings, link === BLUETOOTH ? 'heard' : 'own');
          calibrations.heard(device, readings);
          storeTrouble = '';
          kept(stored);
          kept(await derivation.of(stored, rows));
        } catch (error) {
          storeTrouble = error instanceof Error ? error.message : String(error);
          throw error;
        }
      },
      live(device, readings) {
        devices.seen(device);
        for (const { code, value: said, endUtcMs } of readings) {
          const value = corrections.live(device, code, said);
          const quantity = quantityOfCode(code)?.id;
          const subject = people.attribution.subjectNow(device, code);
          if (quantity !== undefined && value !== undefined)
            tell({ type: 'live', device, quantity, value, at: new Date(endUtcMs).toISOString(), subject });
        }
      },
      samples: captures.take,
      status: (device, status) => devices.status(device, status),
      calibration: (device, calibration) => calibrations.stated(device, calibration),
      fault: () => undefined,
      refused: (device, error) => console.error(`measurements of ${device} wait there: ${error instanceof Error ? error.message : error}`),
    }),
    linkState(link, state) {
      if (state.kind === 'open') return;
      for (const [device, at] of channels) {
        if (at.link !== link) continue;
        devices.away(device, state.message);
        keeping.away(device, 'away');
      }
      if (state.reason === 'permission' || state.reason === 'busy') console.error(state.message);
    },
    ended: (name, reason, waitMs) => console.error(`${name} ended (${reason}); it starts again in ${waitMs / 1000} s`),
  };

  const door = createHotspotDoor(say);
  const wifi = openWifi({ clock, signal, hotspot: config.setUpHotspot ? hotspotOf(data) : undefined, onHotspot: door.onHotspot });
  const house: House = {
    version,
    startedUtcMs,
    data,
    store,
    people,
    allowsRemote: config.remote,
    cliToken: secretIn(`${data}/cli.token`),
    devices: devices.list,
    command,
    calibrations,
    corrections: corrections.list,
    wakeUp,
    edge() {
      const own = sync?.state().find(({ name }) => name === EMBEDDED);
      if (edge === undefined || own === undefined) return { state: 'off', lag: 0, lastError: '', url: '' };
      const { lag, lastError } = own;
      return { state: !edge.isRunning() || lastError !== '' ? 'down' : lag > 0 ? 'behind' : 'synced', lag, lastError, url: edge.url };
    },
    camera: () => video?.state() ?? OFF,
    video: () => video,
    clips,
    wifi,
    bluetooth: () => bluetooth,
    whep: () => (edge === undefined ? undefined : { url: edge.url, token: edge.token }),
    kept(stored) {
      kept(stored);
      // What was just given to a person has not been computed from yet.
      void derivation.of(stored, []).then(kept);
    },
    listen(onEvent) {
      if (listeners.size < MOST_LISTENERS) listeners.add(onEvent);
      return () => listeners.delete(onEvent);
    },
    storeTrouble: () => storeTrouble,
    keeping: () => ({
      troubles: [
        ...keeping.upkeep.troubles(),
        ...(daily?.troubles() ?? []),
        ...(people.policy.trouble === '' ? [] : [people.policy.trouble]),
      ],
      freeBytes: keeping.upkeep.disk.freeBytes,
      isTimeKnown: clock.isKnown,
      timeSource: clock.source,
    }),
    sync: () => sync,
    copyPlaces: () => copyPlaces(config.copies),
    statisticsUrl: config.statistics,
    now: clock.utc,
  };

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
    await Promise.all([wifi.done, rig?.done, edge?.done, sync?.done, video?.done, bluetooth?.done, daily?.done, wakeUp.done]);
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

  const found = config.rig === undefined ? await detectHardware(clock) : [];
  for (const one of found)
    say(one.kind === 'unknown' ? one.message : `Found ${one.kind === 'firmata' ? 'a Firmata board' : 'a device'} at ${one.path}`);
  const virtualOptions = [
    ...(config.motion === undefined ? [] : ['--motion', config.motion]),
    ...(config.person === undefined ? [] : ['--person', config.person]),
    ...(config.weight === undefined ? [] : ['--weight', String(config.weight)]),
  ];
  rig = startRig({
    root,
    ...chooseRig(found, config.rig, root),
    runFolder: `${data}/run`,
    stateFolder: `${data}/state`,
    virtualOptions,
    events,
    clock,
    signal,
  });
  if (rig.isVirtual && found.every(({ kind }) => kind === 'unknown'))
    say('No hardware found: a virtual rig stands in (a person on a scale, a walk, a room).');
  say(`Rig: ${rig.name}`);

  if (config.bluetooth) {
    const heard = events.link(BLUETOOTH);
    bluetooth = startBluetooth({
      root,
      data,
      controllers: config.hci ?? [rig.isVirtual ? `${data}/run/hci` : OWN_ADAPTER],
      isPassive: config.bluetoothPassive,
      events: {
        met: (hello) => heard.hello(0, hello),
        commit: heard.commit,
        live: heard.live,
        trouble: (device, message) => heard.status(device, { state: message === '' ? 'running' : 'fault', message }),
      },
      profile: (device) => profileOn({ people, store }, device, clock.utc()),
      zoneMinutes: (atUtcMs) => (clock.isKnown ? (clock.zoneMin(atUtcMs) ?? undefined) : undefined),
      keptTimes: (device, quantity, fromMs, toMs) =>
        [...store.vault('home').range({ device, quantity, fromMs, toMs })].map(({ end }) => end),
      store,
      ownerOf: people.attribution.ownerOf,
      onChange() {
        noteRadio(keeping, bluetooth);
        sync?.wake();
        tell({ type: 'bluetooth' });
      },
      log: (text) => console.error(text),
      clock,
      signal,
    });
  }

  if (config.edge) {
    const onEnd = (reason: string, waitMs: number): void => console.error(`edge ended (${reason}); it starts again in ${waitMs / 1000} s`);
    edge = await startEdgeProgram({ root, data, region: 'home', onEnd, clock, signal });
    if (config.camera !== false) {
      const named = config.camera === true ? undefined : config.camera;
      const camera = findCamera(named);
      if (camera === undefined) throw new Refusal(`the camera '${named}' is not known: choose one of ${cameraNames.join(', ')}`);
      say(`Camera: ${camera.name}${camera.kind === 'test' && named === undefined ? ' (no camera found)' : ''}`);
      const onChange = (state: CameraState): void => tell({ type: 'video', camera: state });
      const at = { url: edge.url, token: edge.token, region: 'home' };
      const { videoOutOf: outOfRegion, refused } = residencies;
      const onRefused = (why: string): void => refused(HOME, 'camera', why);
      const sessions = people.viewSessions;
      // What a person named stays, whatever is plugged in.
      const changed = named === undefined ? pluggedIn : (): undefined => undefined;
      const isSealed = config.sealVideo ?? at.region !== 'home';
      video = startHomeVideo({
        root,
        data,
        camera,
        edge: at,
        outOfRegion,
        onRefused,
        sessions,
        isSealed,
        clips,
        changed,
        onChange,
        clock,
        signal,
      });
      if (video.state().state === 'private') say('The camera is switched off and stays off until somebody switches it on.');
    }
  }
  sync = startSync({
    source: store,
    folder: `${data}/sync`,
    targets: config.sync,
    embedded: edge,
    residencyOf: residencies.of,
    onOutOfRegion: residencies.refused,
    maySend: people.objections.maySend,
    isGone: (device) => isRemoved(bluetooth, device),
    clock,
    signal,
    random: Math.random,
  });
  daily = startDaily({ house, clock, isTimeKnown: () => clock.isKnown, failed: console.error, signal });
}

async function listen(web: Awaited<ReturnType<typeof createWebServer>>, host: string, port: number): Promise<number> {
  try {
    await web.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'EADDRINUSE')
      throw new Refusal(`port ${port} is taken by another program: stop it, or choose another with 'npm start -- --port ${port + 1}'`);
    if (code === 'EACCES')
      throw new Refusal(`port ${port} needs rights that you do not have: choose one above 1023 with 'npm start -- --port 8080'`);
    throw error;
  }
  const address = web.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
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
