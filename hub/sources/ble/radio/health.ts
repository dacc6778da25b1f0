/**
 * Whether the radio still hears, and what to do when it does not: a ladder from the cheapest remedy to the last one.
 *
 * Scanning that stops without a word is the commonest fault of Bluetooth hosts. Adverts arrive like rain: after silence of many times
 * the usual distance between two of them, the radio is deaf and not the home quiet (at 20 times the mean, once in e^20 by chance).
 */
import type { AdapterState } from './lines.ts';

export const rungs = ['rescan', 'power-cycle', 'reopen', 'restart'] as const;
export type Rung = (typeof rungs)[number];

const REOPEN = rungs.indexOf('reopen');

/** Silence of so many usual distances. */
const PATIENCE_FACTOR = 20;
/** Never sooner: a connection and a busy host make short silences. */
const LEAST_PATIENCE_MS = 10_000;
/** A home with one sensor that speaks each minute is asked about after this. */
const MOST_PATIENCE_MS = 600_000;
/** Time for a remedy to work, the restart of the program and of an adapter included. */
const REMEDY_MS = 10_000;
/** After the whole ladder, it is climbed again, each time later. */
const MOST_REST_MS = 600_000;
/** Before anything was heard: the patience of a home with a single sensor. */
const FIRST_DISTANCE_MS = 30_000;
/** Weight of each new distance in their mean. */
const LEARNING = 0.02;

export type RadioHealth = Readonly<{
  kind: 'quiet' | 'hearing' | 'deaf' | 'off';
  adapter: AdapterState;
  /** In the adapter's own words; empty when there is nothing to say. */
  message: string;
  /** Since the start of the hub. */
  adverts: number;
  heardAtMs: number | null;
  /** Mean distance between adverts, ms. */
  distanceMs: number;
  /** Next rung; `rungs.length`: the ladder is climbed and the person is told. */
  rung: number;
  /** When the next remedy is due. */
  dueMs: number;
  /** How often the whole ladder was climbed in this deafness. */
  climbed: number;
  /** How often each remedy was tried since the start, and how often the radio was heard again after it. */
  tried: Readonly<Record<Rung, number>>;
  mended: Readonly<Record<Rung, number>>;
}>;

export type RadioHealthEvent =
  | { readonly kind: 'heard'; readonly atMs: number }
  | { readonly kind: 'adapter'; readonly state: AdapterState; readonly message: string; readonly atMs: number }
  | { readonly kind: 'tick'; readonly atMs: number };

const none: Readonly<Record<Rung, number>> = { rescan: 0, 'power-cycle': 0, reopen: 0, restart: 0 };

export const startOfHealth = (atMs: number): RadioHealth => ({
  kind: 'quiet',
  adapter: 'unknown',
  message: '',
  adverts: 0,
  heardAtMs: null,
  distanceMs: FIRST_DISTANCE_MS,
  rung: 0,
  dueMs: atMs + MOST_PATIENCE_MS,
  climbed: 0,
  tried: none,
  mended: none,
});

export const patienceMs = ({ distanceMs }: Pick<RadioHealth, 'distanceMs'>): number =>
  Math.min(MOST_PATIENCE_MS, Math.max(LEAST_PATIENCE_MS, PATIENCE_FACTOR * distanceMs));

/** What is known after an event, and the remedy that is due now, if one is. Pure. */
export function stepHealth(health: RadioHealth, event: RadioHealthEvent): readonly [RadioHealth, Rung | undefined] {
  switch (event.kind) {
    case 'heard':
      return [heard(health, event.atMs), undefined];
    case 'adapter':
      return [saysAdapter(health, event), undefined];
    case 'tick':
      return tick(health, event.atMs);
  }
}

