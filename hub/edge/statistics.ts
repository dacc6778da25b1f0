/**
 * Where contributions to studies arrive: nobody says who they are, each is counted once by its random number, and a round is shown once
 * enough homes took part. Each contribution carries its own noise, so that this file betrays nobody. Somebody who sends many made-up
 * numbers can still spoil a result: whoever reads one should know that.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { Type } from '../../firmware/schema/type.ts';
import { type Contribution, isStudy, resultsOf, type StudyId, studies } from '../rights/statistics/studies.ts';

/** Some 300,000 contributions. */
const MOST_FILE_BYTES = 100 * 2 ** 20;
const BOUND = 1_000_000;

export const ContributionBody = Type.Object(
  {
    form: Type.Literal('hearth-statistic'),
    version: Type.Literal(1),
    study: Type.String({ maxLength: 40 }),
    round: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2} (back|forward)$' }),
    value: Type.Integer({ minimum: -BOUND, maximum: BOUND }),
    unit: Type.String({ maxLength: 20 }),
    mechanism: Type.Literal('discrete-laplace'),
    epsilon: Type.String({ maxLength: 10 }),
    sensitivity: Type.Integer({ minimum: 1, maximum: BOUND }),
    nonce: Type.String({ pattern: '^[0-9a-f]{32}$' }),
  },
  { additionalProperties: false },
);

export class CollectionFull extends Error {
  override readonly name = 'CollectionFull';
}

export interface Collection {
  /** False when it is not of this study as it is run. Throws CollectionFull. */
  take(contribution: Contribution): boolean;
  results(study: StudyId): ReturnType<typeof resultsOf>;
}

export function openCollection(file: string): Collection {
  const all = (): Contribution[] =>
    !existsSync(file)
      ? []
      : readFileSync(file, 'utf8')
          .split('\n')
          .flatMap((line) => {
            try {
              return line === '' ? [] : [JSON.parse(line) as Contribution];
            } catch {
              // A line that a power cut tore was never answered for.
              return [];
            }
          });
  return {
    take(contribution) {
      const { study, unit, epsilon, sensitivity } = contribution;
      if (!isStudy(study)) return false;
      const { unit: own, epsilonMilli, bound } = studies[study];
      if (unit !== own || Number(epsilon) !== epsilonMilli / 1000 || sensitivity !== 2 * bound) return false;
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      if (existsSync(file) && statSync(file).size > MOST_FILE_BYTES) throw new CollectionFull(`${file} is full: move it away`);
      const handle = openSync(file, 'a', 0o600);
      try {
        // The line break first: behind a torn line a whole one must not be lost.
        writeSync(handle, `\n${JSON.stringify(contribution)}`);
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
      return true;
    },
    results: (study) =>
      resultsOf(
        all().filter((one) => one.study === study),
        studies[study],
      ),
  };
}
