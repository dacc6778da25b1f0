/**
 * Captures of one chosen device: what it broadcasts and, on request, what its characteristics are and say. Only the chosen address is looked at, nothing is
 * written to the device but the subscriptions themselves, and nothing is kept here: whoever asked gets the file.
 */
import type { Clock } from '../../../../firmware/protocol/time.ts';
import { parseAdvertisingData } from '../advertising-data.ts';
import type { HeardAdvert, RadioAsked } from '../radio/lines.ts';
import type { LinkSaid } from '../radio/program.ts';
import type { CapturedGatt, CaptureFile, Told } from './capture-file.ts';
import { replay } from './replay.ts';

export interface CaptureOptions {
  readonly ask: (asked: Extract<RadioAsked, { link: number }>) => boolean;
  /** Whether the hub holds a link to it: it is silent then. */
  readonly isHeld: (address: string) => boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface Neighbour {
  readonly address: string;
  readonly name: string | null;
  readonly rssi: number;
  readonly times: number;
}

export interface Captures {
  heard(advert: HeardAdvert): void;
  /** True when the link is one of a capture. */
  said(said: LinkSaid): boolean;
  /** Throws {@link CaptureError} for an address that cannot be, and while another capture runs. */
  capture(address: string, forMs: number, connects: boolean): Promise<CaptureFile>;
  /** Who is in reach, strongest first: listened for now and forgotten. */
  near(forMs: number): Promise<Neighbour[]>;
}

export class CaptureError extends Error {
  override readonly name = 'CaptureError';
}

/** Links of captures have numbers that those of measuring never reach. */
const FIRST_LINK = 1_000_000_000;
const CONNECT_WITHIN_MS = 15_000;
/** A device that repeats itself fills no file: equal bytes are counted. */
const MOST_BROADCASTS = 500;
const MOST_TOLD = 2000;
/** A legacy report holds so much; its event's length is one byte. */
const MOST_DATA = 229;
const MOST_NEIGHBOURS = 500;
const ADDRESS = /^([0-9A-F]{2}:){5}[0-9A-F]{2}$/;

/** Of reports as controllers write them (Core 5.4, Vol 4 Part E, 7.7.65.2): what kind of PDU it was. */
const pduOf = ({ isScanResponse, isConnectable }: HeardAdvert): number => (isScanResponse ? 4 : isConnectable ? 0 : 3);

function packetOf(advert: HeardAdvert): string {
  const data = Buffer.from(advert.data, 'hex').subarray(0, MOST_DATA);
  const address = Buffer.from(advert.address.replaceAll(':', ''), 'hex').reverse();
  const report = [1, pduOf(advert), advert.isRandom ? 1 : 0, ...address, data.length, ...data, advert.rssi & 0xff];
  return Buffer.from([0x04, 0x3e, report.length + 1, 0x02, ...report]).toString('hex');
}

export function createCaptures({ ask, isHeld, clock, signal }: CaptureOptions): Captures {
  const listeners = new Set<(advert: HeardAdvert) => void>();
  let link = FIRST_LINK;
  let onLink: ((said: LinkSaid) => void) | undefined;
  let isBusy = false;
  const listen = async (forMs: number, listener: (advert: HeardAdvert) => void): Promise<void> => {
    listeners.add(listener);
    await clock.sleep(forMs, signal).catch(() => undefined);
    listeners.delete(listener);
  };

  const gattOf = (startMs: number): { readonly gatt: CapturedGatt; connect(advert: HeardAdvert): void; end(): void } => {
    const told: Told[] = [];
    const gatt: { -readonly [Key in keyof CapturedGatt]: CapturedGatt[Key] } = { characteristics: [], told, trouble: 'it was not heard' };
    const own = link++;
    let isAsked = false;
    const note = (how: Told['how'], characteristic: string, data: string | null): void => {
      if (told.length < MOST_TOLD) told.push({ atMs: Math.round(clock.monotonic() - startMs), how, characteristic, data });
    };
    onLink = (said) => {
      if (said.link !== own) return;
      switch (said.say) {
        case 'connected': {
          const properties = said.properties ?? {};
          gatt.trouble = '';
          gatt.characteristics = said.characteristics.map((uuid) => ({ uuid, properties: [...(properties[uuid] ?? [])] }));
          for (const { uuid, properties: can } of gatt.characteristics) {
            if (can.includes('read')) ask({ ask: 'read', link: own, characteristic: uuid });
            if (can.includes('notify') || can.includes('indicate')) ask({ ask: 'subscribe', link: own, characteristic: uuid });
          }
          return;
        }
        case 'answered':
          return note('read', said.characteristic, said.data);
        case 'notified':
          return note('notified', said.characteristic, said.data);
        case 'unpaired':
        case 'ended':
          gatt.trouble = said.reason;
      }
    };
    return {
      gatt,
      connect({ address, isRandom, isConnectable }) {
        if (isAsked || !isConnectable) return;
        isAsked = true;
        gatt.trouble = 'it did not let itself be connected to';
        ask({ ask: 'connect', link: own, address, isRandom, withinMs: CONNECT_WITHIN_MS });
      },
      end() {
        onLink = undefined;
        if (isAsked) ask({ ask: 'disconnect', link: own });
      },
    };
  };

  return {
    heard(advert) {
      for (const listener of listeners) listener(advert);
    },
    said(said) {
      if (said.link < FIRST_LINK) return false;
      onLink?.(said);
      return true;
    },
    async capture(wanted, forMs, connects) {
      const address = wanted.toUpperCase();
      if (!ADDRESS.test(address)) throw new CaptureError(`'${wanted}' is no Bluetooth address: write it like A4:C1:38:8D:18:B2`);
      if (isBusy) throw new CaptureError('another capture runs: wait until it is over');
      if (connects && isHeld(address))
        throw new CaptureError('the hub is connected to it and hears it already: remove it first, or capture its broadcasts alone');
      isBusy = true;
      try {
        const startMs = clock.monotonic();
        const captured = new Date(clock.utc()).toISOString();
        const broadcasts = new Map<string, { readonly packet: string; readonly atMs: number; times: number }>();
        let name: string | null = null;
        const over = connects ? gattOf(startMs) : undefined;
        await listen(forMs, (advert) => {
          if (advert.address !== address) return;
          name = parseAdvertisingData(Buffer.from(advert.data, 'hex')).name ?? name;
          const key = `${pduOf(advert)}/${advert.data}`;
          const known = broadcasts.get(key);
          if (known !== undefined) known.times++;
          else if (broadcasts.size < MOST_BROADCASTS)
            broadcasts.set(key, { packet: packetOf(advert), atMs: Math.round(clock.monotonic() - startMs), times: 1 });
          over?.connect(advert);
        });
        over?.end();
        const cases = [...broadcasts.values()].map(({ packet, atMs, times }, index) => ({
          id: `broadcast ${index + 1}`,
          hci_event_hex: [packet],
          parser_options: {},
          expect: {},
          atMs,
          times,
        }));
        const file = { format: 'hearth-ble-capture/1', address, name, captured, cases, gatt: over?.gatt ?? null } as const;
        return { ...file, says: replay(file) };
      } finally {
        isBusy = false;
      }
    },
    async near(forMs) {
      const there = new Map<string, Neighbour>();
      await listen(forMs, ({ address, rssi, data }) => {
        const before = there.get(address);
        if (before === undefined && there.size >= MOST_NEIGHBOURS) return;
        const name = parseAdvertisingData(Buffer.from(data, 'hex')).name ?? before?.name ?? null;
        there.set(address, { address, name, rssi: Math.max(rssi, before?.rssi ?? -128), times: (before?.times ?? 0) + 1 });
      });
      return [...there.values()].sort((a, b) => b.rssi - a.rssi);
    },
  };
}
