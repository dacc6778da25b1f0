/**
 * What is seen of the promises about products, sleep, regions and availability. What this very hub has is counted; what it does is tried
 * here and now on made-up input, where nothing of it may have happened in this home yet.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type QuantityId, quantities } from '../../../firmware/protocol/quantities.ts';
import { utcMs } from '../../../firmware/protocol/time.ts';
import { type BedReading, createBed } from '../../../firmware/signal/bed.ts';
import { type RecentMinute, trackerMinute } from '../../../firmware/signal/sleep/wake-up.ts';
import { createWeigher } from '../../../firmware/signal/weigh.ts';
import { bodyOf } from '../../derived/body.ts';
import { nightsFrom } from '../../derived/sleep.ts';
import { HOME } from '../../people/subjects.ts';
import { recordOf } from '../../sources/ble/gatt/instruments/record.ts';
import type { StoredMeasurement } from '../../store/vault.ts';
import { AT_HOME, continentIds, type Matter, outOfRegion, regions, residencyOfContinent } from '../../sync/residency.ts';
import { decide, setTimeNow, type WakeUpSetting } from '../../wake-up/alarm.ts';
import type { Checks, Finding, ProveContext } from './check.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const MINUTE_MS = 60_000;
/** Of each vault, the newest: enough to meet every stream of a busy day. */
const MOST_LOOKED = 5000;

const newest = ({ house }: ProveContext): StoredMeasurement[] =>
  house.store.subjects().flatMap((subject) => house.store.vault(subject).latest());
const ofKind = ({ house }: ProveContext, kind: string) => house.devices().filter((device) => device.kind === kind);

function made(quantity: QuantityId, value: number, endMs: number, sequence: number): StoredMeasurement {
  const times = {
    start: utcMs(endMs - MINUTE_MS),
    end: utcMs(endMs),
    timeQuality: 'synced',
    timeDoubt: 'none',
    zoneMin: 0,
    deviceEnd: null,
  } as const;
  return { device: 'made-up', boot: 1, sequence, seq: sequence, subject: HOME, quantity, value, flag: 'ok', ...times };
}

/** Somebody asleep who stirs: the minutes before one. */
const stirring = (ms: number): RecentMinute[] =>
  Array.from({ length: 10 }, (_, index) => trackerMinute(ms / MINUTE_MS - 9 + index, 40, 'asleep'));

/** A step onto a plate with a heart's sway on it: how long until the reading, and how far it is off. */
function tryWeighing(kg: number): { ms: number; offKg: number } | undefined {
  const weigher = createWeigher();
  const ONTO_MS = 2000;
  const EVERY_MS = 12.5;
  for (let atMs = 0; atMs < ONTO_MS + 10_000; atMs += EVERY_MS) {
    const sway = kg * 0.001 * Math.sin((2 * Math.PI * 1.3 * atMs) / 1000);
    const event = weigher.push({ atMs, kg: atMs < ONTO_MS ? 0 : kg + sway });
    if (event?.kind === 'weighed') return { ms: event.atMs - ONTO_MS, offKg: Math.abs(event.kg - kg) };
  }
  return undefined;
}

/** A minute and a half of somebody who lies still on a mat: what is told of their heart and breath, the median of each. */
function tryBed(beatsPerMinute: number, breathsPerMinute: number): { heart: number; breath: number } {
  const RATE_HZ = 80;
  const bed = createBed({ emptyRms: 0.005 });
  const readings: BedReading[] = [];
  for (let at = 0; at < 90 * RATE_HZ; at++) {
    const s = at / RATE_HZ;
    const sinceBeat = s % (60 / beatsPerMinute);
    // A beat rings at 6 Hz and is over within 0.4 s.
    const beat = 0.1 * Math.exp(-(((sinceBeat - 0.25) / 0.08) ** 2)) * Math.cos(2 * Math.PI * 6 * (sinceBeat - 0.25));
    readings.push(...bed.push(s * 1000, 70 + beat + 0.15 * Math.sin((2 * Math.PI * breathsPerMinute * s) / 60)));
  }
  const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
  return {
    heart: median(readings.flatMap(({ heartRate }) => heartRate ?? [])),
    breath: median(readings.flatMap(({ respirationRate }) => respirationRate ?? [])),
  };
}

