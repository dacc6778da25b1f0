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

/** How long the last picture is shown. */
const LAST_MS = 100;
/** ISO/IEC 14496-12, 8.2.2: times count in seconds from 1904. */
const EPOCH_S = 2_082_844_800;

/**
 * The file, its index first, so that it plays while it comes. The same pictures give the same bytes.
 * @param startUtcMs when the first picture was taken: the file says so
 */
export async function mp4Of(units: readonly AccessUnit[], size: { width: number; height: number }, startUtcMs: number): Promise<Buffer> {
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
    const nextMs = units[index + 1]?.atMs ?? atMs + LAST_MS;
    const packet = new EncodedPacket(bytes, isKey ? 'key' : 'delta', (atMs - firstMs) / 1000, Math.max(1, nextMs - atMs) / 1000);
    await source.add(packet, index === from ? { decoderConfig } : undefined);
  }
  await output.finalize();
  if (target.buffer === null) throw new Error('the file was not written');
  return dated(Buffer.from(target.buffer), startUtcMs);
}

/** Writes the time of creation and of modification into the headers of film, track and media (8.2.2, 8.3.2, 8.4.2), whose first fields they are. */
function dated(file: Buffer, utcMs: number): Buffer {
  const seconds = Math.max(0, Math.floor(utcMs / 1000) + EPOCH_S);
  const index = file.subarray(0, file.indexOf('mdat', 0, 'latin1'));
  for (const type of ['mvhd', 'tkhd', 'mdhd'])
    for (let at = index.indexOf(type, 0, 'latin1'); at >= 0; at = index.indexOf(type, at + 4, 'latin1')) {
      const isLong = index[at + 4] === 1;
      for (const field of [0, 1])
        if (isLong) index.writeBigUInt64BE(BigInt(seconds), at + 8 + field * 8);
        else index.writeUInt32BE(seconds, at + 8 + field * 4);
    }
  return file;
}
