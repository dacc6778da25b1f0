/**
 * The words in which other projects' recorded cases say what a broadcast means, in ours.
 * A word is a quantity (of ours, with its conversion), an event, or set aside with the reason; a word that is not here fails its case.
 */
import type { QuantityId } from '../../../../../firmware/protocol/quantities.ts';
import type { BleEvent, BleValue, DecodedAdvertisement } from '../../../../../hub/sources/ble/advertisement.ts';

type Word =
  | { readonly quantities: readonly QuantityId[]; readonly convert?: (expected: number) => number; readonly channel?: number }
  | { readonly event: string }
  | { readonly aside: string };

const MILLI = 1 / 1000;
const DEVICE_ONLY = 'says what the device is, no reading';
const COMPUTED = 'computed from other values by the peer';
const UNIT_UNKNOWN = 'unit not documented: left out';

const q = (...quantities: QuantityId[]): Word => ({ quantities });
const scaled = (factor: number, ...quantities: QuantityId[]): Word => ({ quantities, convert: (expected) => expected * factor });
const aside = (reason: string): Word => ({ aside: reason });
const ev = (event: string): Word => ({ event });

const temperature = q('temperature', 'body_temperature', 'chip_temperature');
const words: Readonly<Record<string, Word>> = {
  temperature,
  tempc: temperature,
  'temperature calibrated': q('temperature'),
  tempc2_dp: q('dew_point'),
  humidity: q('humidity'),
  hum: q('humidity'),
  battery: q('battery'),
  batt: q('battery'),
  voltage: q('battery_voltage', 'voltage'),
  volt: q('battery_voltage', 'voltage'),
  illuminance: q('illuminance'),
  lux: q('illuminance'),
  luminosity: q('illuminance'),
  moisture: q('soil_moisture'),
  moi: q('soil_moisture'),
  conductivity: q('soil_conductivity'),
  fer: q('soil_conductivity'),
  pressure: q('pressure', 'tyre_pressure'),
  pres: q('pressure', 'tyre_pressure'),
  co2: q('co2'),
  carbon_dioxide: q('co2'),
  tvoc: q('tvoc', 'tvoc_mass'),
  voc: q('voc_index', 'tvoc'),
  nox: q('nox_index'),
  volatile_organic_compounds: q('tvoc_mass'),
  'pm2.5': q('pm2_5'),
  pm25: q('pm2_5'),
  pm_2_5: q('pm2_5'),
  pm_1: q('pm1'),
  pm_4: q('pm4'),
  pm_10: q('pm10'),
  pm1: q('pm1'),
  pm4: q('pm4'),
  pm10: q('pm10'),
  formaldehyde: scaled(1000, 'formaldehyde_mass'),
  for: scaled(1000, 'formaldehyde_mass'),
  hcho: q('formaldehyde'),
  dewpoint: q('dew_point'),
  dew_point: q('dew_point'),
  aqi: q('air_quality_rating'),
  energy: q('energy'),
  power: q('power'),
  current: q('current'),
  weight: q('weight', 'object_mass'),
  mass: q('weight', 'object_mass'),
  'non-stabilized weight': q('weight', 'object_mass'),
  mass_non_stabilized: q('weight', 'object_mass'),
  impedance: q('impedance', 'impedance_high'),
  impedance_low: q('impedance', 'impedance_high'),
  impedance_high: q('impedance', 'impedance_high'),
  heart_rate: q('heart_rate'),
  'heart rate': q('heart_rate'),
  pulse: q('heart_rate'),
  bpm: q('heart_rate'),
  act_bpm: q('heart_rate'),
  steps: q('steps'),
  count: q('count'),
  counter: q('count'),
  score: q('brushing_score'),
  consumable: q('consumable'),
  rotation: q('angle'),
  rot: q('angle'),
  direction: q('angle'),
  distance: q('object_distance'),
  duration: q('duration', 'brushing_time'),
  seconds: q('duration'),
  duration_cleared: scaled(60, 'duration'),
  duration_detected: scaled(60, 'duration'),
  pressure_present_duration: q('duration'),
  pressure_not_present_duration: q('duration'),
  'pressure present duration': q('duration'),
  'pressure not present duration': q('duration'),
  'motion time': scaled(60, 'duration'),
  speed: q('speed'),
  uv_index: q('uv_index'),
  volume: q('volume'),
  volume_storage: q('volume'),
  'volume storage': q('volume'),
  volume_flow_rate: q('volume_flow'),
  water: q('water_volume'),
  litres: q('water_volume'),
  gas: q('gas_volume'),
  gyroscope: q('angular_rate'),
  precipitation: q('precipitation'),
  rotational_speed: q('rotation_speed'),
  acceleration: scaled(1 / 9.80665, 'acceleration'),
  uptime: q('uptime'),
  time: q('uptime', 'brushing_time'),
  tx_power: q('tx_power'),
  'tx power': q('tx_power'),
  tx: q('tx_power'),
  movement_counter: q('movements'),
  'movement counter': q('movements'),
  mov: q('movements'),
  shake: q('movements'),
  lvl_cm: scaled(1 / 100, 'liquid_level'),
  level: q('fill_level'),
  'light level': q('brightness'),
  'volume dispensed port 1': { quantities: ['volume'], channel: 1 },
  'volume dispensed port 2': { quantities: ['volume'], channel: 2 },
  motion: q('motion'),
  opening: q('opening'),
  open: q('opening'),
  door: q('opening'),
  window: q('opening'),
  garage_door: q('opening'),
  'garage door': q('opening'),
  occupancy: q('occupancy'),
  presence: q('occupancy'),
  'bed occupancy': q('bed_occupied'),
  bed_occupancy: q('bed_occupied'),
  radiation_rate: scaled(MILLI, 'radiation_dose_rate'),
  'specific gravity': q('specific_gravity'),
  gravity: q('specific_gravity'),

  binary: ev('generic'),
  generic: ev('generic'),
  'battery charging': ev('battery charging'),
  battery_charging: ev('battery charging'),
  'battery low': ev('battery low'),
  'low battery': ev('battery low'),
  carbon_monoxide: ev('carbon monoxide'),
  'carbon monoxide': ev('carbon monoxide'),
  cold: ev('cold'),
  connectivity: ev('connectivity'),
  'gas detected': ev('gas'),
  heat: ev('heat'),
  light: ev('light'),
  lock: ev('unlocked'),
  antilock: ev('antilock off'),
  childlock: ev('childlock off'),
  locktype: aside('the event says which bolt'),
  action: ev('lock'),
  method: ev('lock method'),
  lock_method: ev('lock method'),
  error: ev('lock alarm'),
  'key id': ev('key'),
  key_id: ev('key'),
  'moisture detected': ev('moisture'),
  moving: ev('moving'),
  plug: ev('plug'),
  'plugged-in': aside('a beacon on mains has no battery to tell'),
  problem: ev('problem'),
  running: ev('running'),
  safety: ev('safety'),
  smoke: ev('smoke'),
  'smoke detector': ev('smoke'),
  sound: ev('sound'),
  tamper: ev('tamper'),
  vibration: ev('vibration'),
  button: ev('button'),
  'button switch': ev('button'),
  dimmer: ev('dimmer'),
  cube: ev('cube'),
  fingerprint: ev('fingerprint'),
  result: ev('fingerprint'),
  door_left_open: ev('door left open'),
  door_stuck: ev('door stuck'),
  knock_on_the_door: ev('knock on the door'),
  pry_the_door: ev('pry the door'),
  'door action': aside('told as whether it is open, and as events'),
  device_forcibly_removed: ev('device forcibly removed'),
  toothbrush: ev('toothbrush'),
  asleep: ev('asleep'),
  sleeping: ev('asleep'),
  snoring: ev('snoring'),
  wearing: ev('wearing'),
  charging_state: ev('charging state'),
  profile_id: ev('profile'),
  text: ev('text'),
  raw: ev('raw'),
  channel: ev('channel'),
  'toothbrush state': ev('state'),
  mode: ev('mode'),
  state: ev('state'),
  sector: ev('sector'),
  'port index': aside('told as the channel'),
  'keg size': aside('named size; told in litres'),
  'volume start': ev('volume at start'),
  'port name': ev('port'),
  'port state': ev('port'),
  color: ev('color'),
  contact: ev('contact'),
  lightlevel: ev('light level'),
  calibrated: ev('calibrated'),
  calibration_in_progress: ev('calibrating'),
  scopetested: ev('scope tested'),
  in_ct: ev('entries'),
  out_ct: ev('exits'),
  push_ct: ev('presses'),
  position: ev('position'),
  quality: ev('quality'),
  sync: ev('sync'),
  wake: ev('wake'),
  serial: ev('serial'),
  status: ev('status'),
  'weight removed': ev('removed'),
  weighing_mode: ev('weighing'),
  tilt: ev('tilt'),
  dropping: ev('free fall'),
  'impact x': ev('impact x'),
  'impact y': ev('impact y'),
  'impact z': ev('impact z'),
  flag_reed: ev('reed switch'),
  flag_tilt: ev('tilt'),
  flag_fall: ev('free fall'),
  flag_impact_x: ev('impact x'),
  flag_impact_y: ev('impact y'),
  flag_impact_z: ev('impact z'),
  alarm: ev('alarm'),
  'magnetic field detected': ev('magnet'),
  pitch: ev('pitch'),
  roll: ev('roll'),

  'armed away': ev('armed away'),
  'pressure state': q('occupancy'),
  'pressure present time set': ev('pressure present time set'),
  'pressure not present time set': ev('pressure not present time set'),
  'distance mm': scaled(MILLI, 'object_distance'),
  'magnetic field': aside(UNIT_UNKNOWN),
  'magnetic field direction': aside(UNIT_UNKNOWN),
  'start time': aside('a time, no reading'),
  'end time': aside('a time, no reading'),
  'device reset': aside('told as the event reset'),
  reset: aside('told as the event reset'),
  idle_time: aside('told as motion'),
  'idle time': aside('told as motion'),
  sensingdistance: aside('a setting, no reading'),
  led: aside('a setting, no reading'),
  'cypress temperature': q('temperature'),
  'cypress humidity': q('humidity'),

  'motion timer': aside(COMPUTED),
  'no motion time': aside('told as motion'),
  impact: aside(COMPUTED),
  'air quality': aside(COMPUTED),
  tempf: aside(COMPUTED),
  lvl_in: aside(COMPUTED),
  'acceleration x': aside(UNIT_UNKNOWN),
  'acceleration y': aside(UNIT_UNKNOWN),
  'acceleration z': aside(UNIT_UNKNOWN),
  accx: aside(UNIT_UNKNOWN),
  accy: aside(UNIT_UNKNOWN),
  accz: aside(UNIT_UNKNOWN),
  x_axis: aside("the peer's factor gives 1.6 g at rest"),
  y_axis: aside("the peer's factor gives 1.6 g at rest"),
  z_axis: aside("the peer's factor gives 1.6 g at rest"),
  'weight unit': aside('always kilograms here'),
  unit: aside('always kilograms here'),
  'sensor id': aside('told as the channel'),
  channel_id: aside('told as the channel'),
  uid: aside(DEVICE_ONLY),
  extprobe: aside('told as the channel'),
  'temperature alarm': aside('a setting, no reading'),
  tempc_max: aside('history, told as an event'),
  tempc_min: aside('history, told as an event'),
  time_max: aside('history, told as an event'),
  time_min: aside('history, told as an event'),
  packet_id: aside('compared as the packet number'),
  packet: aside('compared as the packet number'),
  seq: aside('compared as the packet number'),
  measurement_sequence_number: aside('compared as the packet number'),
  session: aside('compared as the packet number'),
  timestamp: aside('compared as the device time'),
  'port count': aside(DEVICE_ONLY),
  version: aside(DEVICE_ONLY),
  beaconmodel: aside(DEVICE_ONLY),
  modeltype: aside(DEVICE_ONLY),
  device: aside(DEVICE_ONLY),
  darkness: aside(UNIT_UNKNOWN),
  'sector timer': aside('a setting of the pacing, no reading'),
  'number of sectors': aside('a setting of the pacing, no reading'),
  'temperature alarm probe': aside('a setting, no reading'),
};

