/** Why something with Wi-Fi did not work, and what a person does about it. Never holds a passphrase. */
export type WifiTrouble =
  | 'absent'
  | 'stopped'
  | 'refused'
  | 'off'
  | 'blocked'
  | 'password'
  | 'not-found'
  | 'address'
  | 'timeout'
  | 'invalid'
  | 'unsupported'
  | 'busy'
  | 'other';

export class WifiError extends Error {
  override readonly name = 'WifiError';
  readonly trouble: WifiTrouble;
  readonly remedy: string;

  constructor(trouble: WifiTrouble, message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.trouble = trouble;
    this.remedy = remedy;
  }
}

interface Row {
  readonly says: RegExp;
  readonly trouble: WifiTrouble;
  readonly message: string;
  readonly remedy: string;
}

/** What NetworkManager 1.42 to 1.52 writes (src/libnm-client-aux-extern/nm-libnm-aux.c, src/nmcli/), in a household's words. */
const rows: readonly Row[] = [
  {
    says: /NetworkManager is not running|Could not create NMClient|Could not connect/i,
    trouble: 'stopped',
    message: 'The network service of this hub does not run.',
    remedy: "Start it with 'sudo systemctl enable --now NetworkManager'.",
  },
  {
    says: /not authorized|insufficient privileges|access denied|permission/i,
    trouble: 'refused',
    message: 'The system does not let the hub change the network.',
    remedy: "Add the hub's user to the group netdev ('sudo usermod -aG netdev hearth'), then restart the hub.",
  },
  {
    says: /secrets were required|no secrets|802-1x supplicant (?:disconnected|failed|took too long)|psk: property is invalid/i,
    trouble: 'password',
    message: 'The network did not accept the password.',
    remedy: 'Type it again as it stands on the router; capital and small letters differ.',
  },
  {
    says: /network could not be found|no network with ssid|ssid[ -]not[ -]found/i,
    trouble: 'not-found',
    message: 'The network is not in reach.',
    remedy: 'Bring hub and router closer together, or check the name of a hidden network.',
  },
  {
    says: /ip configuration could not be reserved|dhcp|no lease/i,
    trouble: 'address',
    message: 'The router gave the hub no address.',
    remedy: 'Restart the router, then try again.',
  },
  {
    says: /timeout .*expired|timed out/i,
    trouble: 'timeout',
    message: 'The network did not answer in time.',
    remedy: 'Bring hub and router closer together, then try again.',
  },
  {
    says: /wireless is disabled|wi-?fi is disabled|radio.*(?:off|disabled)|rfkill/i,
    trouble: 'off',
    message: 'Wi-Fi is switched off on this hub.',
    remedy: "Switch it on with 'nmcli radio wifi on'.",
  },
  {
    says: /no wi-?fi device|no suitable device|device .*not (?:found|available)/i,
    trouble: 'absent',
    message: 'This hub has no Wi-Fi adapter that is ready.',
    remedy: 'Plug one in, or use a network cable.',
  },
];

/** What nmcli said as a {@link WifiError}. `secret` is cut out of whatever is kept of its words. */
export function wifiErrorOf(words: string, exitCode: number | null, secret = ''): WifiError {
  const said = (secret === '' ? words : words.replaceAll(secret, '…')).trim();
  const row = rows.find(({ says }) => says.test(said)) ?? (exitCode === 3 ? rows.find(({ trouble }) => trouble === 'timeout') : undefined);
  if (row !== undefined) return new WifiError(row.trouble, row.message, row.remedy, { cause: said });
  const last =
    said
      .split('\n')
      .at(-1)
      ?.replace(/^Error:\s*/, '') ?? '';
  return new WifiError('other', `Wi-Fi could not be changed: ${last === '' ? `exit code ${exitCode}` : last}`, 'Try again in a minute.');
}
