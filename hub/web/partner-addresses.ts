/** Whether a partner may be registered as it describes itself: its addresses are checked before anything is sent to them. */
import { isAtHome, isHomeName } from '../ops/home-network.ts';

export class RegistrationError extends Error {
  override readonly name = 'RegistrationError';
  /** As RFC 7591 calls it. */
  readonly code: 'invalid_redirect_uri' | 'invalid_client_metadata';

  constructor(code: RegistrationError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

const parse = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);
const isHome = ({ hostname, host }: URL): boolean => isHomeName(host) || isAtHome(hostname);

/** Throws RegistrationError unless an answer may be sent there: over TLS, within the home, or to an app's own scheme (RFC 8252, 7.1). */
export function needRedirectUri(text: string): void {
  const refuse = (why: string): never => {
    throw new RegistrationError('invalid_redirect_uri', `the redirect address '${text.slice(0, 200)}' ${why}`);
  };
  const url = parse(text) ?? refuse('is no address: give it in full, like https://partner.example/back');
  if (text.includes('#')) refuse('has a fragment, which is never sent: leave it out');
  if (url.username !== '' || url.password !== '') refuse('names a user: leave that out');
  if (text.includes('*')) refuse('has a *: give each address in full');
  if (url.protocol === 'https:') return;
  if (url.protocol === 'http:') {
    if (!isHome(url)) refuse('is outside the home and not encrypted: use https');
    return;
  }
  if (!/^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/.test(url.protocol))
    refuse('is of a scheme that any program could claim: an app uses its own domain, reversed, like example.partner:/back');
}

/** Throws RegistrationError unless it is a page that can be read: the privacy policy, a webhook. */
export function needWebAddress(text: string, what: string): void {
  const url = parse(text);
  if (url === undefined || !['https:', 'http:'].includes(url.protocol) || url.username !== '')
    throw new RegistrationError(
      'invalid_client_metadata',
      `${what} '${text.slice(0, 200)}' is no web address: give it in full, with https://`,
    );
  if (url.protocol === 'http:' && !isHome(url))
    throw new RegistrationError(
      'invalid_client_metadata',
      `${what} '${text.slice(0, 200)}' is outside the home and not encrypted: use https`,
    );
}
