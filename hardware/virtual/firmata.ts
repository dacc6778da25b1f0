/**
 * An Arduino Uno running StandardFirmata, byte for byte, without its pins' silicon. Source: Firmata protocol 2.5
 * (github.com/firmata/protocol: protocol.md, i2c.md) and the behaviour of the StandardFirmata sketch 2.5.
 *
 * Pure: bytes in, bytes out through `send`; the owner calls `tick` for what repeats.
 */
import type { VirtualBus } from './i2c.ts';

const DIGITAL_MESSAGE = 0x90;
const REPORT_ANALOG = 0xc0;
const REPORT_DIGITAL = 0xd0;
const ANALOG_MESSAGE = 0xe0;
const START_SYSEX = 0xf0;
const SET_PIN_MODE = 0xf4;
const SET_DIGITAL_PIN = 0xf5;
const END_SYSEX = 0xf7;
const REPORT_VERSION = 0xf9;
const SYSTEM_RESET = 0xff;
const ANALOG_MAPPING_QUERY = 0x69;
const ANALOG_MAPPING_RESPONSE = 0x6a;
const CAPABILITY_QUERY = 0x6b;
const CAPABILITY_RESPONSE = 0x6c;
const PIN_STATE_QUERY = 0x6d;
const PIN_STATE_RESPONSE = 0x6e;
const EXTENDED_ANALOG = 0x6f;
const STRING_DATA = 0x71;
const I2C_REQUEST = 0x76;
const I2C_REPLY = 0x77;
const I2C_CONFIG = 0x78;
const REPORT_FIRMWARE = 0x79;
const SAMPLING_INTERVAL = 0x7a;

const VERSION = [2, 5] as const;
const FIRMWARE_NAME = 'StandardFirmata.ino';
/** MAX_DATA_BYTES of the Firmata library for AVR: a longer sysex is cut. */
const MOST_SYSEX_BYTES = 64;
/** The Wire library's buffer on AVR: no read or write is longer. */
const WIRE_BUFFER_BYTES = 32;
/** I2C_MAX_QUERIES of the sketch. */
const MOST_CONTINUOUS_READS = 8;
const DEFAULT_SAMPLING_MS = 19;
/** MINIMUM_SAMPLING_INTERVAL of the sketch. */
const LEAST_SAMPLING_MS = 1;

const modes = { input: 0x00, output: 0x01, analog: 0x02, pwm: 0x03, servo: 0x04, i2c: 0x06, pullup: 0x0b } as const;
const PINS = 20;
const FIRST_ANALOG_PIN = 14;
const pwmPins = new Set([3, 5, 6, 9, 10, 11]);
const i2cPins = new Set([18, 19]);

/** Mode and resolution in bits of each thing an Uno's pin can do. */
function capabilities(pin: number): number[] {
  // 0 and 1 carry the serial line itself.
  if (pin < 2) return [];
  const digital = [modes.input, 1, modes.pullup, 1, modes.output, 1];
  const analog = pin >= FIRST_ANALOG_PIN ? [modes.analog, 10] : [];
  const pwm = pwmPins.has(pin) ? [modes.pwm, 8] : [];
  const i2c = i2cPins.has(pin) ? [modes.i2c, 1] : [];
  return [...digital, ...analog, ...pwm, modes.servo, 14, ...i2c];
}

export interface VirtualBoardOptions {
  readonly bus: VirtualBus;
  readonly send: (bytes: Uint8Array) => void;
  readonly nowMs: () => number;
  /** Voltage on an analog channel as 0..1023. */
  readonly analog?: (channel: number) => number;
}

export interface VirtualBoard {
  receive(bytes: Uint8Array): void;
  /** Sends what repeats: continuous reads and analog reports that are due. */
  tick(): void;
  /** What a board says by itself after its reset. */
  boot(): void;
  /** What a pin that is an output is set to; undefined for another pin. */
  output(pin: number): number | undefined;
  /** Degrees that a servo's pin is set to; undefined for another pin. */
  servo(pin: number): number | undefined;
}

interface ContinuousRead {
  readonly address: number;
  readonly register: number | undefined;
  readonly length: number;
}

