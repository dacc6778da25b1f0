/**
 * Networks that NetworkManager knows, and how a new one is made known: the profile first, without its secret and not to be used by
 * itself; then the secret, typed into nmcli's editor on its standard input; used by itself only once it has worked.
 */
import { pbkdf2Sync } from 'node:crypto';
import { nmcli } from './nmcli.ts';
import type { Security } from './scan.ts';
import { terseFields, terseRows } from './terse.ts';
import { WifiError } from './wifi-error.ts';

export interface KnownNetwork {
  readonly uuid: string;
  readonly name: string;
  /** Greater is tried first. */
  readonly priority: number;
  readonly isConnected: boolean;
}

export interface NewNetwork {
  readonly ssid: string;
  readonly security: Exclude<Security, 'enterprise' | 'wep'>;
  readonly passphrase: string;
  readonly isHidden: boolean;
  readonly priority: number;
}

export interface NewHotspot {
  readonly ssid: string;
  readonly passphrase: string;
  readonly device: string;
  /** Of the hub on the hotspot, with prefix length. */
  readonly address: string;
}

/** Ids of profiles that the hub made begin so; a household's own are left as they are but for forgetting. */
const OURS = 'Hearth ';
export const HOTSPOT_ID = 'Hearth set-up hotspot';
/** IEEE 802.11: a network's name is at most 32 bytes. */
const MOST_SSID_BYTES = 32;
/** Long enough for a slow router's DHCP; NetworkManager's own limit for each step is 25 s and 45 s. */
const JOIN_S = 60;
const MOST_PROFILES = 50;

/** Networks with their priority, greatest first; the hub's own hotspot is none of them. Rejects with WifiError. */
export async function knownNetworks(): Promise<KnownNetwork[]> {
  const args = ['--terse', '--escape', 'yes', '--fields', 'UUID,TYPE,AUTOCONNECT-PRIORITY,ACTIVE,NAME', 'connection', 'show'];
  const profiles = terseRows(await nmcli(args), 5).filter(([, type]) => type === '802-11-wireless' || type === 'wifi');
  const known: KnownNetwork[] = [];
  for (const [uuid, , priority, active] of profiles.slice(0, MOST_PROFILES)) {
    const show = ['--escape', 'yes', '--get-values', '802-11-wireless.ssid,802-11-wireless.mode', 'connection', 'show', 'uuid', uuid!];
    // A profile that was removed in between is no trouble.
    const [ssid = '', mode = ''] = (await nmcli(show).catch(() => '')).split('\n').map((line) => terseFields(line).join(':'));
    if (ssid !== '' && mode !== 'ap')
      known.push({ uuid: uuid!, name: ssid, priority: Number(priority) || 0, isConnected: active === 'yes' });
  }
  return known.sort((a, b) => b.priority - a.priority);
}

/** Joins a network and keeps it. Rejects with WifiError, and then nothing was changed. */
export async function joinNetwork(network: NewNetwork, before: readonly KnownNetwork[], signal: AbortSignal): Promise<void> {
  const secret = checkedSecret(network);
  const { ssid, security, isHidden, priority } = network;
  const keys = { open: [], owe: ['owe'], wpa: ['wpa-psk'], wpa3: ['sae'] }[security];
  const uuid = await addProfile([
    ...['con-name', `${OURS}${ssid}`, 'ifname', '*', 'ssid', ssid, 'save', 'yes'],
    ...['connection.autoconnect', 'no', 'connection.autoconnect-priority', String(priority)],
    ...(isHidden ? ['802-11-wireless.hidden', 'yes'] : []),
    ...keys.flatMap((key) => ['802-11-wireless-security.key-mgmt', key]),
  ]);
  try {
    if (secret !== '') await giveSecret(uuid, secret);
    await nmcli(['connection', 'up', 'uuid', uuid], { waitS: JOIN_S, secret, signal });
    await nmcli(['connection', 'modify', 'uuid', uuid, 'connection.autoconnect', 'yes']);
  } catch (error) {
    await removeProfile(uuid).catch(() => undefined);
    throw error;
  }
  // The new profile stands for the network from here on.
  for (const old of before) if (old.name === ssid) await removeProfile(old.uuid).catch(() => undefined);
}

