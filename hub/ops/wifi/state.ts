/** How this machine is connected, as NetworkManager sees it. */
import { nmcli } from './nmcli.ts';
import { terseRows } from './terse.ts';
import { WifiError } from './wifi-error.ts';

/**
 * What NetworkManager's check of its own address found (nmcli(1), `networking connectivity`): `portal` is a page that wants a
 * click or a sign-in first, `limited` a network without internet; `unknown` when the check is switched off.
 */
export type Connectivity = 'none' | 'portal' | 'limited' | 'full' | 'unknown';

export type Radio =
  | { readonly kind: 'ready'; readonly device: string }
  /** No NetworkManager, no adapter, switched off or blocked; `trouble` says what to do. */
  | { readonly kind: 'unusable'; readonly trouble: WifiError };

export interface Link {
  readonly radio: Radio;
  /** Id of the connection that the Wi-Fi device has up; empty when none. */
  readonly wifi: string;
  readonly isWired: boolean;
}

const connectivities: readonly string[] = ['none', 'portal', 'limited', 'full'];

/** Never rejects: what cannot be found out is a radio that is unusable. */
export async function readLink(): Promise<Link> {
  try {
    const [general] = terseRows(await nmcli(['--terse', '--fields', 'RUNNING,WIFI-HW,WIFI', 'general', 'status']), 3);
    const devices = terseRows(
      await nmcli(['--terse', '--escape', 'yes', '--fields', 'DEVICE,TYPE,STATE,CONNECTION', 'device', 'status']),
      4,
    );
    return linkOf(general ?? [], devices);
  } catch (error) {
    const trouble = error instanceof WifiError ? error : new WifiError('other', String(error), 'Try again in a minute.');
    return { radio: { kind: 'unusable', trouble }, wifi: '', isWired: false };
  }
}

/** Pure: rows of `general status` and `device status` as a {@link Link}. */
export function linkOf([, hardware = '', switched = '']: readonly string[], devices: readonly (readonly string[])[]): Link {
  const wifi = devices.filter(([, type]) => type === 'wifi');
  const isUp = (state: string | undefined): boolean => state?.startsWith('connected') ?? false;
  const isWired = devices.some(([, type, state]) => type === 'ethernet' && isUp(state));
  const usable = wifi.find(([, , state]) => isUp(state)) ?? wifi.find(([, , state]) => state !== 'unmanaged');
  const unusable = (trouble: WifiError): Link => ({ radio: { kind: 'unusable', trouble }, wifi: '', isWired });
  if (wifi.length > 0 && hardware === 'disabled')
    return unusable(
      new WifiError('blocked', 'A switch of this machine blocks Wi-Fi.', "Use the switch or key, or 'sudo rfkill unblock wifi'."),
    );
  if (wifi.length > 0 && switched === 'disabled')
    return unusable(new WifiError('off', 'Wi-Fi is switched off on this hub.', "Switch it on with 'nmcli radio wifi on'."));
  if (usable === undefined)
    return unusable(
      wifi.length > 0
        ? new WifiError(
            'absent',
            `NetworkManager leaves ${wifi[0]![0]} alone.`,
            `Give it over with 'nmcli device set ${wifi[0]![0]} managed yes'.`,
          )
        : new WifiError('absent', 'No Wi-Fi here: this hub has no Wi-Fi adapter.', 'Use a network cable, or plug an adapter in.'),
    );
  const [device, , state, connection] = usable;
  return { radio: { kind: 'ready', device: device! }, wifi: isUp(state) ? connection! : '', isWired };
}

/** Asks NetworkManager to look now. Rejects with WifiError. */
export async function checkConnectivity(): Promise<Connectivity> {
  const word = (await nmcli(['--terse', 'networking', 'connectivity', 'check'])).trim();
  return connectivities.includes(word) ? (word as Connectivity) : 'unknown';
}
