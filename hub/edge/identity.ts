/**
 * Who an edge is: its region, the key with which it signs what it says, and its authority over hubs' certificates. Kept in one
 * file, which all processes of one edge share.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, unlinkSync } from 'node:fs';
import { calculateJwkThumbprint, exportJWK, type JWK, SignJWT } from 'jose';
import { writeFileAtomic } from '../ops/files.ts';
import {
  type Authority,
  authorityCertificate,
  certify,
  fingerprintOf,
  keyPairOf,
  newKeyPair,
  privateKeyPem,
  requestedKey,
} from './certificates.ts';

/** What an edge signs when it has a batch on disk. A hub keeps it as its proof. */
export interface ReceiptClaims {
  readonly region: string;
  readonly hub: string;
  readonly vault: string;
  readonly after: number;
  readonly upTo: number;
  /** Rows that were new to the edge. */
  readonly added: number;
  /** SHA-256 of the body as it was sent, base64url. */
  readonly sha256: string;
}

export interface EdgeIdentity {
  readonly region: string;
  /** Public key of all its statements. */
  readonly key: JWK;
  readonly keyId: string;
  readonly authority: Authority;
  /** Of the authority's certificate. */
  readonly fingerprint: string;
  /** JWS: `{region, authority, iat}`. */
  statement(nowUtcMs: number): Promise<string>;
  receipt(claims: ReceiptClaims, nowUtcMs: number): Promise<string>;
  /** What a session of a camera was, signed (JWS). */
  videoReceipt(claims: object, nowUtcMs: number): Promise<string>;
  /** A hub's certificate for its request. Rejects when the request is wrong. */
  certifyHub(request: string, hub: string, nowUtcMs: number): Promise<string>;
  /** A key and a certificate for this process's server under these names. */
  serverTls(hosts: readonly string[], nowUtcMs: number): Promise<{ key: string; cert: string }>;
}

export const STATEMENT_TYPE = 'hearth-region+jwt';
export const RECEIPT_TYPE = 'hearth-receipt+jwt';
export const VIDEO_RECEIPT_TYPE = 'hearth-video+jwt';

interface Kept {
  readonly region: string;
  readonly signingKey: string;
  readonly authorityKey: string;
  readonly authorityCertificate: string;
}

/** Opens the identity of a folder, made when it is new. Rejects when the folder is of another region: an edge does not move. */
export async function openIdentity(folder: string, region: string, nowUtcMs: number): Promise<EdgeIdentity> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = `${folder}/identity.json`;
  if (!existsSync(file)) await makeIdentity(file, region, nowUtcMs);
  const kept = JSON.parse(readFileSync(file, 'utf8')) as Kept;
  if (kept.region !== region)
    throw new Error(
      `${file} is of an edge in '${kept.region}', not in '${region}': hubs trust it for that region, so set up a new edge instead`,
    );
  const signing = await keyPairOf(kept.signingKey);
  const authority: Authority = { certificate: kept.authorityCertificate, key: (await keyPairOf(kept.authorityKey)).privateKey };
  const key = await exportJWK(signing.publicKey);
  const keyId = await calculateJwkThumbprint(key);
  const fingerprint = fingerprintOf(authority.certificate);
  const sign = (typ: string, claims: object, nowMs: number): Promise<string> =>
    new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: keyId, typ })
      .setIssuedAt(Math.floor(nowMs / 1000))
      .sign(signing.privateKey);
  return {
    region,
    key,
    keyId,
    authority,
    fingerprint,
    statement: (nowMs) => sign(STATEMENT_TYPE, { region, authority: fingerprint }, nowMs),
    receipt: (claims, nowMs) => sign(RECEIPT_TYPE, claims, nowMs),
    videoReceipt: (claims, nowMs) => sign(VIDEO_RECEIPT_TYPE, claims, nowMs),
    certifyHub: async (request, hub, nowMs) => certify(authority, await requestedKey(request), hub, nowMs),
    async serverTls(hosts, nowMs) {
      const own = await newKeyPair();
      return { key: await privateKeyPem(own.privateKey), cert: await certify(authority, own.publicKey, hosts[0] ?? 'edge', nowMs, hosts) };
    },
  };
}

async function makeIdentity(file: string, region: string, nowUtcMs: number): Promise<void> {
  const [signing, authority] = await Promise.all([newKeyPair(), newKeyPair()]);
  const kept: Kept = {
    region,
    signingKey: await privateKeyPem(signing.privateKey),
    authorityKey: await privateKeyPem(authority.privateKey),
    authorityCertificate: await authorityCertificate(authority, `Hearth edge ${region}`, nowUtcMs),
  };
  // Processes that start at the same time: the first one's identity is everybody's.
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  writeFileAtomic(draft, JSON.stringify(kept));
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    unlinkSync(draft);
  }
}
