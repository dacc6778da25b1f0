import t from 'tap';
import { encodeFrame, type Frame } from '../../../firmware/protocol/frame.ts';
import { type LinkEvents, runLink } from '../../../hub/sources/link.ts';
import { createTestClock } from '../../clock.ts';
import { createTestLine, settled } from './line.ts';

const hello: Frame = {
  type: 'hello',
  channel: 0,
  boot: 7,
  sequence: 0,
  hello: { device: 'scale-1', kind: 'scale', name: 'Scale', firmware: '1', quantities: ['weight'] },
};
const weighIn = (sequence: number): Frame => ({
  type: 'readings',
  channel: 0,
  boot: 7,
  sequence,
  clock: { nowMs: 5000, zeroUtcMs: null },
  readings: [{ code: 1, value: 72.35, at: 5000, spanMs: 0 }],
});

function house(commit: LinkEvents['commit'] = async () => undefined) {
  const told: string[] = [];
  const events: LinkEvents = {
    hello: (channel, { device }) => told.push(`hello ${device} on ${channel}`),
    commit: async (device, boot, readings) => {
      told.push(`commit ${device}/${boot}/${readings[0]?.sequence}`);
      await commit(device, boot, readings);
    },
    live: (device, readings) => told.push(`live ${device} ${readings[0]?.value}`),
    status: (device, { state, message }) => told.push(`${device} ${state}: ${message}`),
    fault: (fault) => told.push(`fault ${fault}`),
    refused: (device, error) => told.push(`refused ${device}: ${error instanceof Error ? error.message : error}`),
  };
  return { told, events };
}
const acksOf = (frames: readonly Frame[]): number[] => frames.filter(({ type }) => type === 'ack').map(({ sequence }) => sequence);

t.test('the hub asks who is there as soon as the line is open', async (t) => {
  const line = createTestLine();
  runLink(line, house().events, createTestClock());
  await settled();
  t.match(line.received, [{ type: 'command', command: { name: 'identify' } }]);
});

t.test('readings are acknowledged once they are on disk, and not before', async (t) => {
  const line = createTestLine();
  let onDisk = (): void => undefined;
  const { events } = house(() => new Promise((resolve) => (onDisk = resolve)));
  runLink(line, events, createTestClock());
  line.send(hello, weighIn(1));
  await settled();
  t.same(acksOf(line.received), []);
  onDisk();
  await settled();
  t.same(acksOf(line.received), [1]);
});

t.test('readings that the disk refuses are not acknowledged, and the link goes on', async (t) => {
  const line = createTestLine();
  let isFull = true;
  const { events, told } = house(async () => {
    if (isFull) throw new Error('the disk is full');
  });
  runLink(line, events, createTestClock());
  line.send(hello, weighIn(1));
  await settled();
  t.same(acksOf(line.received), []);
  t.ok(told.includes('refused scale-1: the disk is full'));
  isFull = false;
  line.send(weighIn(1));
  await settled();
  t.same(acksOf(line.received), [1]);
});

t.test('readings of a device that has not said who it is are left with it, and it is asked, once a second', async (t) => {
  const line = createTestLine();
  const { events, told } = house();
  const clock = createTestClock();
  runLink(line, events, clock);
  line.send(weighIn(1), weighIn(2));
  await settled();
  t.same(told, []);
  t.equal(line.received.filter(({ type }) => type === 'command').length, 2, 'once at the start and once for the readings');
  await clock.advance(1000);
  line.send(weighIn(1));
  await settled();
  t.equal(line.received.filter(({ type }) => type === 'command').length, 3);
});

t.test('damaged bytes are counted and cost only their frame', async (t) => {
  const line = createTestLine();
  const { events, told } = house();
  runLink(line, events, createTestClock());
  const damaged = encodeFrame(weighIn(1));
  damaged[damaged.length - 3]! ^= 0x10;
  line.send(hello);
  line.sendBytes(damaged);
  line.send(weighIn(2));
  await settled();
  t.same(told, ['hello scale-1 on 0', 'fault checksum', 'commit scale-1/7/2']);
  t.same(acksOf(line.received), [2]);
});

t.test('when the line ends, what was being committed is finished first', async (t) => {
  const line = createTestLine();
  let onDisk = (): void => undefined;
  const { events } = house(() => new Promise((resolve) => (onDisk = resolve)));
  const link = runLink(line, events, createTestClock());
  let ended = false;
  void link.done.then(() => (ended = true));
  line.send(hello, weighIn(1));
  await settled();
  line.unplug();
  await settled();
  t.notOk(ended);
  onDisk();
  await link.done;
  t.ok(ended);
});
