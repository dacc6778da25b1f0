// johnny-five and firmata-io bring no types; what is used of them is typed where it is used.
declare module 'johnny-five' {
  import type { EventEmitter } from 'node:events';

  const five: {
    Board: new (options: { io: unknown; repl: false; debug: false; sigint: false; timeout: number }) => EventEmitter;
    Servo: new (options: { pin: number; board: unknown; startAt: number }) => { to(degrees: number): unknown };
    Pin: new (options: { pin: number; board: unknown; mode: number }) => { high(): void; low(): void };
  };
  export default five;
}
declare module 'firmata-io' {
  const firmataIo: { Firmata: new (transport: unknown, options: { reportVersionTimeout: number }) => unknown };
  export default firmataIo;
}
