/**
 * A second secret that a person may set and is asked for again before export, sharing, camera grants and deletion: a PIN, a code of an
 * authenticator app (TOTP, RFC 6238), or a passkey with user verification (WebAuthn). Of a passkey the hub has the public key alone:
 * fingerprint and face never leave the phone.
 */
import { createRequire } from 'node:module';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { TOTP } from 'otpauth';
import type { Account } from './accounts.ts';
import type { Household } from './household.ts';
import type { Passwords } from './passwords.ts';

export type SecretKind = 'pin' | 'totp' | 'passkey';

export interface KeptSecret {
  readonly id: string;
  readonly kind: SecretKind;
  readonly createdUtcMs: number;
}

/** Where a passkey is used: it is bound to the host name. */
export interface Place {
  /** `http://localhost:8080`. */
  readonly origin: string;
  readonly host: string;
}

export interface SecondSecrets {
  list(account: string): KeptSecret[];
  /** Replaces the PIN. Four to twelve digits. */
  setPin(account: string, pin: string, nowUtcMs: number): Promise<void>;
  isPin(account: string, pin: string): Promise<boolean>;
  /** A new secret for an authenticator app, kept once {@link SecondSecrets.confirmTotp} saw a right code of it. */
  beginTotp(account: Account): { secret: string; uri: string };
  confirmTotp(account: string, code: string, nowUtcMs: number): boolean;
  /** Each code counts once. */
  isTotp(account: string, code: string, nowUtcMs: number): boolean;
  beginPasskey(account: Account, place: Place): Promise<PublicKeyCredentialCreationOptionsJSON>;
  confirmPasskey(account: string, place: Place, response: RegistrationResponseJSON, nowUtcMs: number): Promise<boolean>;
  askPasskey(account: string, place: Place): Promise<PublicKeyCredentialRequestOptionsJSON>;
  isPasskey(account: string, place: Place, response: AuthenticationResponseJSON): Promise<boolean>;
  remove(account: string, kind: SecretKind, id: string): boolean;
}

const TOTP_PERIOD_S = 30;
/** Steps a phone's clock may be off to either side. */
const TOTP_WINDOW = 1;
/** Challenges wait for one answer; a page that was left open forgets its own. */
const MOST_CHALLENGES = 200;
const MOST_PASSKEYS = 10;
const RP_NAME = 'Hearth';
/** Some 10 MB that most homes never need. */
/** Loaded with the first code. */
const otp = (): typeof import('otpauth') => createRequire(import.meta.url)('otpauth');
const webAuthn = () => import('@simplewebauthn/server');

interface Row {
  kind: SecretKind;
  id: string;
  data: string;
  created: number;
}
interface TotpData {
  readonly secret: string;
  /** Newest step whose code was used. */
  readonly usedStep: number;
}
interface PasskeyData {
  readonly publicKey: string;
  readonly counter: number;
  readonly host: string;
}

