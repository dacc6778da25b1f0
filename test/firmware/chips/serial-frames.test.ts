import t from 'tap';
import { hpmaCommands, hpmaFrames } from '../../../firmware/chips/hpma115.ts';
import { mcu680Frames } from '../../../firmware/chips/mcu680.ts';
import { modbusFrame } from '../../../firmware/chips/modbus.ts';
import { novaCommands, sds011Frames } from '../../../firmware/chips/nova.ts';
import { plantowerCommands, plantowerFrames } from '../../../firmware/chips/plantower.ts';
import { s8Frames } from '../../../firmware/chips/senseair-s8.ts';
import { createFrameReader, type Decoded, type Parse } from '../../../firmware/chips/serial-frames.ts';
import { parseShdlc, shdlcAnswer, shdlcCommand } from '../../../firmware/chips/shdlc.ts';
import { sps30Frames } from '../../../firmware/chips/sps30.ts';
import { mhz19Frames, winsenBaseline, winsenRead, zh03Frames } from '../../../firmware/chips/winsen.ts';
import fc from '../../property.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const hexOf = (data: Uint8Array): string => Buffer.from(data).toString('hex');
const frames = <T>(decoded: Decoded<T>[]): T[] => decoded.flatMap((one) => (one.kind === 'frame' ? [one.value] : []));
const all: Readonly<Record<string, Parse<unknown>>> = {
  plantower: plantowerFrames('pms5003'),
  mhz19: mhz19Frames,
  zh03: zh03Frames,
  mcu680: mcu680Frames,
  sds011: sds011Frames,
  sps30: sps30Frames,
  shdlc: parseShdlc,
  hpma: hpmaFrames('hpma115c0'),
  s8: s8Frames,
};
const co2 = (ppm: number): Uint8Array => {
  const frame = Uint8Array.of(0xff, 0x86, ppm >> 8, ppm & 0xff, 0x42, 0, 0, 0, 0);
  frame[8] = -frame.subarray(1, 8).reduce((sum, byte) => sum + byte, 0) & 0xff;
  return frame;
};

t.test('a frame is found after noise, across any cut, and after a byte was lost', async (t) => {
  const stream = Uint8Array.of(0x00, 0xff, 0xff, ...co2(635), ...co2(640).subarray(1), ...co2(650));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 30, maxLength: 30 }), (cuts) => {
      const reader = createFrameReader(mhz19Frames);
      const values: number[] = [];
      let at = 0;
      for (const cut of cuts) {
        for (const value of frames(reader.push(stream.subarray(at, at + cut)))) if (value.kind === 'values') values.push(value.co2Ppm);
        at += cut;
      }
      return values.join() === '635,650';
    }),
  );
  t.pass();
});

t.test('a spoiled frame is one fault, and the next frame is whole', async (t) => {
  const spoiled = co2(700);
  spoiled[3] = spoiled[3]! ^ 0x10;
  const decoded = createFrameReader(mhz19Frames).push(Uint8Array.of(...spoiled, ...co2(701)));
  t.match(decoded, [
    { kind: 'fault', fault: 'checksum' },
    { kind: 'frame', value: { co2Ppm: 701 } },
  ]);
  t.equal(decoded.length, 2);
});

t.test('whatever comes in whatever pieces, no parser fails, stops or keeps more and more', async (t) => {
  for (const [name, parse] of Object.entries(all)) {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 20 }), (chunks) => {
        const reader = createFrameReader(parse);
        for (const chunk of chunks) reader.push(chunk);
        reader.end();
        return true;
      }),
      { numRuns: 60 },
    );
    t.pass(name);
  }
  const stuck = createFrameReader<never>(() => ({ kind: 'more' }));
  for (let round = 0; round < 40; round++) stuck.push(new Uint8Array(100));
  t.match(stuck.end().at(-1), { kind: 'fault', message: /after 10(23|24) bytes/ });
});

t.test('any one byte changed is found by the checksum', async (t) => {
  const whole: Readonly<Record<string, Uint8Array>> = {
    plantower: bytes('424d001c00000007000700000007000700bd003f002a001b000000009700029f'),
    sps30: bytes('7e0003002841039f9e41237d5e0b413729dc413b18f84255954a427d5eba0042831c734283d44c4283f3103f3e0079767e'),
    mcu680: bytes('5a5a3f0f097d0ac4018b89001900009ef2000519'),
    s8: modbusFrame(0xfe, 0x04, 0x08, 0, 0, 0, 0, 0, 0, 0x01, 0x90),
  };
  for (const [name, frame] of Object.entries(whole)) {
    t.equal(frames(createFrameReader(all[name]!).push(frame)).length, 1, name);
    for (let at = 0; at < frame.length; at++) {
      const changed = frame.slice();
      changed[at] = changed[at]! ^ 0x01;
      t.same(frames(createFrameReader(all[name]!).push(changed)), [], `${name}, byte ${at}`);
    }
  }
});

