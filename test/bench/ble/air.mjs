/**
 * The air of the radio bench, a process of its own: a controller on a pty at argv[2] that reports broadcasts, each from an address that was
 * never heard before. Lines on standard input: `flood N` sends N as fast as they are taken (`took N` says how many of this flood were),
 * `rate N S` sends N a second for S seconds. Says `done` after each.
 */
import { createInterface } from 'node:readline';
import { createVirtualRadio } from '../../../hardware/virtual/radio/radio.ts';

/** What the pty and the radio program may have before them: well under what a pty holds for a reader that is away. */
const AHEAD = 250;
/** Ticks of a steady rate. */
const TICK_MS = 100;

const hex = (text) => Uint8Array.from(Buffer.from(text, 'hex'));
/** Half of telephones, half of sensors; sensors that repeat their address are a stranger's copy from here. */
const payloads = [
  '02011a020a0c0bff4c001006351aa1c8b3d4',
  '0201060e16d2fc4000090161024209033f13',
  '1eff0600010920024a56df1da31e55cf4213f595e36331eb8ce65ec5622589',
  '0d09475648353130325f43423942030388ec02010509ff0100010103cb0164',
  '02011a0aff4c0010050718e29b18aa',
  '020106030349180a09526f6f6d2d41423132',
  '1bff75004204018060702ad58269bf722ad58269be01000000000000',
  '02010603021b1810161b180226b20705040f0201ac018642',
].map(hex);

const radio = createVirtualRadio();
radio.openPort(process.argv[2], 'C0:FF:EE:00:00:01');
let count = 0;
const one = () => {
  const n = count++;
  const address = Uint8Array.of(n & 0xff, (n >> 8) & 0xff, (n >> 16) & 0xff, (n >> 24) & 0xff, 0x33, 0x40 | (n & 0x3f));
  radio.air.send({ type: n & 1 ? 0 : 3, addressType: 1, address, data: payloads[n & 7], rssi: -70 }, undefined, undefined);
};

let begun = 0;
let until = 0;
let taken = 0;
let isFlooding = false;
const pump = () => {
  if (!isFlooding) return;
  while (count < until && count - begun - taken < AHEAD) one();
  if (count < until) return;
  isFlooding = false;
  console.log('done');
};
for await (const line of createInterface({ input: process.stdin })) {
  const [word, first, second] = line.split(' ');
  if (word === 'took') {
    taken = Number(first);
    pump();
  } else if (word === 'flood') {
    begun = count;
    taken = 0;
    until = count + Number(first);
    isFlooding = true;
    pump();
  } else if (word === 'rate') {
    let ticks = (Number(second) * 1000) / TICK_MS;
    const timer = setInterval(() => {
      for (let at = 0; at < (Number(first) * TICK_MS) / 1000; at++) one();
      if (--ticks > 0) return;
      clearInterval(timer);
      console.log('done');
    }, TICK_MS);
  }
}
radio[Symbol.dispose]();
process.exit(0);