/** Sorted apart: what names the device, or what a peer adds about itself. */
export const aboutTheDevice = new Set(
  'firmware type mac rssi data brand model model_id cidc acts ctrl track cont prmac unlocked mfid uuid major minor txpower identifier data_format measured_power measured power manufacturer stabilized signal_strength ctr mic cipher encr'
    .split(' ')
    .concat(['measured power', 'status', 'tracker id', 'tracker_id', 'local_name', 'is connected']),
);

const bare = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[_\s]+/g, ' ')
    .trim()
    .replace('initializing', 'initialising');

export interface Mismatch {
  readonly word: string;
  readonly expected: unknown;
}
export interface Compared {
  readonly wrong: readonly Mismatch[];
  /** Words set aside, with the reason. */
  readonly aside: ReadonlyMap<string, string>;
  readonly agreed: number;
}

/** Hundredths, as most peers round. */
const TOLERANCE = 0.0051;
const RELATIVE = 2e-4;
const near = (a: number, b: number, tolerance: number): boolean => Math.abs(a - b) <= Math.max(tolerance, Math.abs(b) * RELATIVE);

function wordOf(key: string): { readonly word: Word; readonly channel?: number } | undefined {
  const exact = words[key] ?? words[bare(key)];
  if (exact !== undefined) return { word: exact };
  const numbered = /^(.*?)(?: probe)?[ _]?(\d+)$/.exec(key);
  if (numbered === null) return undefined;
  const word = words[numbered[1]!] ?? words[bare(numbered[1]!)];
  return word === undefined ? undefined : { word, channel: Number(numbered[2]) };
}

