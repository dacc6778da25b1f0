/** Sound as Opus (RFC 6716), for the way that encodes nothing by its own engine: a program of its own, which runs while sound is sent. */
import { spawn } from 'node:child_process';
import { endsWithParent } from '../ops/supervise.ts';
import { MICROPHONE_HZ } from '../sources/microphone.ts';
import { createOggReader } from './ogg.ts';

/** Of a packet: what WebRTC engines use. */
export const OPUS_PACKET_SAMPLES = (MICROPHONE_HZ * 20) / 1000;
/** A voice in a room, clearly. */
const BITS = 32_000;
/** RFC 6716, 3.2.1: of one frame; its comment header may be longer than any. */
const MOST_PACKET_BYTES = 4096;
/** OpusHead and OpusTags (RFC 7845, 5). */
const HEADERS = 2;
/** An encoder that cannot keep up loses sound, never memory. */
const MOST_WAITING_BYTES = MICROPHONE_HZ * 2;

export interface OpusEncoder {
  /** 48 kHz, one channel. */
  encode(samples: Int16Array): void;
  stop(): void;
}

/**
 * @param onPacket each 20 ms
 * @param onTrouble why there will be no more packets
 */
export function startOpus(onPacket: (packet: Buffer) => void, onTrouble: (message: string) => void): OpusEncoder {
  const input = [
    '-fflags',
    'nobuffer',
    '-probesize',
    '32',
    '-analyzeduration',
    '0',
    '-f',
    's16le',
    '-ar',
    String(MICROPHONE_HZ),
    '-ac',
    '1',
  ];
  const coding = ['-c:a', 'libopus', '-application', 'voip', '-frame_duration', '20', '-b:a', String(BITS)];
  // A page for each packet, at once.
  const output = ['-f', 'ogg', '-page_duration', '1', '-flush_packets', '1', '-'];
  const [first, ...rest] = [...endsWithParent(), 'ffmpeg', '-loglevel', 'error', ...input, '-i', '-', ...coding, ...output];
  const program = spawn(first!, rest, { stdio: ['pipe', 'pipe', 'ignore'] });
  const reader = createOggReader(MOST_PACKET_BYTES);
  let isStopped = false;
  let headers = 0;
  const fail = (message: string): void => {
    if (isStopped) return;
    isStopped = true;
    program.kill('SIGKILL');
    onTrouble(message);
  };
  // Its end is told by `exit`.
  program.stdin.on('error', () => undefined);
  program.once('error', (error) => fail(`the sound cannot be encoded: ${error.message}`));
  program.once('exit', (code, by) => fail(`the sound’s encoder ended (${by ?? code})`));
  program.stdout.on('data', (chunk: Buffer) => {
    if (isStopped) return;
    try {
      for (const packet of reader.take(chunk)) if (headers++ >= HEADERS) onPacket(packet);
    } catch (error) {
      fail(error instanceof Error ? error.message : String(error));
    }
  });
  return {
    encode(samples) {
      if (!isStopped && program.stdin.writableLength < MOST_WAITING_BYTES)
        program.stdin.write(Buffer.from(samples.buffer.slice(samples.byteOffset, samples.byteOffset + samples.byteLength)));
    },
    stop() {
      isStopped = true;
      program.kill('SIGKILL');
    },
  };
}
