/**
 * How a hub and an edge come to know each other: the hub makes a key that never leaves its folder, and by a code of one use the edge
 * certifies it. What the edge is (authority, signing key, region) is pinned then; whatever is different later is refused.
 */
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { certificateRequest, fingerprintOf, keyPairOf, newKeyPair, privateKeyPem } from '../edge/certificates.ts';
import { writeFileAtomic } from '../ops/files.ts';
import { answerError, createHttpClient, type HttpClient } from './http.ts';
import { checkStatement } from './region-statement.ts';
import { TargetError } from './target.ts';

export interface Enrolment {
  readonly hub: string;
  readonly region: string;
  /** PEM. */
  readonly certificate: string;
  readonly authority: string;
  readonly key: JWK;
}

/** A third of a certificate's life is left for an edge that is away. */
const RENEW_BEFORE_MS = 30 * 86_400_000;

/** The enrolment of a folder; undefined when there is none. */
export function readEnrolment(folder: string): Enrolment | undefined {
  const file = `${folder}/enrolment.json`;
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Enrolment) : undefined;
}

export const privateKeyOf = (folder: string): string => readFileSync(`${folder}/hub.key`, 'utf8');

async function keysOf(folder: string) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = `${folder}/hub.key`;
  if (existsSync(file)) return keyPairOf(readFileSync(file, 'utf8'));
  const keys = await newKeyPair();
  writeFileAtomic(file, await privateKeyPem(keys.privateKey));
  return keys;
}

/**
 * Enrols with a code (`secret.fingerprint`) at an edge that must be in `region`. Rejects with TargetError.
 */
export async function enrol(folder: string, url: URL, code: string, region: string, signal: AbortSignal): Promise<Enrolment> {
  const [secret, fingerprint, rest] = code.trim().split('.');
  if (!secret || !fingerprint || rest !== undefined)
    throw new TargetError('refused', `'${code}' is no enrolment code: copy it whole, with the point in its middle`);
  const tls = url.protocol === 'https:' ? { ca: await authorityOf(url, fingerprint, signal) } : {};
  using http = createHttpClient(tls);
  const keys = await keysOf(folder);
  const enrolment = await ask(http, new URL('v1/enrol', url), { code: secret, request: await certificateRequest(keys) }, signal);
  await checkEnrolment(enrolment, region, fingerprint);
  return keep(folder, enrolment);
}

/** The edge's authority, taken from whoever answers and held against the fingerprint of the code: nothing is sent before it fits. */
async function authorityOf(url: URL, fingerprint: string, signal: AbortSignal): Promise<string> {
  using http = createHttpClient({ anyServer: true });
  const answer = await http.send('GET', new URL('v1/region', url), {}, undefined, signal);
  if (answer.status !== 200) throw answerError(url.host, answer);
  const { authority } = JSON.parse(answer.body.toString('utf8')) as { authority?: string };
  if (typeof authority !== 'string' || fingerprintOf(authority) !== fingerprint)
    throw new TargetError('refused', `${url.host} is not the edge that gave out this code: check its address`);
  return authority;
}

/** A new certificate for the same key when the present one has less than a month; undefined when it has more. */
export async function renewed(
  folder: string,
  url: URL,
  enrolment: Enrolment,
  http: HttpClient,
  nowUtcMs: number,
  signal: AbortSignal,
): Promise<Enrolment | undefined> {
  const ends = Date.parse(new X509Certificate(enrolment.certificate).validTo);
  if (ends - nowUtcMs > RENEW_BEFORE_MS) return undefined;
  const request = await certificateRequest(await keysOf(folder));
  const next = await ask(http, new URL(`v1/hubs/${enrolment.hub}/certificate`, url), { request }, signal);
  const [before, after] = await Promise.all([enrolment.key, next.key].map((key) => calculateJwkThumbprint(key)));
  if (before !== after)
    throw new TargetError('refused', 'the edge signs with another key than when this hub enrolled: ask its operator, then enrol again');
  await checkEnrolment(next, enrolment.region, fingerprintOf(enrolment.authority));
  return keep(folder, next);
}

type Given = Enrolment & { readonly statement: string };

async function ask(http: HttpClient, url: URL, body: object, signal: AbortSignal): Promise<Given> {
  const answer = await http.send('POST', url, { 'content-type': 'application/json' }, Buffer.from(JSON.stringify(body)), signal);
  if (answer.status !== 201) {
    const { kind, message } = answerError(url.host, answer);
    throw new TargetError(kind === 'away' ? 'away' : 'refused', message);
  }
  return JSON.parse(answer.body.toString('utf8')) as Given;
}

async function checkEnrolment({ key, statement, authority, region: said }: Given, region: string, fingerprint: string): Promise<void> {
  if (said !== region) throw new TargetError('refused', `the edge is in '${said}', not in '${region}': nothing is sent there`);
  if (fingerprintOf(authority) !== fingerprint)
    throw new TargetError('refused', 'the edge has another certificate authority than its code said: ask its operator for a new code');
  await checkStatement(statement, key, region, fingerprint);
}

function keep(folder: string, { hub, region, certificate, authority, key }: Given): Enrolment {
  const enrolment: Enrolment = { hub, region, certificate, authority, key };
  writeFileAtomic(`${folder}/enrolment.json`, JSON.stringify(enrolment));
  return enrolment;
}
