/** Takes a contribution to the address of a study: as nobody, over TLS, without anything that would tell one home from another. */
import { createHttpClient } from '../../sync/http.ts';
import type { Contribution } from './studies.ts';

/** Resolves once it was taken. Rejects with what a person reads. */
export async function sendContribution(base: string, contribution: Contribution, signal: AbortSignal): Promise<void> {
  const url = new URL(`v1/statistics/${contribution.study}`, base.endsWith('/') ? base : `${base}/`);
  using client = createHttpClient();
  const body = Buffer.from(JSON.stringify(contribution));
  const { status, body: said } = await client.send('POST', url, { 'content-type': 'application/json', connection: 'close' }, body, signal);
  if (status !== 204) throw new Error(`${url.host} answered ${status}: ${said.toString('utf8').slice(0, 200)}`);
}
