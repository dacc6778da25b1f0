import t from 'tap';
import { createSerialPort } from '../../../firmware/buses/serial-port.ts';
import { openPty, type Pty } from '../../../hardware/virtual/pty.ts';

t.test('a cable pulled at the very moment when bytes arrive ends the port', async (t) => {
  const link = `${t.testdir({})}/port`;
  for (let pull = 0; pull < 20; pull++) {
    const pty: Pty = openPty(link, () => undefined);
    const port = createSerialPort({ path: link, baudRate: 115_200 });
    port.on('error', () => undefined);
    await new Promise<void>((resolve, reject) => port.open((error) => (error === null ? resolve() : reject(error))));
    const closed = new Promise<void>((resolve) => port.once('close', () => resolve()));
    // In the reader's own turn: its next read meets a line that is gone.
    port.once('data', () => pty.close());
    pty.write(Buffer.from('half a fra'));
    await closed;
    t.notOk(port.isOpen);
  }
});

t.test('bytes come through in order, and a port closed by its owner is no fault', async (t) => {
  const link = `${t.testdir({})}/port`;
  const heard: Buffer[] = [];
  const pty = openPty(link, (bytes) => pty.write(bytes));
  const port = createSerialPort({ path: link, baudRate: 57_600 });
  const faults: Error[] = [];
  port.on('error', (error) => faults.push(error));
  await new Promise<void>((resolve) => port.open(() => resolve()));
  const sent = Buffer.from(Uint8Array.from({ length: 3000 }, (_, index) => index % 251));
  const whole = new Promise<void>((resolve) => {
    port.on('data', (chunk: Buffer) => {
      heard.push(chunk);
      if (Buffer.concat(heard).length >= sent.length) resolve();
    });
  });
  port.write(sent);
  await whole;
  t.ok(Buffer.concat(heard).equals(sent));
  await new Promise<void>((resolve) => port.close(() => resolve()));
  t.same(faults, []);
  pty.close();
});
