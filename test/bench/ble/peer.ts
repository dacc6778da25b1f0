/**
 * Broadcasts decoded for each second of one core beside a peer, on the same bytes in the same run: reelyActive's advlib-ble, MIT, the one
 * decoder for Node that the registry has for these formats. Only what both read is in the mix. What each makes of every broadcast is
 * compared before anything is timed. The project does not depend on it: where it is not installed, the row says how to.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { concernsUs, decodeAdvertisement } from '../../../hub/sources/ble/advertisements/decode.ts';
import { parseAdvertisingData } from '../../../hub/sources/ble/advertising-data.ts';
import type { BenchRow } from '../row.ts';
import { coreRate } from './core.ts';

const FOLDER = `${tmpdir()}/hearth-peers`;
const PACKAGES = ['advlib-ble@1.4.2', 'advlib-ble-manufacturers@1.14.0', 'advlib-ble-services@1.7.0'];
const INSTALL = `npm install --ignore-scripts --prefix ${FOLDER} ${PACKAGES.join(' ')}`;

type Peer = (bytes: Buffer) => Readonly<Record<string, unknown>>;

/** Our quantity, the peer's word, and the factor from its unit to ours; `at`: which of its list. */
interface Same {
  readonly quantity: string;
  readonly word: string;
  readonly factor?: number;
  readonly at?: number;
}
const climate: readonly Same[] = [
  { quantity: 'temperature', word: 'temperature' },
  { quantity: 'humidity', word: 'relativeHumidity' },
  { quantity: 'pressure', word: 'pressure', factor: 1 / 100 },
  { quantity: 'battery_voltage', word: 'batteryVoltage' },
  { quantity: 'battery', word: 'batteryPercentage' },
  { quantity: 'tx_power', word: 'txPower' },
  { quantity: 'movements', word: 'isMotionDetectedCycle' },
  { quantity: 'co2', word: 'carbonDioxideConcentration' },
  { quantity: 'nox_index', word: 'nitrogenOxidesIndex' },
  { quantity: 'pm2_5', word: 'pm2.5' },
  { quantity: 'illuminance', word: 'illuminance' },
  { quantity: 'uptime', word: 'uptime', factor: 1 / 1000 },
  ...[0, 1, 2].map((at) => ({ quantity: `acceleration ${at + 1}`, word: 'acceleration', at })),
];

/** Why the peer tells more of {@link silent} than ours. */
const TOLD_THOUGH_UNKNOWN = 'it tells the format’s word for "not available" as a number; ours is left out (docs.ruuvi.com, data format 5)';

const sensors: Readonly<Record<string, string>> = {
  'Ruuvi 5': '0201061bff99040512fc5394c37c0004fffc040cac364200cdcbb8334c884f',
  'Ruuvi Air': '02010617ff990406170c5668c79e007000c90501d9ffcd004c884f',
  'ELA temperature': '02010606ff5707126608',
  'ELA climate': '02010608ff57072132129a08',
  'ELA battery': '02010605ff5707f15f',
  'Eddystone telemetry': '0201060303aafe1116aafe20000bb815800000010000000a00',
  'service data': '0201060516' + '6e2a6608',
  iBeacon: '0201061aff4c000215fda50693a4e24fb1afcfc6eb0764782527120004c5',
};
/** Not timed: what a sensor without readings says. */
const silent: Readonly<Record<string, string>> = {
  'Ruuvi, nothing measured': '0201061bff9904058000ffffffff800080008000ffffffffffcbb8334c884f',
};
const strangers: readonly string[] = [
  '02011a020a0c0bff4c001006351aa1c8b3d4',
  '1eff0600010920024a56df1da31e55cf4213f595e36331eb8ce65ec5622589',
  '02011a020a0a0bff4c0010050718e29b1802',
  '1bff75004204018060702ad58269bf722ad58269be01000000000000',
  '03036ffd17166ffdf02e10dd0acd966d1ff30f93f0e7f0268d2c807f',
  '0201060aff4c00120200010203a4',
  '02011a0303f3fe1516f3fe4a17234e5045561132a5b6c7d8e9fa0b1c2d',
  '0201060eff5701004a3d0c2b1a09f8e7d611',
];

