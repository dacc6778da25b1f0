import t from 'tap';
import type { MeasurementJson } from '../../hub/web/schemas.ts';
import { readVectorJson, skipWithoutVectors, vectorPath } from '../vectors.ts';
import { dataFolder, enter, openBrowser, shown, startHub, until } from './hub.ts';

interface Manifest {
  readonly cases: readonly {
    readonly file: string;
    readonly duration_s: number;
    readonly steps_ground_truth: number;
    readonly kg: readonly number[];
  }[];
}

t.test(
  'a recorded walk and a recorded standing person go the whole way from the registers to the page and the export',
  { skip: skipWithoutVectors },
  async (t) => {
    const walks = readVectorJson<Manifest>('4-motion/oxford-steps/manifest.json').cases;
    const walk = walks.find(({ file }) => file.includes('Samsung_Jamie'))!;
    const person = readVectorJson<Manifest>('5-serial-sensors/standing-force/manifest.json').cases[0]!;
    const hub = await startHub(
      dataFolder(t),
      '--no-camera',
      '--motion',
      vectorPath(`4-motion/oxford-steps/${walk.file}`),
      '--person',
      vectorPath(`5-serial-sensors/standing-force/${person.file}`),
    );
    const browser = await openBrowser();
    t.teardown(async () => {
      await browser.close();
      await hub.stop('SIGTERM');
    });
    const page = await enter(browser, hub.url);

    await until(async () => (await shown(page, 'weight')) !== undefined, 'the recorded person is weighed', 20_000);
    const kg = (await shown(page, 'weight'))!;
    t.ok(Math.abs(kg - person.kg[0]!) <= 0.1, `${kg} kg on the page, ${person.kg[0]} kg on the force plate`);

    const truth = walk.steps_ground_truth;
    let before = -1;
    const isOver = async (): Promise<boolean> => {
      const { points } = await hub.get<{ points: { sum: number }[] }>('/api/v1/series?quantity=steps&points=10');
      before = points.reduce((sum, point) => sum + point.sum, 0);
      return before >= truth * 0.9;
    };
    await until(isOver, `90 % of ${truth} steps`, walk.duration_s * 1000 + 40_000);
    // Whatever is counted too much comes in the spans after the end.
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    const steps = (await shown(page, 'steps'))!;
    t.ok(Math.abs(steps - truth) <= truth * 0.1, `${steps} steps on the page, ${truth} counted by the shoes`);

    const exported = await hub.get<MeasurementJson[]>('/api/v1/export?format=json');
    const total = exported.filter(({ quantity }) => quantity === 'steps').reduce((sum, { value }) => sum + (value ?? 0), 0);
    t.equal(total, steps, 'the export holds the numbers of the page');
    t.ok(exported.every(({ unit, category, end, device }) => unit !== '' && category !== '' && end.endsWith('Z') && device !== ''));
    await until(async () => (await hub.get<{ state: string }>('/api/v1/edge')).state === 'synced', 'the edge has all', 10_000);
  },
);