export function openSecondSecrets(household: Household, passwords: Passwords): SecondSecrets {
  const select = household.prepare<[string, string], Row>('SELECT * FROM secret WHERE account = ? AND kind = ? ORDER BY created');
  const put = household.prepare('INSERT OR REPLACE INTO secret (account, kind, id, data, created) VALUES (?, ?, ?, ?, ?)');
  const update = household.prepare('UPDATE secret SET data = ? WHERE account = ? AND kind = ? AND id = ?');
  const pendingTotp = new Map<string, string>();
  const challenges = new Map<string, string>();
  const remember = (map: Map<string, string>, key: string, value: string): void => {
    while (map.size >= MOST_CHALLENGES) map.delete(map.keys().next().value!);
    map.set(key, value);
  };
  const takeChallenge = (key: string): string | undefined => {
    const challenge = challenges.get(key);
    challenges.delete(key);
    return challenge;
  };
  const totpOf = (secret: string, label = ''): TOTP => {
    const { Secret, TOTP } = otp();
    return new TOTP({ issuer: RP_NAME, label, secret: Secret.fromBase32(secret), period: TOTP_PERIOD_S, digits: 6 });
  };
  /** The step of a right code; undefined for a wrong one. */
  const stepOf = (secret: string, code: string, nowUtcMs: number): number | undefined => {
    const delta = totpOf(secret).validate({ token: code.replaceAll(/\s/g, ''), timestamp: nowUtcMs, window: TOTP_WINDOW });
    return delta === null ? undefined : Math.floor(nowUtcMs / 1000 / TOTP_PERIOD_S) + delta;
  };

  return {
    list: (account) =>
      household
        .prepare<[string], Row>('SELECT * FROM secret WHERE account = ? ORDER BY created, kind')
        .all(account)
        .map(({ id, kind, created }) => ({ id, kind, createdUtcMs: created })),
    async setPin(account, pin, nowUtcMs) {
      const { salt, hash } = await passwords.keep(pin);
      put.run(account, 'pin', 'pin', JSON.stringify({ salt: salt.toString('base64'), hash: hash.toString('base64') }), nowUtcMs);
    },
    isPin(account, pin) {
      const row = select.get(account, 'pin');
      const kept = row === undefined ? undefined : (JSON.parse(row.data) as { salt: string; hash: string });
      return passwords.isRight(
        pin,
        kept === undefined ? undefined : { salt: Buffer.from(kept.salt, 'base64'), hash: Buffer.from(kept.hash, 'base64') },
      );
    },
    beginTotp({ id, name }) {
      const secret = new (otp().Secret)({ size: 20 }).base32;
      remember(pendingTotp, id, secret);
      return { secret, uri: totpOf(secret, name).toString() };
    },
    confirmTotp(account, code, nowUtcMs) {
      const secret = pendingTotp.get(account);
      const step = secret === undefined ? undefined : stepOf(secret, code, nowUtcMs);
      if (secret === undefined || step === undefined) return false;
      pendingTotp.delete(account);
      put.run(account, 'totp', 'totp', JSON.stringify({ secret, usedStep: step } satisfies TotpData), nowUtcMs);
      return true;
    },
    isTotp(account, code, nowUtcMs) {
      const row = select.get(account, 'totp');
      if (row === undefined) return false;
      const { secret, usedStep } = JSON.parse(row.data) as TotpData;
      const step = stepOf(secret, code, nowUtcMs);
      if (step === undefined || step <= usedStep) return false;
      update.run(JSON.stringify({ secret, usedStep: step } satisfies TotpData), account, 'totp', row.id);
      return true;
    },
    async beginPasskey({ id, name }, { host }) {
      const known = select.all(id, 'passkey');
      const options = await (await webAuthn()).generateRegistrationOptions({
        rpName: RP_NAME,
        rpID: host,
        userName: name,
        userID: Buffer.from(id),
        attestationType: 'none',
        excludeCredentials: known.map((row) => ({ id: row.id })),
        authenticatorSelection: { userVerification: 'required', residentKey: 'discouraged' },
      });
      remember(challenges, `new ${id}`, options.challenge);
      return options;
    },
    async confirmPasskey(account, { origin, host }, response, nowUtcMs) {
      const expectedChallenge = takeChallenge(`new ${account}`);
      if (expectedChallenge === undefined || select.all(account, 'passkey').length >= MOST_PASSKEYS) return false;
      const { verifyRegistrationResponse } = await webAuthn();
      const { verified, registrationInfo } = await verifyRegistrationResponse({
        response,
        expectedChallenge,
        expectedOrigin: origin,
        expectedRPID: host,
        requireUserVerification: true,
      }).catch(() => ({ verified: false as const, registrationInfo: undefined }));
      if (!verified || registrationInfo === undefined) return false;
      const { id, publicKey, counter } = registrationInfo.credential;
      const data: PasskeyData = { publicKey: Buffer.from(publicKey).toString('base64url'), counter, host };
      put.run(account, 'passkey', id, JSON.stringify(data), nowUtcMs);
      return true;
    },
    async askPasskey(account, { host }) {
      const options = await (await webAuthn()).generateAuthenticationOptions({
        rpID: host,
        userVerification: 'required',
        allowCredentials: select.all(account, 'passkey').map(({ id }) => ({ id })),
      });
      remember(challenges, `ask ${account}`, options.challenge);
      return options;
    },
    async isPasskey(account, { origin, host }, response) {
      const expectedChallenge = takeChallenge(`ask ${account}`);
      const row = select.all(account, 'passkey').find(({ id }) => id === response.id);
      if (expectedChallenge === undefined || row === undefined) return false;
      const data = JSON.parse(row.data) as PasskeyData;
      const { verifyAuthenticationResponse } = await webAuthn();
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response,
        expectedChallenge,
        expectedOrigin: origin,
        expectedRPID: host,
        credential: { id: row.id, publicKey: new Uint8Array(Buffer.from(data.publicKey, 'base64url')), counter: data.counter },
        requireUserVerification: true,
      }).catch(() => ({ verified: false, authenticationInfo: undefined }));
      if (!verified || authenticationInfo === undefined) return false;
      update.run(JSON.stringify({ ...data, counter: authenticationInfo.newCounter }), account, 'passkey', row.id);
      return true;
    },
    remove: (account, kind, id) =>
      household.prepare('DELETE FROM secret WHERE account = ? AND kind = ? AND id = ?').run(account, kind, id).changes > 0,
  };
}