const split = (value: number): [number, number] => [value & 0x7f, (value >> 7) & 0x7f];

export function createVirtualBoard({ bus, send, nowMs, analog = () => 0 }: VirtualBoardOptions): VirtualBoard {
  let pinModes = new Uint8Array(PINS);
  let pinValues = new Uint16Array(PINS);
  let analogReports = new Set<number>();
  let digitalReports = new Set<number>();
  let continuous: ContinuousRead[] = [];
  let samplingMs = DEFAULT_SAMPLING_MS;
  let sampledAtMs = nowMs();
  let message: number[] = [];

  const reset = (): void => {
    pinModes = Uint8Array.from({ length: PINS }, (_, pin) => (pin >= FIRST_ANALOG_PIN ? modes.analog : modes.output));
    pinValues = new Uint16Array(PINS);
    analogReports = new Set();
    digitalReports = new Set();
    continuous = [];
    samplingMs = DEFAULT_SAMPLING_MS;
  };
  reset();

  const sysex = (...body: number[]): void => send(Uint8Array.of(START_SYSEX, ...body, END_SYSEX));
  const say = (text: string): void => sysex(STRING_DATA, ...[...Buffer.from(text)].flatMap(split));
  const reportVersion = (): void => send(Uint8Array.of(REPORT_VERSION, ...VERSION));
  const reportFirmware = (): void => sysex(REPORT_FIRMWARE, ...VERSION, ...[...Buffer.from(FIRMWARE_NAME)].flatMap(split));

  const readI2c = ({ address, register, length }: ContinuousRead): void => {
    if (register !== undefined) bus.write(address, Uint8Array.of(register));
    const bytes = bus.read(address, Math.min(length, WIRE_BUFFER_BYTES));
    // The sketch says so and answers all the same, with what it got.
    if (bytes.length < length) say('I2C: Too few bytes received');
    sysex(I2C_REPLY, ...split(address), ...split(register ?? 0), ...[...bytes].flatMap(split));
  };

  const i2cRequest = ([address = 0, mode = 0, ...data]: number[]): void => {
    const values = pairs(data);
    switch ((mode >> 3) & 3) {
      case 0:
        bus.write(address, Uint8Array.from(values.slice(0, WIRE_BUFFER_BYTES)));
        return;
      case 1:
        readI2c(readOf(address, values));
        return;
      case 2:
        if (continuous.length >= MOST_CONTINUOUS_READS) say('too many queries');
        else continuous.push(readOf(address, values));
        return;
      case 3:
        continuous = continuous.filter((query) => query.address !== address);
    }
  };

  const onSysex = ([command, ...data]: number[]): void => {
    switch (command) {
      case REPORT_FIRMWARE:
        return reportFirmware();
      case CAPABILITY_QUERY:
        return sysex(CAPABILITY_RESPONSE, ...Array.from({ length: PINS }, (_, pin) => [...capabilities(pin), 0x7f]).flat());
      case ANALOG_MAPPING_QUERY:
        return sysex(
          ANALOG_MAPPING_RESPONSE,
          ...Array.from({ length: PINS }, (_, pin) => (pin < FIRST_ANALOG_PIN ? 0x7f : pin - FIRST_ANALOG_PIN)),
        );
      case PIN_STATE_QUERY: {
        const pin = data[0] ?? 0;
        return sysex(PIN_STATE_RESPONSE, pin, pinModes[pin] ?? 0, ...split(pinValues[pin] ?? 0));
      }
      case EXTENDED_ANALOG:
        setPin(data[0] ?? 0, (data[1] ?? 0) | ((data[2] ?? 0) << 7));
        return;
      case SAMPLING_INTERVAL:
        samplingMs = Math.max(LEAST_SAMPLING_MS, (data[0] ?? 0) | ((data[1] ?? 0) << 7));
        return;
      case I2C_CONFIG:
        for (const pin of i2cPins) pinModes[pin] = modes.i2c;
        return;
      case I2C_REQUEST:
        i2cRequest(data);
    }
  };

  const isDigital = (pin: number): boolean => [modes.input, modes.output, modes.pullup].some((mode) => mode === pinModes[pin]);
  const setPin = (pin: number, value: number): void => {
    if (pin < PINS) pinValues[pin] = value;
  };
  const reportPort = (port: number): void => {
    let bits = 0;
    for (let bit = 0; bit < 8; bit++) if ((pinValues[port * 8 + bit] ?? 0) !== 0) bits |= 1 << bit;
    send(Uint8Array.of(DIGITAL_MESSAGE | port, ...split(bits)));
  };

  const onShort = ([command = 0, low = 0, high = 0]: number[]): void => {
    const channel = command & 0x0f;
    if (command === SET_PIN_MODE) {
      if (low < PINS) pinModes[low] = high;
    } else if (command === SET_DIGITAL_PIN) {
      setPin(low, high);
    } else if ((command & 0xf0) === DIGITAL_MESSAGE) {
      // The sketch leaves pins of the port alone that are no digital ones, such as a servo's.
      for (let bit = 0; bit < 8; bit++) {
        const pin = channel * 8 + bit;
        if (isDigital(pin)) setPin(pin, ((low | (high << 7)) >> bit) & 1);
      }
    } else if ((command & 0xf0) === ANALOG_MESSAGE) {
      setPin(channel, low | (high << 7));
    } else if ((command & 0xf0) === REPORT_ANALOG) {
      if (low === 0) analogReports.delete(channel);
      else analogReports.add(channel);
    } else if ((command & 0xf0) === REPORT_DIGITAL) {
      if (low === 0) digitalReports.delete(channel);
      else digitalReports.add(channel);
      if (digitalReports.has(channel)) reportPort(channel);
    }
  };

  const receiveByte = (byte: number): void => {
    if (message[0] === START_SYSEX) {
      if (byte === END_SYSEX) {
        onSysex(message.slice(1));
        message = [];
      } else if (byte >= 0x80) {
        // A new command inside a sysex: the sysex was cut.
        message = [];
        receiveByte(byte);
      } else if (message.length <= MOST_SYSEX_BYTES) {
        message.push(byte);
      }
      return;
    }
    if (byte >= 0x80) {
      message = [byte];
      if (byte === REPORT_VERSION) reportVersion();
      else if (byte === SYSTEM_RESET) reset();
      return;
    }
    if (message.length === 0) return;
    message.push(byte);
    if (message.length < lengthOf(message[0]!)) return;
    onShort(message);
    message = [];
  };

  return {
    receive(bytes) {
      for (const byte of bytes) receiveByte(byte);
    },
    tick() {
      if (nowMs() - sampledAtMs < samplingMs) return;
      sampledAtMs = nowMs();
      for (const channel of analogReports) send(Uint8Array.of(ANALOG_MESSAGE | channel, ...split(Math.round(analog(channel)) & 0x3fff)));
      for (const query of continuous) readI2c(query);
    },
    output: (pin) => (pinModes[pin] === modes.output ? pinValues[pin] : undefined),
    // Arduino's Servo library: a value from 544 on is the pulse in microseconds, here 600 to 2400 as johnny-five sends it.
    servo: (pin) =>
      pinModes[pin] === modes.servo ? (pinValues[pin]! < 544 ? pinValues[pin] : Math.round((pinValues[pin]! - 600) / 10)) : undefined,
    boot() {
      reset();
      reportVersion();
      reportFirmware();
    },
  };
}

/** Bytes of a command that is not a sysex: two for the report switches, three for the rest. */
const lengthOf = (command: number): number => ((command & 0xf0) === REPORT_ANALOG || (command & 0xf0) === REPORT_DIGITAL ? 2 : 3);

const pairs = (data: readonly number[]): number[] =>
  Array.from({ length: data.length >> 1 }, (_, index) => (data[index * 2]! | (data[index * 2 + 1]! << 7)) & 0xff);

/** `[length]`, or `[register, length]` (i2c.md, "I2C read"). */
function readOf(address: number, [first = 0, second]: number[]): ContinuousRead {
  return second === undefined ? { address, register: undefined, length: first } : { address, register: first, length: second };
}
