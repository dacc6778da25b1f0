import type { Parse, Parsed } from './serial-frames.ts';

/** No instrument's line is longer; a stream without line ends is cut here. */
const LONGEST_LINE = 256;

/** Lines of text, ended by LF, CR or both; empty ones are left out. Bytes beyond ASCII show as they are in Latin-1. */
export const textLines: Parse<string> = (bytes): Parsed<string> => {
  const first = bytes[0]!;
  if (first === 0x0a || first === 0x0d) return { kind: 'fault', bytes: 1, fault: 'header', message: 'an empty line' };
  const end = bytes.findIndex((byte) => byte === 0x0a || byte === 0x0d);
  if (end > LONGEST_LINE || (end === -1 && bytes.length > LONGEST_LINE))
    return { kind: 'fault', bytes: Math.max(1, end), fault: 'length', message: `a line of more than ${LONGEST_LINE} characters` };
  if (end === -1) return { kind: 'more' };
  const text = Buffer.from(bytes.subarray(0, end)).toString('latin1').trim();
  if (text === '') return { kind: 'fault', bytes: end, fault: 'header', message: 'an empty line' };
  return { kind: 'frame', bytes: end + 1, value: text };
};
