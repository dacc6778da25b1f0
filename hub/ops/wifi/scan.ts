/**
 * What is in the air. The sweep is node-wifi's; it splits at every colon, so names and whatever follows a colon in a name come from
 * the exact listing of the same sweep, in which a name is given as the bytes it is.
 */
import { createRequire } from 'node:module';
import { nmcli } from './nmcli.ts';
import { terseRows } from './terse.ts';

export type Security = 'open' | 'wpa' | 'wpa3' | 'wep' | 'enterprise' | 'owe';

/** A network as a person sees it: one name, however many access points carry it. */
export interface Network {
  /** The name's bytes in hexadecimal; empty for one that hides its name. */
  readonly ssidHex: string;
  /** For people; what is not UTF-8 in it shows as a replacement sign. */
  readonly name: string;
  readonly security: Security;
  /** Of its strongest access point, 0 to 100. */
  readonly signal: number;
  readonly accessPoints: number;
  readonly isConnected: boolean;
  /** Why the hub cannot join it; empty when it can. */
  readonly unsupported: string;
}

export interface AccessPoint {
  readonly bssid: string;
  readonly ssidHex: string;
  readonly signal: number;
  readonly frequencyMhz: number;
  readonly security: Security;
  readonly isConnected: boolean;
}

/** A row of node-wifi, as far as it can be relied on. */
export interface Swept {
  readonly bssid: string;
  readonly quality: number;
  readonly frequency: number;
}

interface NodeWifi {
  init(options: { iface: string | null }): void;
  scan(): Promise<Swept[]>;
}

const FIELDS = ['ACTIVE', 'BSSID', 'SSID-HEX', 'MODE', 'FREQ', 'SIGNAL', 'SECURITY'];
/** Enough for a block of flats; a page of more helps nobody. */
const MOST_NETWORKS = 100;

let library: NodeWifi | undefined;

/** Networks in reach, strongest first. Rejects with WifiError. Takes some seconds. */
export async function scan(signal?: AbortSignal): Promise<Network[]> {
  const swept = await sweep();
  return networksOf(await listAccessPoints(signal), swept);
}

/** Access points of the last sweep, without a new one. Rejects with WifiError. */
export async function listAccessPoints(signal?: AbortSignal): Promise<AccessPoint[]> {
  const args = ['--terse', '--escape', 'yes', '--fields', FIELDS.join(','), 'device', 'wifi', 'list', '--rescan', 'no'];
  return parseAccessPoints(await nmcli(args, signal === undefined ? {} : { signal }));
}

/** Rows of `device wifi list` with the fields above. Pure; what is no access point is left out. */
export function parseAccessPoints(output: string): AccessPoint[] {
  return terseRows(output, FIELDS.length).flatMap(([active, bssid, ssidHex, mode, frequency, signal, security]) =>
    !/^(?:[0-9A-F]{2}:){5}[0-9A-F]{2}$/i.test(bssid!) || mode === 'Ad-Hoc'
      ? []
      : [
          {
            bssid: bssid!.toUpperCase(),
            ssidHex: /^(?:[0-9A-F]{2})*$/i.test(ssidHex!) ? ssidHex!.toUpperCase() : '',
            signal: clamp(Number.parseInt(signal!, 10)),
            frequencyMhz: Number.parseInt(frequency!, 10) || 0,
            security: securityOf(security!),
            isConnected: active === 'yes',
          },
        ],
  );
}

/** One row for each name and security, strongest first. */
export function networksOf(points: readonly AccessPoint[], swept: readonly Swept[] = []): Network[] {
  const sweptOf = new Map(swept.map((row) => [row.bssid.toUpperCase(), row]));
  const signalOf = ({ bssid, frequencyMhz, signal }: AccessPoint): number => {
    const seen = sweptOf.get(bssid);
    // After a colon in the name its columns have moved, and the frequency is another's.
    return seen !== undefined && seen.frequency === frequencyMhz && Number.isInteger(seen.quality) ? clamp(seen.quality) : signal;
  };
  const groups = Map.groupBy(points, ({ ssidHex, security, bssid }) => (ssidHex === '' ? `hidden ${bssid}` : `${ssidHex} ${security}`));
  return [...groups.values()]
    .map((group): Network => {
      const { ssidHex, security } = group[0]!;
      return {
        ssidHex,
        name: nameOf(ssidHex),
        security,
        signal: Math.max(...group.map(signalOf)),
        accessPoints: group.length,
        isConnected: group.some(({ isConnected }) => isConnected),
        unsupported: unsupportedBecause(ssidHex, security),
      };
    })
    .sort((a, b) => Number(b.isConnected) - Number(a.isConnected) || b.signal - a.signal)
    .slice(0, MOST_NETWORKS);
}

export const nameOf = (ssidHex: string): string => Buffer.from(ssidHex, 'hex').toString('utf8');

/** The column SECURITY: words such as `WPA2`, `WPA1 WPA2`, `WPA3`, `WPA2 802.1X`, `WEP`, `OWE`; empty when open. */
export function securityOf(column: string): Security {
  if (/802\.1X/i.test(column)) return 'enterprise';
  if (/WPA[12]?(?!\d)/i.test(column.replace(/WPA3/gi, ''))) return 'wpa';
  if (/WPA3|SAE/i.test(column)) return 'wpa3';
  if (/OWE/i.test(column)) return 'owe';
  return /WEP/i.test(column) ? 'wep' : 'open';
}

function unsupportedBecause(ssidHex: string, security: Security): string {
  if (security === 'enterprise')
    return 'A company network with a name for each user: Hearth does not join those. Use a cable or a guest network.';
  if (security === 'wep') return 'Its protection (WEP) has been broken since 2001. Set the router to WPA2 or WPA3.';
  if (ssidHex !== '' && Buffer.from(nameOf(ssidHex)).toString('hex').toUpperCase() !== ssidHex)
    return 'Its name is not written in UTF-8. Give it another name in the router.';
  return '';
}

async function sweep(): Promise<Swept[]> {
  try {
    library ??= load();
    return await library.scan();
  } catch {
    // The exact listing that follows meets the same trouble and says it with its remedy.
    return [];
  }
}

/** node-wifi sets this process's language as it loads; that is put back. */
function load(): NodeWifi {
  const { LANG, LC_ALL, LC_MESSAGES } = process.env;
  const loaded = createRequire(import.meta.url)('node-wifi') as NodeWifi;
  for (const [name, value] of Object.entries({ LANG, LC_ALL, LC_MESSAGES })) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  loaded.init({ iface: null });
  return loaded;
}

const clamp = (signal: number): number => (Number.isFinite(signal) ? Math.min(100, Math.max(0, signal)) : 0);