/** Where each continent's people's data may be, tried against every region there is. */
function tryRegions(matter: Matter): { tried: number; wrong: string[] } {
  let tried = 0;
  const wrong: string[] = [];
  for (const continent of continentIds)
    for (const [region, row] of Object.entries(regions) as [string, { holds: Matter; continent?: string }][]) {
      tried++;
      const isRight = row.holds === matter && (matter === 'records' || row.continent === continent);
      const isAllowed = outOfRegion(matter, residencyOfContinent(continent), region, 'somebody') === undefined;
      if (isRight !== isAllowed) wrong.push(`${continent} in ${region}`);
    }
  return { tried, wrong };
}

const withoutProvenance = (
  { house }: ProveContext,
  wanted: (id: QuantityId) => boolean,
): { values: number; bare: number; algorithms: Set<string> } => {
  const found = { values: 0, bare: 0, algorithms: new Set<string>() };
  for (const subject of house.store.subjects()) {
    const vault = house.store.vault(subject);
    for (const { quantity, seq, device } of vault.latest()) {
      // What a device computed by itself is named by the device.
      if (!wanted(quantity) || !device.includes('~')) continue;
      found.values++;
      const provenance = vault.provenance(seq);
      if (provenance === undefined || provenance.inputs.length === 0) found.bare++;
      else found.algorithms.add(`${provenance.algorithm} ${provenance.version}`);
    }
  }
  return found;
};

