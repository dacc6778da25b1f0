/**
 * What the hub and its radio program say to each other: a JSON object a line, over the program's standard streams. The radio is a program
 * of its own because its native parts may crash, and a radio that went deaf is mended at last by starting it anew.
 */

/** An advertisement or scan response as it was heard, undecoded. */
export interface HeardAdvert {
  readonly say: 'advert';
  /** `A4:C1:38:8D:18:B2`. */
  readonly address: string;
  readonly isRandom: boolean;
  readonly isConnectable: boolean;
  readonly isScanResponse: boolean;
  /** dBm. */
  readonly rssi: number;
  /** Advertising data, hexadecimal. */
  readonly data: string;
}

/** A long-term key and the numbers that name it, hexadecimal (Bluetooth Core 5.4, Vol 3 Part H, 2.4.4). */
export interface Bond {
  readonly ltk: string;
  readonly ediv: string;
  readonly rand: string;
}

export type AdapterState = 'poweredOn' | 'poweredOff' | 'unsupported' | 'unauthorized' | 'resetting' | 'unknown';

/** What the program says. Characteristics by their short UUIDs. */
export type RadioSaid =
  | HeardAdvert
  | { readonly say: 'adapter'; readonly state: AdapterState; readonly address: string; readonly message: string }
  | {
      readonly say: 'connected';
      readonly link: number;
      readonly name: string | null;
      readonly characteristics: readonly string[];
      /** What each of them can, by its UUID. */
      readonly properties?: Readonly<Record<string, readonly string[]>>;
    }
  | { readonly say: 'notified'; readonly link: number; readonly characteristic: string; readonly data: string }
  /** The answer to a read; null when the device refused. */
  | { readonly say: 'answered'; readonly link: number; readonly characteristic: string; readonly data: string | null }
  /** Both sides agreed on a key for this link and the next ones. */
  | { readonly say: 'bonded'; readonly link: number; readonly bond: Bond }
  /** Resolves the addresses that it changes to, hexadecimal, most significant first: told when it was paired. */
  | { readonly say: 'identity'; readonly link: number; readonly irk: string }
  /** It did not agree on a key, or has forgotten the one it agreed on. */
  | { readonly say: 'unpaired'; readonly link: number; readonly reason: string }
  /** The link is over, or did not come about. */
  | { readonly say: 'ended'; readonly link: number; readonly reason: string };

export type RadioAsked =
  | { readonly ask: 'rescan' }
  /** HCI reset: forgets links and scanning in the controller. */
  | { readonly ask: 'power-cycle' }
  /** Closes the adapter and opens it again. */
  | { readonly ask: 'reopen' }
  | {
      readonly ask: 'connect';
      readonly link: number;
      readonly address: string;
      readonly isRandom: boolean;
      readonly withinMs: number;
      /** Of an earlier pairing: the link is encrypted by it before anything is asked. */
      readonly bond?: Bond;
    }
  | { readonly ask: 'subscribe'; readonly link: number; readonly characteristic: string }
  | { readonly ask: 'read'; readonly link: number; readonly characteristic: string }
  | { readonly ask: 'write'; readonly link: number; readonly characteristic: string; readonly data: string; readonly withResponse: boolean }
  | { readonly ask: 'disconnect'; readonly link: number };

const kinds = new Set(['advert', 'adapter', 'connected', 'notified', 'answered', 'bonded', 'identity', 'unpaired', 'ended']);

/** Undefined for a line that is none of ours: a library printed it. */
export function saidIn(line: string): RadioSaid | undefined {
  if (!line.startsWith('{"say":')) return undefined;
  try {
    const said = JSON.parse(line) as { say?: unknown };
    return typeof said.say === 'string' && kinds.has(said.say) ? (said as RadioSaid) : undefined;
  } catch {
    return undefined;
  }
}
