/** Passkeys by the browser's own WebAuthn. Offered where the page is in a secure context alone: HTTPS or localhost. */
import { call } from './api.ts';

export const canPasskey = (): boolean =>
  window.isSecureContext && 'PublicKeyCredential' in window && 'parseCreationOptionsFromJSON' in PublicKeyCredential;

/** Makes a passkey on this device and gives the hub its public key. Throws ApiError, or DOMException when the person leaves it. */
export async function makePasskey(begin: () => Promise<PublicKeyCredentialCreationOptionsJSON>): Promise<void> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(await begin());
  const credential = await navigator.credentials.create({ publicKey });
  if (credential instanceof PublicKeyCredential) await call('PUT', 'second-secrets/passkey', { response: credential.toJSON() });
}

/** Proves to the hub that the person is there, by a passkey. */
export async function givePasskey(): Promise<void> {
  const options = await call<PublicKeyCredentialRequestOptionsJSON>('POST', 'again/passkey/options', {});
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = await navigator.credentials.get({ publicKey });
  if (credential instanceof PublicKeyCredential) await call('POST', 'again/passkey', { response: credential.toJSON() });
}
