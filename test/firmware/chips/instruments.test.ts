/** Instruments that speak lines of text: bench scales by MT-SICS, sketches that read an HX711. */

import t from 'tap';
import { parseHx711Line } from '../../../firmware/chips/hx711.ts';
import { massKg } from '../../../firmware/chips/mass-units.ts';
import { loadOf, parseSicsLine, type SicsLine, sicsResult } from '../../../firmware/chips/mt-sics.ts';
import { createFrameReader } from '../../../firmware/chips/serial-frames.ts';
import { textLines } from '../../../firmware/chips/text-lines.ts';
import fc from '../../property.ts';
import { readVectorJson, skipWithoutVectors } from '../../vectors.ts';

const linesOf = (chunks: readonly string[]): string[] => {
  const reader = createFrameReader(textLines);
  return chunks.flatMap((chunk) => reader.push(Buffer.from(chunk, 'latin1'))).flatMap((one) => (one.kind === 'frame' ? [one.value] : []));
};
const resultOf = (...chunks: string[]) =>
  sicsResult(
    linesOf(chunks)
      .map(parseSicsLine)
      .filter((line): line is SicsLine => line !== undefined),
  );

interface Expected {
  readonly error?: string;
  readonly stable?: boolean;
  readonly weight?: number;
  readonly unit?: string;
  readonly ok?: boolean;
  readonly data?: string;
  readonly software_version?: string;
  readonly serial_number?: string;
}

t.test('every recorded answer of a scale is understood', { skip: skipWithoutVectors }, async (t) => {
  interface Answers {
    readonly cases: readonly { command: string; answer_chunks: string[]; expect: Expected | { level: number; command: string }[] }[];
  }
  for (const { command, answer_chunks, expect } of readVectorJson<Answers>('5-serial-sensors/mt-sics.atlantis.json').cases) {
    const name = `${command}: ${answer_chunks.join('').trim()}`;
    const result = resultOf(...answer_chunks);
    if (Array.isArray(expect)) t.match(result, { kind: 'commands', commands: expect }, name);
    else if (expect.error !== undefined) t.match(result, { kind: 'refused', error: expect.error }, name);
    else if (expect.weight !== undefined)
      t.match(result, { kind: 'weight', isStable: expect.stable, weight: expect.weight, unit: expect.unit }, name);
    else if (expect.ok !== undefined)
      t.match(result, { kind: 'done', ...(expect.stable === undefined ? {} : { isStable: expect.stable }) }, name);
    else t.match(result, { kind: 'text', texts: [expect.data ?? expect.software_version ?? expect.serial_number] }, name);
  }
});

t.test('weights with signs, brackets and other units are read, and errors told apart', async (t) => {
  t.match(resultOf('S D -     1.24 kg\r\n'), { kind: 'weight', isStable: false, weight: -1.24, unit: 'kg' });
  t.match(resultOf('S S     60.1[8] kg\r\n'), { weight: 60.18 });
  t.match(resultOf('T S    100.00 g\r\n'), { kind: 'weight', isStable: true, weight: 100 });
  t.match(resultOf('TA A    12.5 lb\r\n'), { kind: 'weight', weight: 12.5, unit: 'lb' });
  for (const [line, error] of [
    ['ES', 'syntax error'],
    ['ET', 'transmission error'],
    ['EL', 'logical error'],
    ['TA L', 'wrong parameter'],
    ['T +', 'overload'],
    ['Z -', 'lower limit of zero setting range exceeded'],
  ] as const)
    t.match(resultOf(`${line}\r\n`), { kind: 'refused', error }, line);
  t.equal(resultOf('I0 B 0 "I0"\r\n'), undefined, 'an answer that goes on');
  t.equal(parseSicsLine('+ 72.35 kg'), undefined);
});

t.test('a scale that sends by itself gives masses in kg, overload, or nothing', async (t) => {
  t.match(loadOf('S S   1500.0 g', 'x'), { kind: 'mass', kg: 1.5, isStable: true });
  t.match(loadOf('S D     10.0 lb', 'x'), { kind: 'mass', isStable: false });
  t.same(loadOf('S +', 'x'), { kind: 'overload' });
  t.same(loadOf('S -', 'x'), { kind: 'underload' });
  t.same(loadOf('S I', 'x'), { kind: 'none' });
  t.match(loadOf('S S 12 PCS', 'x'), { kind: 'spoiled', message: /set the scale to g or kg/ });
  t.match(loadOf('hello', '/dev/ttyUSB0'), { kind: 'spoiled', message: /ttyUSB0.*baud rate/ });
  t.equal(massKg(1, 'lb'), 0.453_592_37);
  t.equal(massKg(1, 'N'), undefined);
});

t.test('the lines of the usual HX711 sketches are read', async (t) => {
  const reading = (text: string, value: number, unit?: string): void => {
    t.same(parseHx711Line(text), { kind: 'reading', value, unit }, text);
  };
  reading('8421234', 8_421_234);
  reading('-83920.50', -83_920.5);
  reading('72.35 kg', 72.35, 'kg');
  reading('1532,84213', 84_213);
  reading('HX711 reading: 84213', 84_213);
  reading('one reading:\t12.3\t| average:\t12.5', 12.3);
  reading('Reading: 0.5 lbs calibration_factor: -7050.00', 0.5, 'lbs');
  reading('Load_cell output val: 1234.56', 1234.56);
  reading('weight = 512.0 g', 512, 'g');
  reading('Weight[kg]: 71.4', 71.4);
  reading('raw: -8388608', -8_388_608);
  for (const text of [
    'HX711 Demo',
    'Before setting up the scale:',
    'read average: \t\t8421000',
    'Readings:',
    'Tare complete',
    'Zero factor',
  ])
    t.same(parseHx711Line(text), { kind: 'words' }, text);
  for (const text of ['HX711 not found.', 'Timeout, check MCU>HX711 wiring and pin designations', 'Reading: nan'])
    t.match(parseHx711Line(text), { kind: 'fault' }, text);
});

t.test('no line makes the parsers fail', async () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      parseHx711Line(text);
      loadOf(text, 'x');
      linesOf([text]);
      return true;
    }),
  );
});

t.test('a stream without line ends is cut, and the next line is whole', async (t) => {
  const reader = createFrameReader(textLines);
  const decoded = [...reader.push(new Uint8Array(2000).fill(0x41)), ...reader.push(Buffer.from('\n42\r\n'))];
  t.ok(decoded.some((one) => one.kind === 'fault'));
  t.match(decoded.at(-1), { kind: 'frame', value: '42' });
});
