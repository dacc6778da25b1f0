/** Where an address stands: at home when no other home could mean it, else not known until its owner says. */
import { isIP } from 'node:net';
import { isAtHome, isHomeName } from '../ops/home-network.ts';
import { AT_HOME, UNKNOWN_REGION } from './residency.ts';

/** {@link AT_HOME} for private addresses, single words and the endings that no public name has; {@link UNKNOWN_REGION} for the rest. */
export function regionOfHost(host: string): string {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  const isHome = isIP(bare) === 0 ? isHomeName(bare) : isAtHome(bare);
  return isHome ? AT_HOME : UNKNOWN_REGION;
}
