/** Notifications decoded per second of one core: standard characteristics by their tables, and sessions of body scales. */
import { bytesOf } from '../../../hub/sources/ble/gatt/bytes.ts';
import { decode } from '../../../hub/sources/ble/gatt/characteristics/decode.ts';
import { measured } from '../../../hub/sources/ble/gatt/characteristics/measures.ts';
import { standard } from '../../../hub/sources/ble/gatt/characteristics/table.ts';
import { chooseScale } from '../../../hub/sources/ble/gatt/scales/choose.ts';
import type { BenchRow } from '../row.ts';

/** A hundred devices at once, each notifying a hundred times a second, and a tenth of the core for them. */
const GOAL_PER_SECOND = 100_000;
const RUN_S = 0.4;
const WARM_UP = 20_000;
const BATCH = 2000;

const standards: readonly (readonly [string, string])[] = [
  ['2a37', '1648d0020003'],
  ['2a9d', '0e983ae907060108050001b4001607'],
  ['2a35', '1e780050005d00e90706010805004800010000'],
  ['2a6e', '0a08'],
  ['2a5f', '0061004800'],
];
const QN_SCALE = ['ffe1', '100b0d1c98010001f401f400'] as const;

function coreSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function rate(once: (index: number) => unknown): number {
  for (let index = 0; index < WARM_UP; index++) once(index);
  const begin = coreSeconds();
  let calls = 0;
  while (coreSeconds() - begin < RUN_S) {
    for (let index = 0; index < BATCH; index++) once(index);
    calls += BATCH;
  }
  return calls / (coreSeconds() - begin);
}

const row = (name: string, perSecond: number): BenchRow => ({
  name,
  value: Math.round(perSecond),
  unit: '1/s',
  against: `goal ${GOAL_PER_SECOND} for each second of one core`,
  ratio: perSecond / GOAL_PER_SECOND,
  goal: 'ratio >= 1',
  holds: perSecond >= GOAL_PER_SECOND,
});

export async function rows(): Promise<BenchRow[]> {
  const inputs = standards.map(([uuid, hex]) => ({ characteristic: standard(uuid), bytes: bytesOf(hex) }));
  const byTable = rate((index) => {
    const { characteristic, bytes } = inputs[index % inputs.length]!;
    const said = decode(characteristic, bytes);
    return said.ok ? measured(characteristic, said.decoded) : undefined;
  });
  const scale = chooseScale(
    { name: null, address: null, serviceUuids: [], serviceData: new Map(), manufacturerData: new Map() },
    'qn-scale',
  );
  if (scale === undefined) throw new Error('the family qn-scale is not in the table of scales');
  let state = scale.init({ heightCm: 183, ageYears: 30, sex: 'male' });
  const [characteristic, hex] = QN_SCALE;
  const frame = bytesOf(hex);
  const bySession = rate((index) => {
    const [next, actions] = scale.step(state, { kind: 'notification', at: index, characteristic, bytes: frame });
    state = next;
    return actions;
  });
  return [row('standard characteristics decoded', byTable), row('notifications of a scale, by its session', bySession)];
}
