/** Scales on serial lines: a bench scale that speaks MT-SICS, and a sketch that prints an HX711's readings. */
import { every, type UartTwin, type UartTwinOptions } from './uart-twin.ts';

export interface ScaleTwinOptions extends UartTwinOptions {
  readonly loadKg: (nowMs: number) => number;
}

/** Ten values a second; stable when the load has not moved by two digits. Source: METTLER TOLEDO MT-SICS reference manual 11781363. */
export function createMtSicsTwin(options: ScaleTwinOptions & { readonly capacityKg?: number; readonly digitKg?: number }): UartTwin {
  const { send, nowMs, loadKg, capacityKg = 150, digitKg = 0.01 } = options;
  let isContinuous = false;
  let zeroKg = 0;
  let lastKg = Number.NaN;
  let text = '';
  const say = (line: string): void => send(Buffer.from(`${line}\r\n`, 'latin1'));
  const weight = (): string => {
    const kg = Math.round((loadKg(nowMs()) - zeroKg) / digitKg) * digitKg;
    const isStable = Math.abs(kg - lastKg) < 2 * digitKg;
    lastKg = kg;
    if (kg > capacityKg) return 'S +';
    if (kg < -capacityKg / 50) return 'S -';
    return `S ${isStable ? 'S' : 'D'} ${kg.toFixed(2).padStart(10)} kg`;
  };
  const obey = (command: string): void => {
    if (command === 'SIR') isContinuous = true;
    else if (command === 'S' || command === 'SI') {
      isContinuous = false;
      say(weight());
    } else if (command === 'Z' || command === 'ZI') {
      zeroKg = loadKg(nowMs());
      say(command === 'Z' ? 'Z A' : 'ZI S');
    } else if (command === '@') {
      isContinuous = false;
      say('I4 A "1234567"');
    } else if (command === 'I4') say('I4 A "1234567"');
    else say('ES');
  };
  return {
    tick: every(100, nowMs, () => {
      if (isContinuous) say(weight());
    }),
    receive(bytes) {
      text += Buffer.from(bytes).toString('latin1');
      const lines = text.split(/\r?\n/);
      text = lines.pop()!.slice(-100);
      for (const line of lines) if (line !== '') obey(line.trim());
    },
  };
}

/** The line that a usual sketch prints with each conversion, ten times a second, after its words at start. */
export function createHx711Twin({ send, nowMs, counts }: UartTwinOptions & { readonly counts: (nowMs: number) => number }): UartTwin {
  let isFirst = true;
  return {
    tick: every(100, nowMs, () => {
      if (isFirst) send(Buffer.from('HX711 Demo\r\nInitializing the scale\r\n', 'latin1'));
      isFirst = false;
      const clipped = Math.max(-0x80_0000, Math.min(0x7f_ffff, Math.round(counts(nowMs()))));
      send(Buffer.from(`HX711 reading: ${clipped}\r\n`, 'latin1'));
    }),
    receive: () => undefined,
  };
}
