/** What the hub's HTTP API gives, as far as the page uses it. Times are ISO 8601 in UTC unless the name says milliseconds. */

export type Category = 'identity' | 'body' | 'activity' | 'environment' | 'technical';

export interface Session {
  readonly claimed: boolean;
  readonly signedIn: boolean;
  readonly id?: string;
  readonly name?: string;
  readonly standing?: 'owner' | 'member' | 'guest' | 'waiting';
}

export interface Quantity {
  readonly id: string;
  readonly label: string;
  /** UCUM. */
  readonly unit: string;
  readonly category: Category;
  /** Digits after the point that mean something. */
  /** Bounds of what is plausible. */
  readonly min: number;
  readonly max: number;
  readonly decimals: number;
  readonly combine: 'mean' | 'sum' | 'last';
}

export interface Device {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly connected: boolean;
  readonly state: 'starting' | 'running' | 'fault' | 'away';
  /** What is wrong and what to do; empty when all is well. */
  readonly message: string;
  /** Of a scale: whether one may step on. */
  readonly plate?: 'unsettled' | 'ready' | 'occupied';
  readonly lastSeen: string | null;
  readonly firmware: string;
  readonly quantities: readonly string[];
}

export interface Measurement {
  readonly id: string;
  readonly seq: number;
  readonly subject: string;
  readonly quantity: string;
  readonly label: string;
  readonly value: number;
  readonly unit: string;
  readonly category: Category;
  readonly start: string;
  readonly end: string;
  readonly timeQuality: 'synced' | 'estimated' | 'device';
  readonly flag: 'ok' | 'implausible';
  readonly device: string;
}

/** A value for the eye, not yet a measurement and never stored. */
export interface LiveValue {
  readonly device: string;
  readonly quantity: string;
  readonly value: number;
  readonly at: string;
}

export interface SeriesPoint {
  readonly startMs: number;
  readonly endMs: number;
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
}

/** A span without measurements, and why. */
export interface Gap {
  /** '*' for all of them. */
  readonly device: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly cause: 'power' | 'radio' | 'away' | 'dropped' | 'unknown';
  readonly words: string;
}

export interface Camera {
  readonly state: 'starting' | 'live' | 'fault' | 'off' | 'private';
  readonly fps: number;
  readonly width: number;
  readonly height: number;
  readonly message: string;
  readonly name: string;
  /** Of the edge that the picture goes through. */
  readonly region: string;
  /** Left out where there is no edge. */
  readonly isRegionProven?: boolean;
  /** Where the home has one. */
  readonly microphone?: {
    readonly name: string;
    readonly isOn: boolean;
    readonly by: string;
    readonly since: string | null;
    readonly message: string;
    /** Who watches hears the room. */
    readonly isLive: boolean;
    readonly sound: {
      /** Whether the household's policy names it. */
      readonly isNamed: boolean;
      /** Who lives here, and whether they agree to it: all have to. */
      readonly people: readonly { readonly id: string; readonly name: string; readonly isAgreed: boolean }[];
    };
    readonly heard: { readonly at: string; readonly lastsMs: number } | null;
  };
  /** The cover and the light beside it, where there are any. */
  readonly shutter?: { readonly cover: 'open' | 'closed' | 'moving'; readonly isLit: boolean; readonly trouble: string };
  /** Set while the household has it switched off. */
  readonly off?: { readonly since: string | null; readonly by: string };
}

export interface WifiNetwork {
  readonly name: string;
  readonly security: 'open' | 'owe' | 'wpa' | 'wpa3' | 'wep' | 'enterprise';
  /** 0 to 100. */
  readonly signal: number;
  readonly isConnected: boolean;
  /** Why the hub cannot join it; empty when it can. */
  readonly unsupported: string;
}

export interface Wifi {
  readonly kind: 'unusable' | 'disconnected' | 'connected' | 'hotspot';
  readonly network: string;
  readonly signal: number;
  readonly connectivity: 'none' | 'portal' | 'limited' | 'full' | 'unknown';
  readonly message: string;
  readonly remedy: string;
  readonly known: readonly { readonly name: string }[];
  readonly lastJoin:
    | { readonly kind: 'joining' | 'joined'; readonly network: string }
    | { readonly kind: 'failed'; readonly network: string; readonly message: string; readonly remedy: string }
    | null;
}

/** Where measurements go, and how far it is. */
export interface SyncTarget {
  readonly name: string;
  readonly kind: string;
  readonly origin: 'hub' | 'file' | 'book';
  readonly address: string;
  readonly state: 'synced' | 'behind' | 'down' | 'refused' | 'paused' | 'leaving';
  readonly lag: number;
  readonly lastError: string;
  readonly lastSent: string | null;
  readonly setAside: number;
  readonly region: string;
  readonly says: string;
  readonly allowed: readonly {
    readonly subject: string;
    readonly categories: readonly (Category | 'all')[];
    readonly since: string | null;
  }[];
}

export interface Bluetooth {
  readonly state: 'off' | 'quiet' | 'hearing' | 'deaf';
  readonly message: string;
  readonly adverts: number;
  readonly foreign: number;
  readonly added: readonly {
    readonly address: string;
    readonly device: string;
    readonly name: string;
    readonly model: string;
    readonly hasKey: boolean;
    readonly isBonded: boolean;
    readonly about: string;
    /** What it needs of the household; empty when nothing. */
    readonly trouble: string;
  }[];
  readonly found: readonly {
    readonly address: string;
    readonly model: string;
    readonly name: string | null;
    readonly rssi: number;
    readonly isLocked: boolean;
    readonly values: readonly {
      readonly quantity: string;
      readonly label: string;
      readonly value: number;
      readonly unit: string;
      readonly category: string;
    }[];
  }[];
}