export const productChecks: Checks = {
  B10(context) {
    const { house } = context;
    const lastKept = new Map<string, number>();
    for (const subject of house.store.subjects())
      for (const { device, atMs } of house.store.vault(subject).lasts()) lastKept.set(device, Math.max(atMs, lastKept.get(device) ?? 0));
    const devices = house.devices();
    const away = devices.filter(({ connected }) => !connected);
    // Last-seen times are written now and then: a quarter of an hour says nothing.
    const late = away.filter(({ id, lastSeenUtcMs }) => (lastKept.get(id) ?? 0) > (lastSeenUtcMs ?? 0) + 15 * MINUTE_MS);
    return {
      isKept: late.length === 0,
      evidence: `${devices.length} devices, each over its own link; ${away.length} away, of which something came after their link was gone: ${late.length}`,
    };
  },
  async D1(context) {
    const kinds = newest(context);
    const count = (origin: 'raw' | 'processed'): number => kinds.filter(({ quantity }) => quantities[quantity].origin === origin).length;
    const { status, body } = await context.ask('GET', '/');
    const elsewhere = [...body.matchAll(/(?:src|href)="(https?:|\/\/)[^"]*"/g)].length;
    return {
      isKept: status === 200 && elsewhere === 0 && count('raw') > 0,
      evidence: `shown: ${count('raw')} kinds that were read and ${count('processed')} that were computed; the page comes from the hub, from elsewhere: ${elsewhere}`,
    };
  },
  D2({ house }) {
    const setAtMs = Date.UTC(2026, 2, 28, 20);
    let [tried, late] = [0, 0];
    // Over the change of summer time, with and without somebody moving, each time of day.
    for (let minuteOfDay = 0; minuteOfDay < 1440; minuteOfDay += 180)
      for (const isMoving of [true, false]) {
        const setting: WakeUpSetting = { isOn: true, minuteOfDay, days: Array.from({ length: 7 }, () => true), windowMin: 30, setAtMs };
        const setMs = setTimeNow(setting, 'Europe/Paris', setAtMs, undefined)!;
        let morning: ReturnType<typeof decide>;
        for (let ms = setMs - 40 * MINUTE_MS; ms <= setMs + 5 * MINUTE_MS && morning?.rangMs === undefined; ms += MINUTE_MS)
          morning = decide(setting, 'Europe/Paris', ms, morning, () => (isMoving ? stirring(ms) : []));
        tried++;
        if (morning?.rangMs === undefined || morning.rangMs > setMs || isMoving === (morning.rangMs === setMs)) late++;
      }
    const mornings = house.people.accounts.list().flatMap(({ id }) => house.wakeUp?.of(id).morning ?? []);
    const lateHere = mornings.filter(({ rangMs, setMs }) => rangMs !== undefined && rangMs > setMs + MINUTE_MS).length;
    return {
      isKept: house.wakeUp !== undefined && late === 0 && lateHere === 0,
      evidence: `${house.wakeUp === undefined ? 'no wake-up runs' : 'decided on the hub'}; tried on ${tried} made-up mornings over a change of summer time, late: ${late}; mornings here: ${mornings.length}, late: ${lateHere}`,
    };
  },
  D3(context) {
    const NIGHT_MIN = 7 * 60;
    const counts = Array.from({ length: 180 + NIGHT_MIN + 180 }, (_, minute) =>
      minute >= 180 && minute < 180 + NIGHT_MIN ? (minute % 20 === 0 ? 60 : 0) : 800,
    );
    const nights = nightsFrom(counts.map((count, minute) => made('activity_counts', count, (minute + 1) * MINUTE_MS, minute + 1)));
    const asleep = nights[0]?.derived.find(({ quantity }) => quantity === 'sleep_duration');
    const here = withoutProvenance(context, (id) => id.startsWith('sleep_'));
    const offMin = asleep === undefined ? Number.POSITIVE_INFINITY : Math.abs(asleep.value / 60 - NIGHT_MIN);
    return {
      isKept: offMin <= 30 && here.bare === 0,
      evidence: `${asleep?.algorithm} (published), version ${asleep?.version}: a made-up night of ${NIGHT_MIN} min is off by ${Math.round(offMin)}; values of sleep here: ${here.values}, without method and inputs: ${here.bare}`,
    };
  },
  F2(context) {
    const { tried, wrong } = tryRegions('records');
    return residence(context, tried, wrong);
  },
  F3({ house }) {
    const { tried, wrong } = tryRegions('video');
    const { region } = house.camera();
    return {
      isKept: wrong.length === 0 && (region === '' || region === AT_HOME || Object.hasOwn(regions, region)),
      evidence: `${tried} pairs of continent and region tried, wrongly allowed or refused: ${wrong.join(', ') || 'none'}; the picture goes through: ${region || 'nothing'}`,
    };
  },
  G2({ house, address }) {
    const files = readdirSync(`${house.data}/vaults`).filter((name) => name.endsWith('.db'));
    const open = files.filter(
      (name) => readFileSync(`${house.data}/vaults/${name}`).subarray(0, 15).toString('latin1') === 'SQLite format 3',
    );
    const bareKeys = readdirSync(`${house.data}/keys`).filter(
      (name) => name.endsWith('.key') && (statSync(`${house.data}/keys/${name}`).mode & 0o077) !== 0,
    );
    const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')) as {
      packages: Record<string, { integrity?: string; link?: boolean }>;
    };
    const named = Object.entries(packages).filter(([path, { link }]) => path !== '' && link !== true);
    const loose = named.filter(([, { integrity }]) => integrity === undefined).length;
    const unit = readFileSync(`${root}hardware/pi/hearth.service`, 'utf8');
    const missing = ['NoNewPrivileges=yes', 'ProtectSystem=strict', 'CapabilityBoundingSet=', 'RestrictAddressFamilies='].filter(
      (line) => !unit.includes(line),
    );
    const isLoopback = address === '127.0.0.1' || address === '::1';
    return {
      isKept: open.length === 0 && bareKeys.length === 0 && loose === 0 && missing.length === 0 && isLoopback,
      evidence: `${files.length} vaults, open on the disk: ${open.length}; keys that others of the machine read: ${bareKeys.length}; ${named.length} packages, without a checksum in the lock file: ${loose}; service without: ${missing.join(', ') || 'nothing'}; ${isLoopback ? 'the page leaves this machine to nobody' : `the page goes over the home network from ${address} without TLS`}`,
    };
  },
  async G3({ house, ask }) {
    const { status } = await ask('GET', '/healthz');
    const trouble = [house.storeTrouble(), ...(house.keeping?.().troubles ?? [])].filter((text) => text !== '');
    const unit = readFileSync(`${root}hardware/pi/hearth.service`, 'utf8');
    const isRestarted = unit.includes('Restart=always');
    return {
      isKept: status === 200 && trouble.length === 0 && isRestarted,
      evidence: `up for ${Math.round((house.now() - house.startedUtcMs) / MINUTE_MS)} min, healthz: ${status}; troubles of the data: ${trouble.join('; ') || 'none'}; parts run as programs of their own that come back; the service is restarted for ever: ${isRestarted ? 'yes' : 'no'}`,
    };
  },
  H1(context) {
    const tries = [5, 20, 60, 100, 140, 180].map((kg) => ({ kg, found: tryWeighing(kg) }));
    const slowest = Math.max(...tries.map(({ found }) => found?.ms ?? Number.POSITIVE_INFINITY));
    const worstKg = Math.max(...tries.map(({ found }) => found?.offKg ?? Number.POSITIVE_INFINITY));
    const scales = ofKind(context, 'scale').length;
    const weights = newest(context).filter(({ quantity }) => quantity === 'weight').length;
    return {
      isKept: slowest <= 3000 && worstKg <= 0.1,
      evidence: `${tries.length} made-up people of 5 to 180 kg: weighed after ${Math.round(slowest) / 1000} s at most, off by ${Math.round(worstKg * 1000)} g at most; ${scales} scales here, ${weights} of them and other devices gave a weight`,
    };
  },
  H2(context) {
    const today = { year: 2026, month: 1, day: 1 };
    const weighIn = new Map([made('weight', 72, 1e12, 1), made('impedance', 500, 1e12, 2)].map((row) => [row.quantity, row]));
    const derived = bodyOf(weighIn, { heightM: 1.75, sex: 'female', birthDate: '1980-05-01' }, today);
    const unnamed = derived.filter(({ algorithm, version }) => algorithm === '' || version === '');
    const here = withoutProvenance(context, (id) => quantities[id].category === 'body');
    const air = newest(context).filter(({ quantity }) => quantity === 'co2' || quantity === 'temperature');
    return {
      isKept: derived.some(({ quantity }) => quantity === 'fat_ratio') && unnamed.length === 0 && here.bare === 0,
      evidence: `a made-up weigh-in gives ${derived.length} values by ${[...new Set(derived.map(({ algorithm, version }) => `${algorithm} ${version}`))].join(', ')}; of computed values here without formula and inputs: ${here.bare} of ${here.values}; CO2 and temperature from ${air.length} streams`,
    };
  },
  H3(context) {
    const said = /`steps\.ts`.*?([\d.]+ %)/.exec(readFileSync(`${root}firmware/signal/README.md`, 'utf8'))?.[1];
    const steps = newest(context).filter(({ quantity }) => quantity === 'steps');
    return {
      isKept: said !== undefined && (steps.length > 0 || ofKind(context, 'tracker').length > 0),
      evidence: `stated error: ${said ?? 'none'} on a public data set; ${ofKind(context, 'tracker').length} trackers here, steps from ${steps.length}`,
    };
  },
  H4(context) {
    const beds = ofKind(context, 'bed');
    const heart = newest(context).filter(
      ({ quantity, device }) => quantity === 'heart_rate' && beds.some(({ id }) => device.startsWith(id)),
    );
    const [BEATS, BREATHS] = [60, 15];
    const tried = tryBed(BEATS, BREATHS);
    return {
      isKept: context.house.wakeUp !== undefined && Math.abs(tried.heart - BEATS) <= 3 && Math.abs(tried.breath - BREATHS) <= 2,
      evidence: `a made-up sleeper of ${BEATS} beats and ${BREATHS} breaths a minute is told as ${Math.round(tried.heart)} and ${Math.round(tried.breath)}; ${beds.length} bed sensors here, heart rate from ${heart.length}; waking is decided on the hub, and rings on the page and on a board's buzzer`,
    };
  },
  H5(context) {
    const { state, width, height, off } = context.house.camera();
    const air = newest(context).filter(({ quantity }) => ['voc_index', 'tvoc', 'co2', 'pm2_5', 'nox_index'].includes(quantity));
    return {
      isKept: (state === 'live' || state === 'private') && air.length > 0,
      evidence: `the camera is ${state}${state === 'live' ? `, ${width} by ${height}` : ''}${off === undefined ? '' : `, switched off by ${off.by}`}; gases and dust from ${air.length} streams`,
    };
  },
  H6(context) {
    // Blood Pressure Measurement (0x2A35): flags user id, 120/80/93 mmHg.
    const ofUser = (user: number) => recordOf('2a35', Uint8Array.of(0x08, 120, 0, 80, 0, 93, 0, user));
    const [first, second] = [ofUser(0), ofUser(1)];
    const values = (record: typeof first): string =>
      record?.values.map(({ quantity, value }) => `${quantity} ${Math.round(value)}`).join(', ') ?? 'nothing';
    const here = newest(context).filter(({ quantity }) => quantity === 'systolic').length;
    return {
      isKept: first !== undefined && second !== undefined && first.userSlot !== second.userSlot,
      evidence: `a made-up reading of each user: ${values(first)}; users told apart: ${first?.userSlot} and ${second?.userSlot}; monitors that gave one here: ${here}`,
    };
  },
  H7({ house }) {
    let [rows, doubled] = [0, 0];
    for (const subject of house.store.subjects()) {
      const vault = house.store.vault(subject);
      const seen = new Set<string>();
      for (const { device, boot, sequence } of vault.log(Math.max(0, vault.head() - MOST_LOOKED), MOST_LOOKED)) {
        rows++;
        const id = `${device}/${boot}/${sequence}`;
        if (seen.has(id)) doubled++;
        seen.add(id);
      }
    }
    const targets = house.sync?.()?.state() ?? [];
    const behind = targets.reduce((sum, { lag }) => sum + lag, 0);
    const aside = targets.reduce((sum, { setAside }) => sum + setAside, 0);
    return {
      isKept: doubled === 0,
      evidence: `${rows} newest measurements by (device, boot, sequence), twice: ${doubled}; ${targets.length} targets, ${behind} entries wait in the log for them, set aside with a reason: ${aside}`,
    };
  },
  H8({ routes }) {
    const intake = routes.filter(({ route }) => /^post \/api\/v1\/(partner\/measurements|imports\/\{id\}\/run|measurements)$/.test(route));
    return {
      isKept: intake.some(({ route }) => route.includes('partner')),
      evidence: `a phone gives what it has over the home network by ${intake.map(({ route }) => route).join(', ')}; what is known already changes nothing`,
    };
  },
};

function residence({ house }: ProveContext, tried: number, wrong: readonly string[]): Finding {
  const targets = house.sync?.()?.state() ?? [];
  const away = targets.filter(({ region }) => region !== AT_HOME);
  // A target out of everybody's region has nothing to show that was sent.
  const astray = away.filter(
    ({ region, sentEntries }) =>
      sentEntries > 0 && !(region in regions && (regions as Record<string, { holds: Matter }>)[region]?.holds === 'records'),
  );
  return {
    isKept: wrong.length === 0 && astray.length === 0,
    evidence: `${tried} pairs of continent and region tried, wrongly allowed or refused: ${wrong.join(', ') || 'none'}; ${targets.length} targets, ${away.length} outside the home, something sent out of region: ${astray.length}`,
  };
}