function saysAdapter(health: RadioHealth, { state, message, atMs }: Extract<RadioHealthEvent, { kind: 'adapter' }>): RadioHealth {
  const said = { ...health, adapter: state, message };
  if (state === 'unsupported') return { ...said, kind: 'off' };
  const kind = health.kind === 'off' ? 'quiet' : health.kind;
  // A deaf one that says it is well is believed once it hears.
  if (kind === 'deaf') return said;
  // One that heard and was pulled or switched off: a new scan would not help, so the ladder begins where it is opened again.
  if (kind === 'hearing' && state !== 'poweredOn') return { ...said, kind: 'deaf', rung: REOPEN, dueMs: atMs };
  // One that is not ready is soon started again; one that is has the patience of its home.
  return { ...said, kind, dueMs: state === 'poweredOn' ? atMs + patienceMs(health) : Math.min(health.dueMs, atMs + REMEDY_MS) };
}

function heard(health: RadioHealth, atMs: number): RadioHealth {
  const gapMs = health.heardAtMs === null ? health.distanceMs : Math.min(MOST_PATIENCE_MS, atMs - health.heardAtMs);
  // The first ones count as a plain mean, so that a quiet home is known as one after minutes.
  const distanceMs = health.distanceMs + Math.max(LEARNING, 1 / (health.adverts + 2)) * (gapMs - health.distanceMs);
  const last = health.kind === 'deaf' ? rungs[Math.min(health.rung, rungs.length) - 1] : undefined;
  const mended = last === undefined ? health.mended : { ...health.mended, [last]: health.mended[last] + 1 };
  const dueMs = atMs + patienceMs({ distanceMs });
  return {
    ...health,
    kind: 'hearing',
    message: '',
    adverts: health.adverts + 1,
    heardAtMs: atMs,
    distanceMs,
    rung: 0,
    dueMs,
    climbed: 0,
    mended,
  };
}

function tick(health: RadioHealth, atMs: number): readonly [RadioHealth, Rung | undefined] {
  if (health.kind === 'off' || atMs < health.dueMs) return [health, undefined];
  if (health.kind === 'quiet' && health.adapter === 'poweredOn') {
    // Nothing was ever heard: perhaps nothing is there. A new scan costs nothing, the rest of the ladder would.
    return [{ ...health, dueMs: atMs + MOST_PATIENCE_MS, tried: { ...health.tried, rescan: health.tried.rescan + 1 } }, 'rescan'];
  }
  const rung = rungs[health.rung];
  if (rung === undefined) {
    const restMs = Math.min(MOST_REST_MS, REMEDY_MS * 2 ** health.climbed);
    return [{ ...health, rung: 0, climbed: health.climbed + 1, dueMs: atMs + restMs }, undefined];
  }
  const tried = { ...health.tried, [rung]: health.tried[rung] + 1 };
  return [{ ...health, kind: 'deaf', rung: health.rung + 1, dueMs: atMs + REMEDY_MS, tried }, rung];
}

/** What the page says. */
export function describeHealth(health: RadioHealth): string {
  switch (health.kind) {
    case 'off':
      return `There is no Bluetooth adapter${health.message === '' ? '' : ` (${health.message})`}.`;
    case 'quiet':
      return health.adapter === 'poweredOn' ? 'Listening; nothing was heard yet.' : adapterWords(health);
    case 'hearing':
      return `Hears ${Math.round(60_000 / Math.max(1, health.distanceMs)).toLocaleString('en')} broadcasts a minute.`;
    case 'deaf':
      if (health.message !== '') return `${health.message.charAt(0).toUpperCase()}${health.message.slice(1)}.`;
      return health.climbed === 0 && health.rung < rungs.length
        ? 'The radio went silent; the hub is mending it.'
        : 'The radio hears nothing and could not be mended: unplug the adapter or restart the hub.';
  }
}

function adapterWords({ adapter, message }: RadioHealth): string {
  switch (adapter) {
    case 'poweredOff':
      return "The adapter is switched off: 'bluetoothctl power on' switches it on.";
    case 'unauthorized':
      return "The hub may not use the adapter: give its Node the right with 'sudo setcap cap_net_raw+eip'.";
    default:
      return message === '' ? 'The adapter is starting.' : message;
  }
}
