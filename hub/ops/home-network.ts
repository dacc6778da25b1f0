/** What is of the home's own network: addresses, and names that mean nothing elsewhere. */
import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** RFC 1122 loopback, RFC 1918 and 4193 private use, RFC 3927 and 4291 link local. */
const atHome = new BlockList();
for (const [network, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
] as const)
  atHome.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  atHome.addSubnet(network, bits, 'ipv6');

/** Whether an address is of the home's own network. What is no address is not. */
export function isAtHome(address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (isIPv4(plain)) return atHome.check(plain, 'ipv4');
  return isIPv6(plain) && atHome.check(plain, 'ipv6');
}

/**
 * Names by which a hub is reached at home: addresses, single words, and the endings that no public name has (RFC 6761, 6762, 8375). A page
 * of another name that points at this hub (DNS rebinding) must not claim it.
 */
export function isHomeName(host: string | undefined): boolean {
  const name = (host ?? '')
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  return isIPv4(name) || isIPv6(name) || /^[a-z0-9-]+$/.test(name) || /\.(local|lan|home|internal|localhost|home\.arpa)$/.test(name);
}
