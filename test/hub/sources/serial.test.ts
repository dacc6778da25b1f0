import t from 'tap';
import { LineError } from '../../../hub/sources/line.ts';
import type { LinkEvents } from '../../../hub/sources/link.ts';
import { keepSerialLink, type LinkState } from '../../../hub/sources/serial.ts';
import { explain } from '../../../hub/sources/serial-line.ts';
import { createTestClock } from '../../clock.ts';
import { createTestLine, settled, type TestLine } from './line.ts';

const nothing: LinkEvents = {
  hello: () => undefined,
  commit: async () => undefined,
  live: () => undefined,
  status: () => undefined,
  fault: () => undefined,
  refused: () => undefined,
};

t.test('a cable pulled a hundred times in a row is found again a hundred times', async (t) => {
  const clock = createTestClock();
  const stop = new AbortController();
  const lines: TestLine[] = [];
  const states: LinkState['kind'][] = [];
  const link = keepSerialLink({
    name: 'scale',
    open: async () => {
      const line = createTestLine();
      lines.push(line);
      return line;
    },
    events: nothing,
    onState: ({ kind }) => states.push(kind),
    clock,
    signal: stop.signal,
  });
  for (let pull = 0; pull < 100; pull++) {
    await settled();
    t.ok(link.command(0, { name: 'tare' }), 'commands reach the device while it is there');
    lines.at(-1)?.unplug();
    await settled();
    t.notOk(link.command(0, { name: 'tare' }), 'and are refused while it is not');
    await clock.advance(500);
  }
  t.equal(lines.length, 101);
  t.equal(states.filter((kind) => kind === 'waiting').length, 100);
  stop.abort(new Error('stop'));
  await link.done;
});

t.test('a port that is not there is waited for, for ever, and reported once', async (t) => {
  const clock = createTestClock();
  const stop = new AbortController();
  const states: LinkState[] = [];
  let tries = 0;
  const link = keepSerialLink({
    name: 'scale',
    open: async () => {
      tries++;
      throw new LineError('absent', '/dev/x is not there: is the cable plugged in?');
    },
    events: nothing,
    onState: (state) => states.push(state),
    clock,
    signal: stop.signal,
  });
  await clock.advance(600_000);
  t.ok(tries > 1000, `${tries} tries in ten minutes`);
  t.same(states, [{ kind: 'waiting', reason: 'absent', message: '/dev/x is not there: is the cable plugged in?' }]);
  stop.abort(new Error('stop'));
  await link.done;
});

t.test('the message of a port without permission names the group to join', async (t) => {
  const error = explain('/dev/null-like', new Error('Error: Permission denied, cannot open /dev/null-like'));
  t.match(error, { kind: 'permission', message: /sudo usermod -aG dialout/ });
  t.match(explain('/dev/x', new Error('Error: No such file or directory, cannot open /dev/x')), { kind: 'absent' });
  t.match(explain('/dev/x', new Error('Error Resource temporarily unavailable Cannot lock port')), { kind: 'busy' });
});
