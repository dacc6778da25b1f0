/**
 * Current Time (0x2A2B) as the hub writes it to devices that ask for the time. A hub that does not know the time writes none.
 *
 * Source: Current Time Service 1.1, section 3.1; GATT Specification Supplement, Exact Time 256.
 */
import { type CivilTime, encodeCivilTime, weekdayOf } from '../civil-time.ts';

export const CURRENT_TIME = '2a2b';

/** Ten bytes: date, time, day of the week, no fraction, no reason. */
export const encodeCurrentTime = (time: CivilTime): Uint8Array => Uint8Array.from([...encodeCivilTime(time), weekdayOf(time), 0, 0]);
