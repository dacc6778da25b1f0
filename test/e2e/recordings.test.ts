import { writeFileSync } from 'node:fs';
import t from 'tap';
import type { MeasurementJson } from '../../hub/store/measurement-json.ts';
import { readVector, readVectorJson, skipWithoutVectors, vectorPath } from '../vectors.ts';
import { dataFolder, enter, openBrowser, PASSWORD, shown, startHub, until } from './hub.ts';

interface Manifest {
  readonly cases: readonly {
    readonly file: string;
    readonly kg: readonly number[];
  }[];
}

/** It plays at the speed of the walk itself, so half a minute of it is played. */
const WALK_MS = 30_000;
/** The tracker's span: the last steps are reported this much after they were made. */
const SPAN_MS = 10_000;

const rowsOf = (csv: string): [head: string, ...lines: string[]] => csv.trim().split('\n') as [string, ...string[]];
const timeOf = (line: string): number => Number(line.slice(0, line.indexOf(',')));

/** Steps of both feet until a time: each is a foot that touches the ground and did not before. */
function stepsUntil(contacts: string, untilMs: number): number {
  let steps = 0;
  let before = [1, 1];
  for (const line of rowsOf(contacts).slice(1)) {
    const [atMs = 0, ...feet] = line.split(',').map(Number);
    if (atMs > untilMs) break;
    steps += feet.filter((foot, side) => foot === 1 && before[side] === 0).length;
    before = feet;
  }
  return steps;
}

t.test(
  'a recorded walk and a recorded standing person go the whole way from the registers to the page and the export',
  { skip: skipWithoutVectors },
  async (t) => {
    const walks = readVectorJson<Manifest>('4-motion/oxford-steps/manifest.json').cases;
    const walk = walks.find(({ file }) => file.includes('Samsung_Jamie'))!;
    const person = readVectorJson<Manifest>('5-serial-sensors/standing-force/manifest.json').cases[0]!;
    const data = dataFolder(t);
    const [head, ...lines] = rowsOf(readVector(`4-motion/oxford-steps/${walk.file}`));
    writeFileSync(`${data}/walk.csv`, [head, ...lines.filter((line) => timeOf(line) <= WALK_MS)].join('\n'));
    const truth = stepsUntil(readVector(`4-motion/oxford-steps/${walk.file.replace('.csv.gz', '.steps.csv.gz')}`), WALK_MS);
    const hub = await startHub(
      data,
      '--no-camera',
      '--motion',
      `${data}/walk.csv`,
      '--person',
      vectorPath(`5-serial-sensors/standing-force/${person.file}`),
    );
    t.teardown(() => hub.stop('SIGTERM'));
    // Steps and weights are somebody's.
    await hub.post('/api/v1/claim', { name: 'Ada', password: PASSWORD });

    const counted = async (): Promise<number> => {
      const { points } = await hub.get<{ points: { sum: number }[] }>('/api/v1/series?quantity=steps&points=10');
      return points.reduce((sum, point) => sum + point.sum, 0);
    };
    await until(async () => (await counted()) >= truth * 0.9, `90 % of ${truth} steps`, WALK_MS + 40_000);
    // Whatever is counted too much would come in the spans after the end.
    const overMs = Date.now() + 2 * SPAN_MS;
    await until(() => Date.now() >= overMs, 'two spans more', 3 * SPAN_MS);
    // Opened at the end: drawing takes more of the machine than all the rest.
    const browser = await openBrowser();
    t.teardown(() => browser.close());
    const page = await enter(browser, hub.url);
    await until(async () => (await shown(page, 'weight')) !== undefined && (await shown(page, 'steps')) !== undefined, 'values', 20_000);
    const kg = (await shown(page, 'weight'))!;
    t.ok(Math.abs(kg - person.kg[0]!) <= 0.1, `${kg} kg on the page, ${person.kg[0]} kg on the force plate`);
    const steps = (await shown(page, 'steps'))!;
    t.ok(Math.abs(steps - truth) <= truth * 0.1, `${steps} steps on the page, ${truth} counted by the shoes`);

    const exported = await hub.get<MeasurementJson[]>('/api/v1/export?format=json');
    const total = exported.filter(({ quantity }) => quantity === 'steps').reduce((sum, { value }) => sum + (value ?? 0), 0);
    t.equal(total, steps, 'the export holds the numbers of the page');
    t.ok(exported.every(({ unit, category, end, device }) => unit !== '' && category !== '' && end.endsWith('Z') && device !== ''));
    await until(async () => (await hub.get<{ state: string }>('/api/v1/edge')).state === 'synced', 'the edge has all', 10_000);
  },
);
