/** Pictures as an MP4 file, as the camera encoded them: nothing is encoded again. */
import { type AccessUnit, nalTypeOf, nalTypes } from './access-unit.ts';

/** RFC 6381 and ISO/IEC 14496-15, 5.4.2: profile, constraints and level are the three bytes after the header of the SPS. */
const codecOf = (sps: Uint8Array): string => `avc1.${Buffer.from(sps.subarray(1, 4)).toString('hex')}`;

/** The NAL unit of a type within a picture in Annex B form, without its start code; undefined when there is none. */
function nalOf(bytes: Buffer, type: number): Buffer | undefined {
  for (let at = bytes.indexOf(START); at >= 0; ) {
    const next = bytes.indexOf(START, at + START.length);
    if (nalTypeOf(bytes[at + START.length] ?? 0) === type) {
      let end = next < 0 ? bytes.length : next;
      // A start code of four bytes begins with a zero of its own.
      while (end > at && bytes[end - 1] === 0) end--;
      return bytes.subarray(at + START.length, end);
    }
    at = next;
  }
  return undefined;
}
const START = Buffer.from([0, 0, 1]);

/**
 * The file, its index first, so that it plays while it comes.
 * @param lastsMs how long the last picture is shown
 */
export async function mp4Of(units: readonly AccessUnit[], size: { width: number; height: number }, lastsMs = 100): Promise<Buffer> {
  const from = units.findIndex(({ isKey }) => isKey);
  const sps = from < 0 ? undefined : nalOf(units[from]!.bytes, nalTypes.sps);
  if (sps === undefined) throw new RangeError('a clip must begin with a key frame and its parameter sets');
  const { BufferTarget, EncodedPacket, EncodedVideoPacketSource, Mp4OutputFormat, Output } = await import('mediabunny');
  const target = new BufferTarget();
  const output = new Output({ format: new Mp4OutputFormat({ fastStart: 'in-memory' }), target });
  const source = new EncodedVideoPacketSource('avc');
  output.addVideoTrack(source);
  await output.start();
  const decoderConfig = { codec: codecOf(sps), codedWidth: size.width, codedHeight: size.height };
  const firstMs = units[from]!.atMs;
  for (let index = from; index < units.length; index++) {
    const { bytes, atMs, isKey } = units[index]!;
    const nextMs = units[index + 1]?.atMs ?? atMs + lastsMs;
    const packet = new EncodedPacket(bytes, isKey ? 'key' : 'delta', (atMs - firstMs) / 1000, Math.max(1, nextMs - atMs) / 1000);
    await source.add(packet, index === from ? { decoderConfig } : undefined);
  }
  await output.finalize();
  if (target.buffer === null) throw new Error('the file was not written');
  return Buffer.from(target.buffer);
}
