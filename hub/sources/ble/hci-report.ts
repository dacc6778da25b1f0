/**
 * Advertising reports of a controller, as HCI packets carry them, and the text that `hcidump -R` writes of them.
 * Source: Bluetooth Core 5.4, Vol 4 Part E: 7.7.65.2 LE Advertising Report, 7.7.65.13 LE Extended Advertising Report.
 */
import type { Advertisement } from './advertisement.ts';
import { hexOf, i8 } from './advertisements/fields.ts';
import { parseAdvertisingData } from './advertising-data.ts';

export interface AdvertisingReport {
  /** `A4:C1:38:8D:18:B2`. */
  readonly address: string;
  readonly addressKind: 'public' | 'random' | 'anonymous';
  /** dBm; null where the controller does not know. */
  readonly rssi: number | null;
  readonly data: Uint8Array;
}

const H4_EVENT = 0x04;
const LE_META_EVENT = 0x3e;
const LEGACY_REPORT = 0x02;
const EXTENDED_REPORT = 0x0d;
/** Bytes of one extended report before its data. */
const EXTENDED_HEADER = 24;
const RSSI_UNKNOWN = 127;

const addressAt = (bytes: Uint8Array, at: number): string =>
  hexOf(bytes.slice(at, at + 6).reverse())
    .toUpperCase()
    .replace(/..(?=.)/g, '$&:');

const kindOf = (kind: number): AdvertisingReport['addressKind'] => (kind === 0xff ? 'anonymous' : kind & 1 ? 'random' : 'public');
const rssiAt = (bytes: Uint8Array, at: number): number | null =>
  at < bytes.length && i8(bytes, at) !== RSSI_UNKNOWN ? i8(bytes, at) : null;

/**
 * The reports inside one HCI packet (H4 framed: 04 3E length ...). Other packets give none; a report that says it is longer than
 * the packet ends the list. Never throws.
 */
export function advertisingReports(packet: Uint8Array): AdvertisingReport[] {
  if (packet[0] !== H4_EVENT || packet[1] !== LE_META_EVENT || packet.length < 5) return [];
  const reports: AdvertisingReport[] = [];
  let at = 5;
  for (let left = packet[4]!; left > 0; left--) {
    const extended = packet[3] === EXTENDED_REPORT;
    if (!extended && packet[3] !== LEGACY_REPORT) break;
    const dataAt = at + (extended ? EXTENDED_HEADER : 9);
    if (dataAt > packet.length) break;
    const end = dataAt + packet[dataAt - 1]!;
    if (end > packet.length) break;
    reports.push({
      address: addressAt(packet, at + (extended ? 3 : 2)),
      addressKind: kindOf(packet[at + (extended ? 2 : 1)]!),
      rssi: rssiAt(packet, extended ? at + 13 : end),
      data: packet.subarray(dataAt, end),
    });
    at = extended ? end : end + 1;
  }
  return reports;
}

export function advertisementOf(report: AdvertisingReport): Advertisement {
  const { name, serviceUuids, serviceData, manufacturerData } = parseAdvertisingData(report.data);
  return { address: report.address, name, rssi: report.rssi, serviceUuids, serviceData, manufacturerData };
}

/** Longest HCI event: 3 bytes of header and 255 of parameters. */
const MAX_PACKET_BYTES = 258;

/**
 * Packets of `hcidump --raw`: a line that begins with `>` (or `<` for what the host sent) opens a packet, lines that begin with
 * white space go on with it. Returns what the controller sent; lines that are no hex are left out.
 */
export function hcidumpPackets(text: string): Uint8Array[] {
  const packets: string[] = [];
  let receiving = false;
  for (const line of text.split('\n')) {
    const hex = line.replace(/^[<>]/, '').replace(/\s+/g, '');
    if (line.startsWith('>')) packets.push('');
    if (line.startsWith('>') || line.startsWith('<')) receiving = line.startsWith('>');
    if (receiving && packets.length > 0 && /^(?:[0-9A-Fa-f]{2})+$/.test(hex)) packets[packets.length - 1] += hex;
  }
  return packets
    .filter((hex) => hex.length > 0 && hex.length <= 2 * MAX_PACKET_BYTES)
    .map((hex) => Uint8Array.from(hex.match(/../g)!, (pair) => Number.parseInt(pair, 16)));
}
