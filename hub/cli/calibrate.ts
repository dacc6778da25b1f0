/** `hearth calibrate DEVICE`: a walk through the masses of a load cell's calibration, and what is known of it. */
import { createInterface } from 'node:readline/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { CliError, type Client, exitCodes } from './client.ts';
import type { CommandLine } from './command-line.ts';

interface Version {
  readonly version: number;
  readonly date: string;
  readonly zeroCounts: number;
  readonly countsPerKg: number;
  readonly points: readonly { readonly massKg: number; readonly counts: number; readonly residualKg: number }[];
  readonly residualSdKg: number | null;
  readonly drift: { readonly referenceC: number; readonly kgPerC: number; readonly thermometer: string } | null;
  readonly uncertainty: readonly { readonly kg: number; readonly expandedKg: number }[];
}
interface State {
  readonly inUse: Version | null;
  readonly versions: readonly Version[];
  readonly session: {
    readonly points: readonly { readonly massKg: number; readonly counts: number }[];
    readonly awaitedKg: number | null;
    readonly preview: Version | null;
    readonly trouble: string;
  } | null;
}
interface Drift {
  readonly known: boolean;
  readonly because: string;
  readonly readings: number;
  readonly sigmaBeforeKg: number | null;
  readonly sigmaAfterKg: number | null;
  readonly kgPerC: number | null;
  readonly lagMs: number | null;
  readonly creepKg: number | null;
  readonly thermometer: string | null;
  readonly zeroShiftKg: number | null;
  readonly proposed: boolean;
  readonly automatic: boolean;
}
interface Options {
  readonly masses?: string;
  readonly tolerance: string;
  readonly versions?: true;
  readonly drift?: true;
  readonly takeOff?: true;
  readonly use?: string;
  readonly revalue?: string;
  readonly dryRun?: true;
}

const LOOK_EVERY_MS = 500;
/** The hub gives up after a minute itself. */
const MOST_LOOKS = 150;

export function calibrateCommand({ program, client, show, table, withJson }: CommandLine): void {
  const grams = (kg: number): string => `${Math.round(kg * 1000) || 0} g`;
  const described = (version: Version): string =>
    table([
      ['calibration', `${version.version}, ${version.date === '' ? 'no date' : version.date}`],
      ['empty plate', `${version.zeroCounts.toFixed(0)} counts`],
      ['1 kg', `${version.countsPerKg.toFixed(1)} counts`],
      ...version.points.map(({ massKg, residualKg }) => [`${massKg} kg`, `off the line by ${grams(residualKg)}`]),
      ...version.uncertainty.map(({ kg, expandedKg }) => [`at ${kg} kg`, `± ${grams(expandedKg)} (k = 2)`]),
      ...(version.drift === null
        ? []
        : [
            [
              'drift taken off',
              `${grams(version.drift.kgPerC)} for each °C of ${version.drift.thermometer} beyond ${version.drift.referenceC} °C`,
            ],
          ]),
      ...(version.uncertainty.length > 0 ? [] : [['uncertainty', 'three masses or more would tell']]),
    ]);

  withJson(
    program
      .command('calibrate')
      .description('calibrate a scale or a bed mat mass by mass; its versions, its drift, old readings weighed again')
      .argument('<device>', 'its id, see hearth devices')
      .option('--masses <list>', 'in kg, in the order they are laid on, like 0,5,10,20; asked for unless given')
      .option('--tolerance <kg>', 'of the masses, as their class or their maker says', '0')
      .option('--versions', 'every calibration so far')
      .option('--drift', 'how the empty plate drifts with temperature and creep')
      .option('--take-off', 'with --drift: weigh with it taken off from now on, as the next calibration')
      .option('--use <version>', 'weigh by an earlier calibration again')
      .option('--revalue <version>', 'weigh old readings again by that calibration')
      .option('--dry-run', 'with --revalue: only show what would change'),
  ).action(async (device: string, options: Options) => {
    const hub = client();
    const path = `/api/v1/devices/${encodeURIComponent(device)}`;
    const state = async (): Promise<State> => (await hub.get(`${path}/calibration`)) as State;
    if (options.versions) {
      const { versions, inUse } = await state();
      show(versions, () =>
        versions.length === 0
          ? 'none yet'
          : versions.map((one) => `${described(one)}${one.version === inUse?.version ? '\nin use' : ''}`).join('\n\n'),
      );
      return;
    }
    if (options.takeOff && !options.drift) throw new CliError(exitCodes.usage, '--take-off goes with --drift');
    if (options.takeOff) {
      const made = (await hub.post(`${path}/drift`)) as Version;
      show(made, () => `${device} weighs by this now:\n${described(made)}`);
      return;
    }
    if (options.drift) {
      const drift = (await hub.get(`${path}/drift`)) as Drift;
      show(drift, () =>
        drift.known
          ? table([
              ['readings of the empty plate', String(drift.readings)],
              ['sigma before', grams(drift.sigmaBeforeKg!)],
              ['sigma after', grams(drift.sigmaAfterKg!)],
              [
                'by temperature',
                `${grams(drift.kgPerC!)} for each °C of ${drift.thermometer}, ${Math.round(drift.lagMs! / 60_000)} min late`,
              ],
              ['by creep', `${grams(drift.creepKg!)} for each e-fold of time`],
              ['the zero moves by', grams(drift.zeroShiftKg!)],
              [
                'taking it off',
                !drift.proposed
                  ? 'would gain little'
                  : drift.automatic
                    ? 'the hub does it at night, a week after the last calibration; --take-off does it now'
                    : 'is more than the hub does by itself: look at the cell, then say --take-off',
              ],
            ])
          : drift.because,
      );
      return;
    }
    if (options.use !== undefined) {
      const made = (await hub.post(`${path}/calibration`, { version: numberOf(options.use, 'a version') })) as Version;
      show(made, () => described(made));
      return;
    }
    if (options.revalue !== undefined) {
      const body = { version: numberOf(options.revalue, 'a version'), change: options.dryRun === undefined };
      const answer = (await hub.post(`${path}/revalue`, body)) as {
        readings: { at: string; version: number; beforeKg: number; afterKg: number }[];
      };
      show(answer, () =>
        answer.readings.length === 0
          ? 'no reading changes'
          : table([
              ['time', 'calibration', 'before', options.dryRun ? 'would be' : 'now'],
              ...answer.readings.map(({ at, version, beforeKg, afterKg }) => [
                at,
                String(version),
                `${beforeKg.toFixed(2)} kg`,
                `${afterKg.toFixed(2)} kg`,
              ]),
            ]),
      );
      return;
    }
    await walk(device, hub, path, state, options, described, show);
  });
}

