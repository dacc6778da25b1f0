import t from 'tap';
import { openPiBoard, piSupplyLow } from '../../../firmware/buses/board.ts';
import { openUart } from '../../../firmware/buses/uart.ts';
import { systemClock } from '../../../firmware/clock.ts';
import { openPty, type Pty } from '../../../hardware/virtual/pty.ts';

t.test('the Pi’s under-voltage alarm is read where there is one', async (t) => {
  const folder = t.testdir({
    hwmon0: { name: 'cpu_thermal\n' },
    hwmon1: { name: 'rpi_volt\n', in0_lcrit_alarm: '1\n' },
  });
  t.equal(piSupplyLow(folder), true);
  t.equal(piSupplyLow(`${folder}/hwmon0`), undefined);
  t.equal(piSupplyLow(t.testdir({ hwmon1: { name: 'rpi_volt', in0_lcrit_alarm: '0' } })), false);
});

t.test('a serial line gives what came, waits for the first byte, and says when it is pulled', async (t) => {
  const link = `${t.testdir({})}/uart`;
  const heard: number[] = [];
  const pty: Pty = openPty(link, (bytes) => heard.push(...bytes));
  t.teardown(() => pty.close());
  const line = await openUart({ path: link, baudRate: 9600 }, systemClock);
  t.equal((await line.read(20)).length, 0, 'nothing came');
  const waiting = line.read(5000);
  pty.write(Uint8Array.of(1, 2, 3));
  t.same([...(await waiting)], [1, 2, 3]);
  await line.write(Uint8Array.of(9));
  pty.write(Uint8Array.of(4));
  t.same([...(await line.read(5000))], [4]);
  t.same(heard, [9]);
  const last = line.read(5000);
  pty.close();
  await t.rejects(last, { name: 'BusError', kind: 'closed', message: /was unplugged/ });
  t.match(await line.gone, { kind: 'closed' });
  await t.rejects(line.write(Uint8Array.of(1)), { name: 'BusError', kind: 'closed' });
});

t.test('a port that is not there is said with what to switch on; a Pi prints no lines', async (t) => {
  await t.rejects(openUart({ path: '/dev/serial0-none', baudRate: 9600 }, systemClock), /not there: switch the Pi's UART on/);
  const board = await openPiBoard(systemClock, 1);
  await t.rejects(board.uart({ path: `${t.testdir({})}/none`, baudRate: 9600 }), /not there: is its cable plugged in/);
  t.throws(() => board.lines(), /name the serial port of the sketch/);
  await board.close();
});
