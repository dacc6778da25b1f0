/**
 * Commands of QN scales (Qingniu: Renpho, FITINDEX, Sencor, Arboleaf and many brands): kind, length, …, sum of all before.
 *
 * Source: openScale's and ble-scale-sync's descriptions of the protocol and of captures.
 */
import { asByte, be16, le32, sum8 } from '../bytes.ts';
import type { ScaleProfile } from './family.ts';

const sealed = (...bytes: number[]): number[] => [...bytes, sum8(bytes)];

/** Seconds from 1970 to 2000, from which these scales count. */
export const EPOCH_2000 = 946_684_800;

const UNITS = { kg: 0x01, lb: 0x02, st: 0x08 } as const;
export const unitFlag = ({ displayUnit = 'kg' }: ScaleProfile): number => UNITS[displayUnit];

/** 0x13: how to measure and what to show. */
export const config = (protocol: number, unit: number): number[] => sealed(0x13, 0x09, protocol, unit, 0x10, 0, 0, 0);
/** An older form of it, which some firmware waits for. */
export const OLD_CONFIG = [0x13, 0x09, 0x00, 0x01, 0x01, 0x02];
/** 0x20: the time. */
export const clock = (protocol: number, utcMs: number): number[] =>
  sealed(0x20, 0x08, protocol, ...le32(Math.floor(utcMs / 1000) - EPOCH_2000));
/** 0xA2 as a profile. */
export const profile = ({ ageYears }: ScaleProfile): number[] => sealed(0xa2, 0x06, 0x01, 0x32, Math.max(1, asByte(ageYears)));
/** 0xA2 as a weight, in hundredths of a kg: near which the scale expects the person. */
export const weightAnchor = (raw: number): number[] => sealed(0xa2, 0x06, 0x01, ...be16(Math.min(0xffff, Math.max(0, Math.round(raw)))));
/** 0xA0: how to report, 0xFE or, for scales of the long greeting, 0xFC. */
export const report = (isLong: boolean): number[] => sealed(0xa0, 0x0d, 0x04, isLong ? 0xfc : 0xfe, 0, 0, 0, 0, 0, 0, 0, 0);
/** 0xA0: a person of the vendor's program, the same for all. */
export const REPORT_PERSON = sealed(0xa0, 0x0d, 0x02, 0x01, 0x00, 0x08, 0x00, 0x21, 0x06, 0xb8, 0x04, 0x02);
/** 0x22: start, and tell what is stored. */
export const start = (protocol: number): number[] => sealed(0x22, 0x06, protocol, 0x00, 0x03);
/** 0x1F: a settled weight was heard. */
export const acknowledge = (protocol: number): number[] => sealed(0x1f, 0x05, protocol, 0x10);

/** Of the JieLi service beside it: a hello, and the word that ends its authentication. */
export const JIELI_HELLO = [0xfe, 0xdc, 0xba, 0xc0, 0x06, 0x00, 0x02, 0x01, 0x01, 0xef];
export const JIELI_PASS = [0x02, 0x70, 0x61, 0x73, 0x73];
