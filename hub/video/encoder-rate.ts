/** Asking a camera's own encoder for a rate, in the words of the program that runs it. */
import type { Camera } from '../sources/camera.ts';

/** Options that say the rate, of ffmpeg and of rpicam-vid. */
const RATES: readonly string[] = ['-b:v', '-maxrate', '--bitrate'];
const BUFFER = '-bufsize';
/** A quarter of a second of the rate, as the cameras are asked by themselves. */
const BUFFER_SHARE = 4;
/** H.264 of less than this for each pixel and picture shows blocks: half the width and height look better then. */
const LEAST_BITS_A_PIXEL = 0.04;

/** What the camera's encoder makes unasked, bits a second. Undefined where nobody can ask it: a camera of the network, one of USB. */
export function ownRate({ gives, args }: Pick<Camera, 'gives' | 'args'>): number | undefined {
  if (gives === 'i420') return undefined;
  const at = args.findIndex((arg) => RATES.includes(arg));
  const bits = Number(args[at + 1]);
  return at >= 0 && Number.isFinite(bits) ? bits : undefined;
}

/** The program's arguments at a rate, with smaller pictures where the rate is too low for whole ones. */
export function argsAt({ command, args, width, height, fps }: Camera, bits: number): readonly string[] {
  const asked = args.map((arg, index) => {
    const option = args[index - 1] ?? '';
    if (RATES.includes(option)) return String(bits);
    return option === BUFFER ? String(Math.round(bits / BUFFER_SHARE)) : arg;
  });
  if (bits / (width * height * fps) >= LEAST_BITS_A_PIXEL) return asked;
  // Even, as the colours of a picture are half its size.
  const half = (length: number): number => Math.round(length / 4) * 2;
  if (command === 'ffmpeg') {
    const at = asked.indexOf('-c:v');
    return [...asked.slice(0, at), '-s', `${half(width)}x${half(height)}`, ...asked.slice(at)];
  }
  const sizes: Readonly<Record<string, number>> = { '--width': half(width), '--height': half(height) };
  return asked.map((arg, index) => String(sizes[asked[index - 1] ?? ''] ?? arg));
}
