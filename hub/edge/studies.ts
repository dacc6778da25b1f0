/** Anonymous contributions to studies are taken here, and results shown once enough homes took part. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from '../../firmware/schema/type.ts';
import { type Contribution, studies, studyIds } from '../rights/statistics/studies.ts';
import { Refused } from './refused.ts';
import { CollectionFull, ContributionBody, openCollection } from './statistics.ts';

/** A contribution to a study has some 300. */
const MOST_CONTRIBUTION_BYTES = 2048;

/** @param file where contributions are kept */
export function registerStudies(server: FastifyInstance, file: string): void {
  const edge = server.withTypeProvider<TypeBoxTypeProvider>();
  const collection = openCollection(file);
  const StudyParams = Type.Object({ study: Type.Enum(studyIds) });
  edge.post(
    '/v1/statistics/:study',
    {
      bodyLimit: MOST_CONTRIBUTION_BYTES,
      schema: { summary: 'Takes an anonymous contribution to a study, once', params: StudyParams, body: ContributionBody },
    },
    async (request, reply) => {
      const contribution = request.body as Contribution;
      try {
        if (contribution.study === request.params.study && collection.take(contribution)) return reply.code(204).send();
      } catch (error) {
        if (error instanceof CollectionFull) throw new Refused(507, 'full', error.message);
        throw error;
      }
      throw new Refused(422, 'study', 'this is not of the study as it is run here');
    },
  );
  edge.get(
    '/v1/statistics/:study',
    { schema: { summary: 'Results of a study, of rounds in which enough homes took part', params: StudyParams } },
    async (request) => {
      const { study } = request.params;
      const { words, question, unit, leastHomes, epsilonMilli } = studies[study];
      return { study, words, question, unit, leastHomes, epsilon: epsilonMilli / 1000, rounds: collection.results(study) };
    },
  );
}
