/**
 * User Control Point (0x2A9F): who stands on the device. A scale with several persons stays silent until one of them consents
 * with the code that was agreed when the person was registered.
 *
 * Source: User Data Service 1.0, sections 3.2.2 and 4.4.
 */
import { le16, u8 } from '../bytes.ts';

export const USER_CONTROL_POINT = '2a9f';
/** The largest consent code of the standard. */
export const MAX_CONSENT_CODE = 9999;

export type UserRequest =
  | { readonly kind: 'register'; readonly consentCode: number }
  | { readonly kind: 'consent'; readonly userIndex: number; readonly consentCode: number }
  | { readonly kind: 'list' }
  | { readonly kind: 'delete' };

export type UserAnswer =
  | { readonly kind: 'registered'; readonly userIndex: number }
  | { readonly kind: 'consented' }
  | { readonly kind: 'done'; readonly request: number }
  /** The index or the code does not fit: which, the device does not say. */
  | { readonly kind: 'unauthorised' }
  | { readonly kind: 'refused'; readonly request: number; readonly reason: string };

const REGISTER = 1;
const CONSENT = 2;
const DELETE = 3;
const LIST = 4;
const ANSWER = 0x20;
const SUCCESS = 1;
const NOT_AUTHORISED = 5;
const REASONS: Readonly<Record<number, string>> = {
  2: 'the operation is not supported',
  3: 'a parameter is not valid',
  4: 'the operation failed',
};

/** Bytes to write to the control point, with response. */
export function encodeUserRequest(request: UserRequest): Uint8Array {
  switch (request.kind) {
    case 'register':
      return Uint8Array.from([REGISTER, ...le16(request.consentCode)]);
    case 'consent':
      return Uint8Array.from([CONSENT, request.userIndex & 0xff, ...le16(request.consentCode)]);
    case 'list':
      return Uint8Array.of(LIST);
    case 'delete':
      return Uint8Array.of(DELETE);
  }
}

/** What the device answered; undefined for bytes that are no answer. */
export function decodeUserAnswer(bytes: Uint8Array): UserAnswer | undefined {
  if (bytes.length < 3 || u8(bytes, 0) !== ANSWER) return undefined;
  const request = u8(bytes, 1);
  const result = u8(bytes, 2);
  if (result === NOT_AUTHORISED) return { kind: 'unauthorised' };
  if (result !== SUCCESS) return { kind: 'refused', request, reason: REASONS[result] ?? `result 0x${result.toString(16)}` };
  if (request === CONSENT) return { kind: 'consented' };
  if (request === REGISTER && bytes.length > 3) return { kind: 'registered', userIndex: u8(bytes, 3) };
  return { kind: 'done', request };
}
