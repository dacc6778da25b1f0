import t from 'tap';
import { openFirmataBoard } from '../../../firmware/buses/firmata.ts';
import { systemClock } from '../../../firmware/clock.ts';
import { createVirtualBoard } from '../../../hardware/virtual/firmata.ts';
import { createVirtualBus } from '../../../hardware/virtual/i2c.ts';
import { openPty, type Pty } from '../../../hardware/virtual/pty.ts';

/** A virtual board answers within milliseconds; the real patience is for boot loaders. */
const READY_WITHIN_MS = 1500;

t.test('something that chatters but is no Firmata board is said, with the sketch to flash', async (t) => {
  const link = `${t.testdir({})}/board`;
  const pty: Pty = openPty(link, () => pty.write(Buffer.from('T:21.4C H:40%\r\n')));
  t.teardown(() => pty.close());
  await t.rejects(openFirmataBoard(link, systemClock, READY_WITHIN_MS), {
    name: 'BusError',
    kind: 'timeout',
    message: /nothing at .*board speaks Firmata: flash the sketch StandardFirmata/,
  });
});

t.test('a port that is not there, and a board that is pulled, are said at once', async (t) => {
  const folder = t.testdir({});
  await t.rejects(openFirmataBoard(`${folder}/none`, systemClock, READY_WITHIN_MS), { kind: 'closed', message: /none cannot be opened/ });

  const board = createVirtualBoard({
    bus: createVirtualBus([]),
    send: (bytes) => pty.write(bytes),
    nowMs: () => performance.now(),
  });
  const pty: Pty = openPty(`${folder}/board`, (bytes) => board.receive(bytes));
  const open = await openFirmataBoard(`${folder}/board`, systemClock);
  await t.rejects(open.i2c().read(0x2a, 0x1f, 1), { kind: 'nack', message: /nobody answers at I2C address 0x2a/ });
  pty.close();
  t.match(await open.gone, { kind: 'closed', message: /was unplugged/ });
  await t.rejects(open.i2c().read(0x2a, 0x1f, 1), { name: 'BusError', kind: 'closed' });
  await open.close();
});
