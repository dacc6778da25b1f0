/**
 * HX711 behind a microcontroller, by the lines of text that its usual sketches print: one reading a line, with or without words and a unit,
 * over USB or a UART, or as Firmata strings.
 *
 * A Pi's own GPIO cannot read the chip: a clock pulse high for more than 60 us powers it down in the middle of a reading (AVIA HX711 datasheet,
 * "Reset and Power-Down Sequence"), and Linux does not promise so short a time. Ends of scale: the same sheet, "Output Coding".
 */
import type { Uart } from '../buses/bus.ts';
import type { Clock } from '../protocol/time.ts';
import { ChipError } from './chip-error.ts';
import type { LoadCell, LoadReading } from './load-cell.ts';
import { massKg, massUnits } from './mass-units.ts';
import type { Parse } from './serial-frames.ts';
import { textLines } from './text-lines.ts';
import { openUartSensor, silence } from './uart-sensor.ts';

export const HX711_MAX_COUNTS = 0x7f_ffff;
export const HX711_MIN_COUNTS = -0x80_0000;

export type Hx711Line =
  /** A number, and its unit when the line names one. */
  | { readonly kind: 'reading'; readonly value: number; readonly unit: string | undefined }
  /** The sketch says that it has no chip to read. */
  | { readonly kind: 'fault'; readonly text: string }
  /** Words at start, a calibration factor, a question: no reading. */
  | { readonly kind: 'words' };

const NUMBER = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?`;
const UNITS = [...massUnits].sort((a, b) => b.length - a.length).join('|');
const unitPattern = new RegExp(`^\\s*(${UNITS})\\b`, 'i');
const bare = new RegExp(`^(?:${NUMBER}\\s*[,;\\t ]\\s*)*(${NUMBER})\\s*(${UNITS})?$`, 'i');
const labelled = new RegExp(
  `(?:reading|weight|value|val|output|mass|load(?:_?cell)?|hx711|raw|adc|counts?)[^:=\\d-]*[:=]?\\s*(${NUMBER})`,
  'i',
);
const fault = /not found|not ready|no hx711|time-?out|check (?:\w+ )*(?:wiring|connection)|\bnan\b|\binf\b|\bovf\b/i;
/** Printed once at start, of other scaling than what follows, or about the sketch itself. */
const words =
  /^(?:before|after|initiali[sz]|read average|get value|get units|read:)|calibration factor is|tare (?:complete|done)|set (?:the )?scale|readings:$/i;

/** One line of a sketch. Numbers alone: the last of them, after a time stamp if there is one. */
export function parseHx711Line(text: string): Hx711Line {
  const line = text.trim();
  const alone = bare.exec(line);
  if (alone !== null) return { kind: 'reading', value: Number(alone[1]), unit: alone[2]?.toLowerCase() };
  if (fault.test(line)) return { kind: 'fault', text: line.slice(0, 120) };
  if (words.test(line)) return { kind: 'words' };
  const found = labelled.exec(line);
  if (found === null) return { kind: 'words' };
  const after = line.slice(found.index + found[0].length);
  return { kind: 'reading', value: Number(found[1]), unit: unitPattern.exec(after)?.[1]?.toLowerCase() };
}

/** Sketches print 1 to 80 times a second; some average ten readings at 10 Hz first, and restart when the port is opened. */
const SILENT_MS = 5000;

export interface Hx711Settings {
  /** Unit of numbers that come without one; left out: they are counts, and the rig file's calibration makes kilograms of them. */
  readonly unit?: string;
}

/** A port is opened in the middle of a line: `643323` of `1643323` would be a weight that nobody has. The first one is left out. */
function linesFromTheNext(): Parse<string> {
  let isWhole = false;
  return (bytes) => {
    const parsed = textLines(bytes);
    if (isWhole || parsed.kind === 'more') return parsed;
    isWhole = true;
    return parsed.kind === 'frame' ? { kind: 'fault', bytes: parsed.bytes, fault: 'header', message: 'the rest of a line' } : parsed;
  };
}

/** Reads a sketch's lines. A line that names no reading is passed over. */
export async function openHx711(uart: Uart, clock: Clock, { unit: assumed }: Hx711Settings = {}): Promise<LoadCell> {
  const sensor = openUartSensor(uart, clock, linesFromTheNext());
  return {
    limits: { min: HX711_MIN_COUNTS, max: HX711_MAX_COUNTS },
    rateHz: undefined,
    async read(): Promise<LoadReading> {
      const decoded = await sensor.newest(SILENT_MS);
      if (decoded === undefined) throw silence(uart, 'a sketch that reads an HX711');
      if (decoded.kind === 'fault')
        return decoded.fault === 'header' ? { kind: 'none' } : { kind: 'spoiled', message: `hx711 on ${uart.name}: ${decoded.message}` };
      const line = parseHx711Line(decoded.value);
      if (line.kind === 'words') return { kind: 'none' };
      if (line.kind === 'fault')
        throw new ChipError(`HX711 on ${uart.name}`, `the sketch says '${line.text}': check DT, SCK, VCC and GND between chip and board`);
      const unit = line.unit ?? assumed;
      if (unit === undefined)
        return { kind: 'counts', counts: line.value, isSaturated: line.value >= HX711_MAX_COUNTS || line.value <= HX711_MIN_COUNTS };
      const kg = massKg(line.value, unit);
      // Sketches filter by themselves and say nothing of motion: the weighing decides.
      return kg === undefined ? { kind: 'none' } : { kind: 'mass', kg, isStable: false };
    },
  };
}