/** Opens a hotspot of the hub's own; clients get addresses from NetworkManager. Rejects with WifiError. */
export async function openHotspot({ ssid, passphrase, device, address }: NewHotspot): Promise<void> {
  await closeHotspot();
  const uuid = await addProfile([
    ...['con-name', HOTSPOT_ID, 'ifname', device, 'ssid', ssid, 'save', 'no', 'connection.autoconnect', 'no'],
    ...['802-11-wireless.mode', 'ap', '802-11-wireless.band', 'bg', '802-11-wireless-security.key-mgmt', 'wpa-psk'],
    ...['802-11-wireless-security.proto', 'rsn', 'ipv4.method', 'shared', 'ipv4.addresses', address, 'ipv6.method', 'disabled'],
  ]);
  try {
    await giveSecret(uuid, passphrase, 'temporary');
    await nmcli(['connection', 'up', 'uuid', uuid], { waitS: JOIN_S, secret: passphrase });
  } catch (error) {
    await removeProfile(uuid).catch(() => undefined);
    throw error;
  }
}

/** Closes the hotspot. One that is not there is no trouble. */
export async function closeHotspot(): Promise<void> {
  await nmcli(['connection', 'delete', 'id', HOTSPOT_ID]).catch(() => undefined);
}

export const removeProfile = async (uuid: string): Promise<void> => void (await nmcli(['connection', 'delete', 'uuid', uuid]));

export async function setPriority(uuid: string, priority: number): Promise<void> {
  await nmcli(['connection', 'modify', 'uuid', uuid, 'connection.autoconnect-priority', String(priority)]);
}

async function addProfile(settings: readonly string[]): Promise<string> {
  const said = await nmcli(['connection', 'add', 'type', 'wifi', ...settings]);
  const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=\) successfully added)/.exec(said)?.[0];
  if (uuid === undefined) throw new WifiError('other', 'NetworkManager did not say which profile it made.', 'Try again in a minute.');
  return uuid;
}

/**
 * nmcli's editor reads one command a line and takes blanks off a value's ends. The secret was checked to be one line without such
 * blanks, so it can neither be changed by that nor be taken for a command.
 */
async function giveSecret(uuid: string, secret: string, save: 'persistent' | 'temporary' = 'persistent'): Promise<void> {
  const input = `set 802-11-wireless-security.psk ${secret}\nsave ${save}\nquit\n`;
  await nmcli(['connection', 'edit', 'uuid', uuid], { input, secret });
}

/** The secret as NetworkManager takes it; empty for an open network. Throws WifiError for one that cannot be right. */
export function checkedSecret({ ssid, security, passphrase }: Pick<NewNetwork, 'ssid' | 'security' | 'passphrase'>): string {
  const bytes = Buffer.byteLength(ssid);
  if (bytes === 0 || bytes > MOST_SSID_BYTES || ssid.includes('\0'))
    throw new WifiError(
      'invalid',
      `A network's name has 1 to ${MOST_SSID_BYTES} bytes; this one has ${bytes}.`,
      'Choose one from the list.',
    );
  if (security === 'open' || security === 'owe') return '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be in it
  if (/[\x00-\x1f\x7f]/.test(passphrase)) throw new WifiError('invalid', 'The password holds a control character.', 'Type it by hand.');
  if (security === 'wpa' && /^[0-9a-f]{64}$/i.test(passphrase)) return passphrase;
  // IEEE 802.11-2020, annex J.4: a passphrase is 8 to 63 ASCII characters. SAE has no such bound; routers keep it all the same.
  if (passphrase.length < 8 || passphrase.length > 63)
    throw new WifiError('invalid', `The password has ${passphrase.length} characters; such a network's has 8 to 63.`, 'Type it again.');
  if (passphrase === passphrase.trim()) return passphrase;
  if (security === 'wpa3')
    throw new WifiError('unsupported', 'The password begins or ends with a blank.', 'Give the router one that does not.');
  return pbkdf2Sync(passphrase, ssid, 4096, 32, 'sha1').toString('hex');
}
