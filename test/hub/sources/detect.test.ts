import { readdirSync } from 'node:fs';
import t from 'tap';
import { systemClock } from '../../../firmware/clock.ts';
import { createFrameDecoder, encodeFrame } from '../../../firmware/protocol/frame.ts';
import type { Clock } from '../../../firmware/protocol/time.ts';
import { createVirtualBoard } from '../../../hardware/virtual/firmata.ts';
import { createVirtualBus } from '../../../hardware/virtual/i2c.ts';
import { openPty, type Pty } from '../../../hardware/virtual/pty.ts';
import { detectHardware, portsIn } from '../../../hub/sources/detect.ts';

/** What answers on a pty answers at once, so the patience for boot loaders can be a tenth. */
const hurried: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 10, signal) };

/** A folder of ports as /dev/serial/by-id, each a pty with something at its far end. */
function plugIn(t: Test, far: Readonly<Record<string, (pty: () => Pty) => (bytes: Uint8Array) => void>>): string {
  const folder = t.testdir({});
  for (const [name, answer] of Object.entries(far)) {
    let pty: Pty | undefined;
    const hear = answer(() => pty!);
    pty = openPty(`${folder}/${name}`, hear);
    t.teardown(() => pty?.close());
  }
  return folder;
}
type Test = { testdir(tree: Record<string, never>): string; teardown(then: () => void): void };

t.test('each port is asked what speaks there: a Firmata board, a device of ours, or something else', async (t) => {
  const folder = plugIn(t as Test, {
    'usb-Arduino_Uno': (pty) => {
      const board = createVirtualBoard({ bus: createVirtualBus([]), send: (bytes) => pty().write(bytes), nowMs: () => performance.now() });
      return (bytes) => board.receive(bytes);
    },
    'usb-Hearth_scale': (pty) => {
      const decoder = createFrameDecoder();
      const hello = { device: 'scale-9', kind: 'scale', name: 'Scale', firmware: '1.0.0', quantities: ['weight'] };
      return (bytes) => {
        for (const decoded of decoder.push(bytes)) {
          if (decoded.kind === 'frame' && decoded.frame.type === 'command')
            pty().write(encodeFrame({ type: 'hello', channel: 0, boot: 1, sequence: 0, hello }));
        }
      };
    },
    'usb-Modem': (pty) => () => pty().write(Buffer.from('\r\nERROR\r\n')),
    'usb-Silent': () => () => undefined,
  });
  const found = await detectHardware(hurried, folder);
  t.same(
    found.map(({ kind, path }) => [path.slice(folder.length + 1), kind]),
    [
      ['usb-Arduino_Uno', 'firmata'],
      ['usb-Hearth_scale', 'device'],
      ['usb-Modem', 'unknown'],
      ['usb-Silent', 'unknown'],
    ],
  );
  for (const one of found.filter(({ kind }) => kind === 'unknown'))
    t.match(one, { message: /answers neither Firmata nor Hearth's frames: flash StandardFirmata, or name it in a rig file/ });
});

t.test('a port that goes away while it is asked, and a machine without ports, are no accident', async (t) => {
  t.same(portsIn('/dev/no/such/folder'), []);
  t.same(await detectHardware(hurried, '/dev/no/such/folder'), []);
  const folder = plugIn(t as Test, {
    'usb-Pulled': (pty) => () => pty().close(),
  });
  t.match(await detectHardware(hurried, folder), [{ kind: 'unknown', path: `${folder}/usb-Pulled` }]);
  t.same(readdirSync(folder), [], 'the port is gone');
});
