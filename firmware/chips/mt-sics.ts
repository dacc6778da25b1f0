/**
 * Bench scales that speak MT-SICS (Mettler-Toledo Standard Interface Command Set) over RS-232, 9600 baud 8N1 unless set otherwise.
 * Source: METTLER TOLEDO "MT-SICS Interface Commands", reference manual 11781363: 2 (formats, error messages), 4 (levels 0 to 2).
 */
import type { Uart } from '../buses/bus.ts';
import type { Clock } from '../protocol/time.ts';
import type { LoadCell, LoadReading } from './load-cell.ts';
import { massKg } from './mass-units.ts';
import { textLines } from './text-lines.ts';
import { openUartSensor, silence } from './uart-sensor.ts';

/** One line of an answer: which command it answers, how, and what follows. */
export interface SicsLine {
  readonly id: string;
  /** `S`, `D`, `A`, `B`, `I`, `L`, `+`, `-`; empty for `ES`, `ET`, `EL`. */
  readonly status: string;
  /** Fields after the status; text in quotation marks without them. */
  readonly fields: readonly string[];
}

/** Undefined: not a line of MT-SICS. */
export function parseSicsLine(text: string): SicsLine | undefined {
  const parts = [...text.trim().matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain]) => ({
    text: quoted === undefined ? plain! : quoted.replaceAll('\\"', '"'),
    isQuoted: quoted !== undefined,
  }));
  const [id, status, ...rest] = parts;
  if (id === undefined || id.isQuoted || !/^(?:@|[A-Z][A-Z0-9]{0,5})$/.test(id.text)) return undefined;
  if (status === undefined) return /^E[STL]$/.test(id.text) ? { id: id.text, status: '', fields: [] } : undefined;
  if (status.isQuoted || !/^(?:[SDABIL+-]|[0-9]+)$/.test(status.text)) return undefined;
  return { id: id.text, status: status.text, fields: rest.map(({ text: field }) => field) };
}

export type SicsResult =
  | { readonly kind: 'weight'; readonly isStable: boolean; readonly weight: number; readonly unit: string }
  /** The command was obeyed; `isStable` where it says in which state. */
  | { readonly kind: 'done'; readonly isStable?: boolean }
  | { readonly kind: 'text'; readonly texts: readonly string[] }
  /** I0: the commands that the scale knows. */
  | { readonly kind: 'commands'; readonly commands: readonly { readonly level: number; readonly command: string }[] }
  | { readonly kind: 'refused'; readonly error: SicsError };

export type SicsError =
  | 'not executable'
  | 'overload'
  | 'underload'
  | 'upper limit of zero setting range exceeded'
  | 'lower limit of zero setting range exceeded'
  | 'wrong parameter'
  | 'syntax error'
  | 'transmission error'
  | 'logical error';

const general: Readonly<Record<string, SicsError>> = { ES: 'syntax error', ET: 'transmission error', EL: 'logical error' };
/** Commands that set zero: out of range there means another thing than too much load. */
const zeroing = new Set(['Z', 'ZI']);

/** What lines of one answer, in order, say. Undefined: the answer goes on (status B), or is none. */
export function sicsResult(lines: readonly SicsLine[]): SicsResult | undefined {
  const last = lines.at(-1);
  if (last === undefined || last.status === 'B') return undefined;
  const { id, status, fields } = last;
  const refused = (error: SicsError): SicsResult => ({ kind: 'refused', error });
  if (general[id] !== undefined && status === '') return refused(general[id]);
  if (status === 'I') return refused('not executable');
  if (status === 'L') return refused('wrong parameter');
  if (status === '+') return refused(zeroing.has(id) ? 'upper limit of zero setting range exceeded' : 'overload');
  if (status === '-') return refused(zeroing.has(id) ? 'lower limit of zero setting range exceeded' : 'underload');
  if (id === 'I0') {
    const own = lines.filter((line) => line.id === id && line.status === 'B');
    return { kind: 'commands', commands: own.map(({ fields: [level, command] }) => ({ level: Number(level), command: command ?? '' })) };
  }
  const weight = weightOf(fields);
  if (weight !== undefined) return { kind: 'weight', isStable: status !== 'D', ...weight };
  if (fields.length > 0) return { kind: 'text', texts: fields };
  return status === 'S' || status === 'D' ? { kind: 'done', isStable: status === 'S' } : { kind: 'done' };
}

/** Value and unit; a sign may stand apart, and verified scales put the digit that may not be used for trade in brackets. */
function weightOf(fields: readonly string[]): { weight: number; unit: string } | undefined {
  const match = /^([+-]?)\s*([0-9]*\.?[0-9]+)\s+([A-Za-z%]+)$/.exec(fields.slice(0, 4).join(' ').replace(/[[\]]/g, ''));
  if (match === null) return undefined;
  const [, sign, digits, unit] = match as unknown as [string, string, string, string];
  return { weight: Number(digits) * (sign === '-' ? -1 : 1), unit };
}

/** A command with its line end. */
export const sicsCommand = (text: string): Uint8Array => Buffer.from(`${text}\r\n`, 'latin1');

/** S, SI and SIR answer with `S`, SR too. */
const weighing = new Set(['S', 'SI', 'SIR', 'SR']);
/** Scales send 5 to 20 values a second; a scale that has been switched off and on has forgotten to. */
const SILENT_MS = 3000;
const ASK_AGAIN = 2;

/** Asks the scale to send its weight by itself (SIR), stable or not. Readings are masses: the instrument is calibrated. */
export async function openMtSics(uart: Uart, clock: Clock): Promise<LoadCell> {
  const sensor = openUartSensor(uart, clock, textLines);
  await sensor.send(sicsCommand('SIR'));
  return {
    limits: undefined,
    rateHz: undefined,
    async read() {
      for (let asked = 0; ; asked++) {
        const decoded = await sensor.newest(SILENT_MS);
        if (decoded?.kind === 'fault') return { kind: 'spoiled', message: `mt-sics on ${uart.name}: ${decoded.message}` };
        if (decoded !== undefined) return loadOf(decoded.value, uart.name);
        if (asked === ASK_AGAIN) throw silence(uart, 'an MT-SICS scale');
        await sensor.send(sicsCommand('SIR'));
      }
    },
  };
}

/** A line of a scale that sends by itself. */
export function loadOf(text: string, port: string): LoadReading {
  const line = parseSicsLine(text);
  const result = line === undefined ? undefined : sicsResult([line]);
  if (line === undefined || result === undefined || (!weighing.has(line.id) && result.kind !== 'refused'))
    return line === undefined
      ? { kind: 'spoiled', message: `mt-sics on ${port}: '${text.slice(0, 40)}' is no MT-SICS: is it the right scale and baud rate?` }
      : { kind: 'none' };
  if (result.kind === 'refused') {
    if (result.error === 'overload' || result.error === 'underload') return { kind: result.error };
    // Busy with taring, or within its menu.
    if (result.error === 'not executable') return { kind: 'none' };
    return { kind: 'spoiled', message: `mt-sics on ${port}: ${result.error}` };
  }
  if (result.kind !== 'weight') return { kind: 'none' };
  const kg = massKg(result.weight, result.unit);
  if (kg === undefined)
    return { kind: 'spoiled', message: `mt-sics on ${port}: unit '${result.unit}' is no unit of mass: set the scale to g or kg` };
  return { kind: 'mass', kg, isStable: result.isStable };
}
