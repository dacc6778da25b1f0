/** Which microphone the home has, and the program that brings its sound on standard output: signed 16 bits, 48 kHz, one channel. */
import { readFileSync } from 'node:fs';

export interface Microphone {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** What Opus is made of (RFC 7587), and what most microphones give. */
export const MICROPHONE_HZ = 48_000;
const raw = ['-ac', '1', '-ar', String(MICROPHONE_HZ), '-f', 's16le', '-flush_packets', '1', '-'] as const;
const DEVICE = /^(default|(plug)?hw:\d{1,2}(,\d{1,2})?)$/;
export const microphoneNames = ['test', 'default', 'hw:CARD,DEVICE'] as const;

/**
 * The microphone that a person named, else the first that ALSA has, else a test tone where the camera is a test picture. `'none'` when there
 * is none; undefined when the name is none of {@link microphoneNames}.
 */
export function findMicrophone(named: string | undefined, isTest: boolean, listed = listedByAlsa()): Microphone | 'none' | undefined {
  if (named === 'test') return testTone();
  if (named !== undefined) return DEVICE.test(named) ? alsa(named.replace(/^hw:/, 'plughw:'), `Microphone ${named}`) : undefined;
  const [first] = captureDevicesIn(listed);
  if (first !== undefined) return alsa(first.device, first.name);
  return isTest ? testTone() : 'none';
}

const alsa = (device: string, name: string): Microphone => ({
  name,
  command: 'ffmpeg',
  args: ['-loglevel', 'error', '-f', 'alsa', '-thread_queue_size', '64', '-i', device, ...raw],
});

/** Of the test tone: two seconds of the first in each twelve, two of the second six seconds later, by the machine's clock. */
export const TEST_TONES_HZ = [440, 880] as const;
export const TEST_TONE_S = { each: 12, second: 6, lasts: 2 } as const;

/** The tones over a soft noise. */
const testTone = (): Microphone => {
  const { each, second, lasts } = TEST_TONE_S;
  const during = (from: number): string => `between(ld(0),${from},${from + lasts})`;
  const pitch = `2*PI*t*(${TEST_TONES_HZ[0]}*${during(0)}+${TEST_TONES_HZ[1]}*${during(second)})`;
  return {
    name: 'Test tone',
    command: 'ffmpeg',
    args: [
      ...['-loglevel', 'error', '-re', '-f', 'lavfi', '-i'],
      ...[`aevalsrc='st(0,mod(time(0),${each}));0.002*(random(1)-0.5)+0.2*sin(${pitch})':s=${MICROPHONE_HZ}`, ...raw],
    ],
  };
};

/** Lines of /proc/asound/pcm: `01-00: USB Audio : USB Audio : playback 1 : capture 1`. */
export function captureDevicesIn(listing: string): { device: string; name: string }[] {
  return listing.split('\n').flatMap((line) => {
    const [, card, device, name = ''] = /^(\d+)-(\d+): ([^:]*)/.exec(line) ?? [];
    if (card === undefined || device === undefined || !/capture [1-9]/.test(line)) return [];
    return [{ device: `plughw:${Number(card)},${Number(device)}`, name: name.trim() || 'Microphone' }];
  });
}

function listedByAlsa(): string {
  try {
    return readFileSync('/proc/asound/pcm', 'utf8');
  } catch {
    return '';
  }
}