t.test('SHDLC carries any bytes, stuffed, between its flags', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 255 }), fc.integer({ min: 0, max: 255 }), (data, command) => {
      const frame = shdlcAnswer({ command, state: 0, data });
      const [answer] = frames(createFrameReader(parseShdlc).push(frame));
      return (
        frame.subarray(1, -1).indexOf(0x7e) === -1 &&
        answer !== undefined &&
        answer.command === command &&
        hexOf(answer.data) === hexOf(data)
      );
    }),
  );
});

t.test('commands are those of the data sheets', async (t) => {
  t.equal(hexOf(winsenRead), 'ff0186000000000079');
  t.equal(hexOf(winsenBaseline(true)), 'ff0179a000000000e6');
  t.equal(hexOf(winsenBaseline(false)), 'ff01790000000000' + '86');
  t.equal(hexOf(plantowerCommands.wake), '424de400010174');
  t.equal(hexOf(plantowerCommands.sleep), '424de400000173');
  t.equal(hexOf(plantowerCommands.active), '424de100010171');
  t.equal(hexOf(plantowerCommands.read), '424de200000171');
  t.equal(hexOf(novaCommands.wake), 'aab406010100000000000000000000ffff06ab');
  t.equal(hexOf(novaCommands.active), 'aab402010000000000000000000000ffff01ab');
  t.equal(hexOf(hpmaCommands.read), '68010493');
  t.equal(hexOf(shdlcCommand(0x00, 0x01, 0x03)), '7e0000020103f97e', "SPS30 datasheet's example of a start");
});

t.test('a PMS5003T in the cold gives degrees below zero, an ST formaldehyde, and a frame is read by its model', async (t) => {
  const frameOf = (length: number, words: readonly number[]): Uint8Array => {
    const body = [0x42, 0x4d, 0x00, length, ...words.flatMap((word) => [(word >> 8) & 0xff, word & 0xff])];
    const sum = body.reduce((total, byte) => total + byte, 0);
    return Uint8Array.of(...body, sum >> 8, sum & 0xff);
  };
  const cold = frameOf(0x1c, [1, 2, 3, 1, 2, 3, 400, 300, 200, 100, 0x1_0000 - 57, 803, 0x9100]);
  t.match(frames(createFrameReader(plantowerFrames('pms5003t')).push(cold)), [{ values: { temperature: -5.7, humidity: 80.3 } }]);
  const full = frameOf(0x24, [1, 2, 3, 4, 5, 6, 700, 600, 500, 400, 300, 200, 37, 215, 481, 0, 0x9100]);
  t.match(frames(createFrameReader(plantowerFrames('pms5003st')).push(full)), [
    { values: { pm2_5_cf1: 2, pm2_5: 5, particles_over_10: 2, formaldehyde_mass: 37, temperature: 21.5, humidity: 48.1 } },
  ]);
  t.same(frames(createFrameReader(plantowerFrames('pms3003')).push(full)), [], 'another model says nothing rather than nonsense');
});

t.test('an S8 says what is wrong with it, and a refusal is no value', async (t) => {
  const answer = modbusFrame(0xfe, 0x04, 0x08, 0x00, 0x11, 0, 0, 0, 0, 0x02, 0x58);
  t.match(frames(createFrameReader(s8Frames).push(answer)), [{ co2Ppm: 600, faults: ['fatal error', 'self-diagnostics error'] }]);
  t.match(createFrameReader(s8Frames).push(modbusFrame(0xfe, 0x84, 0x02)), [
    { kind: 'fault', fault: 'refused', message: /no such register/ },
  ]);
});

t.test('an HPMA that sends by itself is read as one that is asked', async (t) => {
  const body = [0x42, 0x4d, 0x00, 0x1c, 0, 4, 0, 7, 0, 9, 0, 23, ...new Array<number>(18).fill(0)];
  const sum = body.reduce((total, byte) => total + byte, 0);
  const frame = Uint8Array.of(...body, sum >> 8, sum & 0xff);
  t.match(frames(createFrameReader(hpmaFrames('hpma115c0')).push(frame)), [{ values: { pm1: 4, pm2_5: 7, pm4: 9, pm10: 23 } }]);
  t.match(frames(createFrameReader(hpmaFrames('hpma115s0')).push(frame)), [{ values: { pm2_5: 7, pm10: 9 } }]);
});