function eventAgrees(events: readonly BleEvent[], name: string, expected: unknown, channel: number | undefined): boolean {
  const wanted = channel === undefined ? name : `${name} ${channel}`;
  const told = events.filter(({ event }) => event === wanted || event.startsWith(`${wanted} `));
  // A peer's flag may be the bit as it stands in its byte: 0 or 128
  if (typeof expected === 'boolean' || typeof expected === 'number') {
    const on = Boolean(expected);
    if (told.some(({ detail }) => detail === (on ? 'on' : 'off'))) return true;
  }
  if (typeof expected === 'string' && /^0x[0-9a-f]+$/.test(expected) && told.some(({ detail }) => Number(detail) === Number(expected)))
    return true;
  return told.some(({ detail, event }) => bare(`${event} ${detail ?? ''}`).includes(bare(String(expected))));
}

/**
 * Compares what was decoded (of one broadcast or of several in a row) with a peer's words.
 * @param skip words that this peer is known to mean otherwise, with the reason
 */
export function compare(
  outcomes: readonly DecodedAdvertisement[],
  expected: Readonly<Record<string, unknown>>,
  options: { readonly tolerance?: number; readonly skip?: Readonly<Record<string, string>> } = {},
): Compared {
  const told = outcomes.filter((one) => one.kind === 'values');
  const values: BleValue[] = told.flatMap(({ values }) => values);
  const events = told.flatMap(({ events }) => events ?? []);
  const wrong: Mismatch[] = [];
  const set = new Map<string, string>();
  let agreed = 0;
  for (const [key, want] of Object.entries(expected)) {
    if (aboutTheDevice.has(key) || want === null) continue;
    const skip = options.skip?.[key];
    const found = wordOf(key);
    if (skip !== undefined || (found !== undefined && 'aside' in found.word)) {
      set.set(key, skip ?? (found!.word as { aside: string }).aside);
      continue;
    }
    let right = false;
    if (found !== undefined && 'quantities' in found.word) {
      const { quantities, convert } = found.word;
      const channel = found.channel ?? found.word.channel;
      const number = typeof want === 'boolean' ? Number(want) : Number(want);
      const amount = convert === undefined ? number : convert(number);
      right = values.some(
        (one) =>
          quantities.includes(one.quantity) &&
          (channel === undefined || one.channel === undefined || one.channel === channel || quantities.length > 1) &&
          near(one.value, amount, options.tolerance ?? TOLERANCE),
      );
      // `power` and `light` are a quantity to one peer and a state to another
      if (!right) right = eventAgrees(events, bare(key), want, undefined);
    } else if (found !== undefined) right = eventAgrees(events, (found.word as { event: string }).event, want, found.channel);
    else if (/button|remote|switch/.test(key)) right = eventAgrees(events, bare(key), want, undefined);
    if (right) agreed++;
    else wrong.push({ word: key, expected: want });
  }
  return { wrong, aside: set, agreed };
}
