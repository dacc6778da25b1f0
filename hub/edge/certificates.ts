/** X.509 certificates between hubs and edges: an edge is the authority of its own hubs, and of nobody else. Keys are ECDSA P-256. */
import { createHash, createPrivateKey, KeyObject, sign, webcrypto, X509Certificate } from 'node:crypto';
import type * as X509 from '@peculiar/x509';

type Key = webcrypto.CryptoKey;
type Pair = webcrypto.CryptoKeyPair;
const { subtle } = webcrypto;
/** Some 10 MB, needed by an edge alone: nothing of it is loaded by a hub. */
const loadX509 = async (): Promise<typeof X509> => {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto as never);
  return x509;
};

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
/** An edge's authority outlives its hubs' hardware. */
const AUTHORITY_MS = 20 * 365 * DAY_MS;
/** A hub that was off for two months still comes back; a stolen one is out within three. */
export const CERTIFICATE_MS = 90 * DAY_MS;
/** Clocks of hubs are a little wrong. */
const BACKDATED_MS = DAY_MS;

export const newKeyPair = (): Promise<Pair> => subtle.generateKey(ECDSA, true, ['sign', 'verify']) as Promise<Pair>;

export async function privateKeyPem(key: Key): Promise<string> {
  const der = Buffer.from(await subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' }) as string;
}

/** Rejects when the text is no P-256 private key. */
export async function keyPairOf(pem: string): Promise<Pair> {
  const secret = createPrivateKey(pem);
  const der = secret.export({ format: 'der', type: 'pkcs8' });
  const { d: _d, ...publicJwk } = secret.export({ format: 'jwk' });
  return {
    privateKey: await subtle.importKey('pkcs8', der, ECDSA, true, ['sign']),
    publicKey: await subtle.importKey('jwk', publicJwk as webcrypto.JsonWebKey, ECDSA, true, ['verify']),
  };
}

/** The authority's own certificate, PEM. */
export async function authorityCertificate(keys: Pair, name: string, nowUtcMs: number): Promise<string> {
  const x509 = await loadX509();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    keys: keys as never,
    notBefore: new Date(nowUtcMs - BACKDATED_MS),
    notAfter: new Date(nowUtcMs + AUTHORITY_MS),
    signingAlgorithm: ECDSA,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey as never),
    ],
  });
  return certificate.toString('pem');
}

/** DER (X.690): tag, length in one byte or after 0x81, content. */
const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(content.length < 0x80 ? [tag, content.length] : [tag, 0x81, content.length]), content]);
};
const SEQUENCE = 0x30;
/** version 0; subject CN=hub (2.5.4.3, UTF8String); no attributes. */
const [VERSION, SUBJECT, NO_ATTRIBUTES] = ['020100', '300e310c300a06035504030c03687562', 'a000'].map((hex) => Buffer.from(hex, 'hex'));
/** 1.2.840.10045.4.3.2 (RFC 5758). */
const ECDSA_WITH_SHA256 = Buffer.from('300a06082a8648ce3d040302', 'hex');

/**
 * What a hub sends so that its key is certified: PEM of a PKCS #10 request (RFC 2986), signed by the key itself. Written here, since key and
 * signature alone vary in it and the library would leave its 10 MB with the hub.
 */
export async function certificateRequest({ publicKey, privateKey }: Pair): Promise<string> {
  const info = der(SEQUENCE, VERSION!, SUBJECT!, Buffer.from(await subtle.exportKey('spki', publicKey)), NO_ATTRIBUTES!);
  const signature = sign('sha256', info, KeyObject.from(privateKey));
  const request = der(SEQUENCE, info, ECDSA_WITH_SHA256, der(0x03, Buffer.of(0), signature)).toString('base64');
  return `-----BEGIN CERTIFICATE REQUEST-----\n${request.replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE REQUEST-----\n`;
}

export interface Authority {
  readonly certificate: string;
  readonly key: Key;
}

/** The public key of a request whose signature holds. Rejects naming what is wrong. */
export async function requestedKey(pem: string): Promise<Key> {
  const x509 = await loadX509();
  let request: X509.Pkcs10CertificateRequest;
  try {
    request = new x509.Pkcs10CertificateRequest(pem);
  } catch {
    throw new Error('the certificate request does not read: PEM of a PKCS #10 request is needed');
  }
  if (!(await request.verify())) throw new Error('the certificate request is not signed by its own key');
  const key = (await request.publicKey.export(ECDSA as never, ['verify'], webcrypto as never).catch(() => undefined)) as Key | undefined;
  if (key === undefined) throw new Error('the key of the certificate request is not ECDSA P-256');
  return key;
}

/** A certificate for a hub or, with `hosts`, for the edge's own server. PEM. */
export async function certify(
  authority: Authority,
  publicKey: Key,
  name: string,
  nowUtcMs: number,
  hosts: readonly string[] = [],
): Promise<string> {
  const x509 = await loadX509();
  const isServer = hosts.length > 0;
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [name] }],
    issuer: new x509.X509Certificate(authority.certificate).subject,
    publicKey: publicKey as never,
    signingKey: authority.key as never,
    notBefore: new Date(nowUtcMs - BACKDATED_MS),
    notAfter: new Date(nowUtcMs + CERTIFICATE_MS),
    signingAlgorithm: ECDSA,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([isServer ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth]),
      ...(isServer
        ? [
            new x509.SubjectAlternativeNameExtension(
              hosts.map((host) => ({ type: /^[\d.]+$|:/.test(host) ? 'ip' : 'dns', value: host }) as const),
            ),
          ]
        : []),
    ],
  });
  return certificate.toString('pem');
}

/** When a certificate of this authority was given out, UTC milliseconds, from the start of its validity. */
export const issuedAt = (validFrom: string): number => Date.parse(validFrom) + BACKDATED_MS;

/** SHA-256 of a certificate's DER, base64url: what an enrolment code names so that the first connection is to the right edge. */
export const fingerprintOf = (pem: string): string => createHash('sha256').update(new X509Certificate(pem).raw).digest('base64url');
