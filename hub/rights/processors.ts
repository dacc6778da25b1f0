/**
 * Who else gets data, and what each needs (E8): every way out of a hub that there is, in one file. None is used until somebody sets it up;
 * a payment processor is not among them, since a hub sells nothing.
 */
import { type Category, categories } from '../../firmware/protocol/quantities.ts';
import type { House } from '../house.ts';
import { type TargetKind, targetKinds } from '../sync/settings.ts';

export interface Processor {
  readonly words: string;
  /** Why it needs what it gets, and that it gets no more. */
  readonly needs: string;
  /** The most that it can get; what it does get is set with each. */
  readonly gets: readonly Category[];
  /** Those in use now, by name. */
  readonly used: (house: House) => readonly string[];
}

const measured = categories.filter((one) => one !== 'identity');
const targetsOf =
  (kind: TargetKind) =>
  (house: House): string[] =>
    (house.sync?.()?.state() ?? []).filter((one) => one.kind === kind).map(({ name }) => name);

export const processors = {
  edge: {
    words: 'The operator of a regional edge',
    needs: 'Keeps measurements in your region under an opaque id, and passes the camera’s picture on while somebody watches. No names.',
    gets: measured,
    used: targetsOf('edge'),
  },
  mqtt: {
    words: 'Home Assistant, or another reader of MQTT',
    needs: 'Shows the newest value of each quantity.',
    gets: measured,
    used: targetsOf('mqtt'),
  },
  influx: { words: 'A database of time series (InfluxDB)', needs: 'Keeps points for charts.', gets: measured, used: targetsOf('influx') },
  webhook: { words: 'A program that you run (webhook)', needs: 'Does what you made it for.', gets: measured, used: targetsOf('webhook') },
  file: { words: 'A folder or a stick', needs: 'Holds lines of measurements for you.', gets: measured, used: targetsOf('file') },
  study: {
    words: 'Who runs a study',
    needs: 'Gets single numbers with noise, from those who joined, each after they read it.',
    gets: ['activity'],
    used: ({ statisticsUrl }) => (statisticsUrl === undefined ? [] : [new URL(statisticsUrl).host]),
  },
  support: {
    words: 'Who helps you',
    needs: 'Gets a bundle that you read before, for as long as you said.',
    gets: ['technical'],
    used: () => [],
  },
} as const satisfies Record<string, Processor>;
export type ProcessorId = keyof typeof processors;

/** Kinds of targets that this file does not know: there must be none. */
export const unlisted = (): string[] => targetKinds.filter((kind) => !Object.hasOwn(processors, kind));