const ours = (bytes: Uint8Array) =>
  concernsUs(bytes) ? decodeAdvertisement({ address: null, rssi: -60, ...parseAdvertisingData(bytes) }, {}) : undefined;

function loadPeer(): Peer | undefined {
  if (!existsSync(`${FOLDER}/node_modules/advlib-ble/package.json`)) return undefined;
  const load = createRequire(`${FOLDER}/node_modules/`);
  const { process: decode } = load('advlib-ble') as {
    process(bytes: Buffer, libraries: readonly unknown[], options: { isPayloadOnly: boolean }): Readonly<Record<string, unknown>>;
  };
  const libraries = [load('advlib-ble-services'), load('advlib-ble-manufacturers')];
  return (bytes) => decode(bytes, libraries, { isPayloadOnly: true });
}

/** How many values both tell alike, and in words each that they do not. */
function compared(peer: Peer): { readonly alike: number; readonly apart: readonly string[]; readonly explained: readonly string[] } {
  let alike = 0;
  const apart: string[] = [];
  const explained: string[] = [];
  for (const [name, hex] of Object.entries({ ...sensors, ...silent })) {
    const bytes = Buffer.from(hex, 'hex');
    const outcome = ours(bytes);
    const told = new Map(
      (outcome?.kind === 'values' ? outcome.values : []).map(({ quantity, value, channel }) => [
        channel === undefined ? quantity : `${quantity} ${channel}`,
        value,
      ]),
    );
    const theirs = peer(bytes);
    for (const { quantity, word, factor = 1, at } of climate) {
      const said = at === undefined ? theirs[word] : (theirs[word] as unknown[] | undefined)?.[at];
      const own = told.get(quantity as never);
      if (typeof said !== 'number' || (own === undefined && name in sensors)) continue;
      if (own !== undefined && Math.abs(own - said * factor) <= 1e-6 * Math.max(1, Math.abs(own))) alike++;
      else {
        const says = `${name}: ${quantity}: ours ${own}, theirs ${said * factor}`;
        if (name in silent && own === undefined) explained.push(`${says}: ${TOLD_THOUGH_UNKNOWN}`);
        else apart.push(says);
      }
    }
  }
  return { alike, apart, explained };
}

export async function rows(): Promise<BenchRow[]> {
  const peer = loadPeer();
  if (peer === undefined) {
    console.error(`the peer is not installed: ${INSTALL}`);
    return [];
  }
  const { alike, apart, explained } = compared(peer);
  for (const one of [...explained, ...apart]) console.error(`  not alike: ${one}`);
  const mix = Object.values(sensors).flatMap((hex, index) => [Buffer.from(hex, 'hex'), Buffer.from(strangers[index]!, 'hex')]);
  // In turns, so that a machine that does other things beside treats both alike
  const mine: number[] = [];
  const theirs: number[] = [];
  for (let turn = 0; turn < 3; turn++) {
    mine.push(coreRate((index) => ours(mix[index & 15]!)));
    theirs.push(coreRate((index) => peer(mix[index & 15]!)));
  }
  const [own, other] = [Math.max(...mine), Math.max(...theirs)];
  const against = `${PACKAGES[0]}, same bytes, same run: ${Math.round(other)}/s`;
  return [
    {
      name: 'adverts in bytes, half strangers, that a peer reads too',
      value: own,
      unit: 'broadcasts/s',
      against,
      ratio: own / other,
      goal: 'ratio >= 1',
      holds: own >= other,
    },
    {
      name: 'values alike in both, others without a known reason',
      value: alike,
      unit: 'values',
      against: `${apart.length} without a reason, ${explained.length} with`,
      ratio: null,
      goal: 'none without a reason',
      holds: apart.length === 0 && alike > 0,
    },
  ];
}