async function walk(
  device: string,
  hub: Client,
  path: string,
  state: () => Promise<State>,
  { masses, tolerance }: Options,
  described: (version: Version) => string,
  show: CommandLine['show'],
): Promise<void> {
  const toleranceKg = numberOf(tolerance, 'a tolerance');
  const given = masses?.split(',').map((one) => numberOf(one, 'a mass'));
  const input = createInterface({ input: process.stdin, output: process.stderr });
  const lines = input[Symbol.asyncIterator]();
  const ask = async (question: string): Promise<string | undefined> => {
    process.stderr.write(question);
    const { value, done } = await lines.next();
    return done === true ? undefined : value.trim();
  };
  try {
    await hub.delete(`${path}/calibration`);
    for (let at = 0; given === undefined || at < given.length; at++) {
      let massKg = given?.[at] ?? (at === 0 ? 0 : undefined);
      if (massKg === undefined) {
        const answer = await ask('Mass that you lay on next, in kg (nothing: that was the last one): ');
        if (answer === undefined || answer === '') break;
        massKg = numberOf(answer, 'a mass');
      }
      if (
        (await ask(massKg === 0 ? 'Clear the plate, then press Enter. ' : `Lay ${massKg} kg in the middle, let go, then press Enter. `)) ===
        undefined
      )
        break;
      await hub.post(`${path}/calibration/points`, { massKg, toleranceKg });
      const measured = await settled(state, massKg);
      process.stderr.write(`${massKg} kg: ${measured.toFixed(0)} counts\n`);
    }
    const made = (await hub.post(`${path}/calibration`, {})) as Version;
    show(made, () => `${device} weighs by this now:\n${described(made)}`);
  } finally {
    input.close();
  }
}

/** Counts of the mass once it was at rest. */
async function settled(state: () => Promise<State>, massKg: number): Promise<number> {
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const { session } = await state();
    const point = session?.points.find((one) => one.massKg === massKg);
    if (session?.awaitedKg == null && point !== undefined) return point.counts;
    if (session?.awaitedKg == null) break;
    await delay(LOOK_EVERY_MS);
  }
  throw new CliError(exitCodes.refused, `${massKg} kg did not come to rest within a minute: lay it in the middle, let go, and begin again`);
}

function numberOf(text: string, what: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) throw new CliError(exitCodes.usage, `'${text}' is not ${what}: write a number, 0 or more`);
  return value;
}
