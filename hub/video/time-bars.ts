/**
 * The time of a frame as bars in its lowest rows, for machines to read from the screen: 32 bits of UTC milliseconds, then the
 * exclusive or of their four bytes, most significant bit first, white for one. Drawn into test pictures only.
 */
export const BARS = 40;
/** A bar's height: two VP8 macroblocks, so that coding does not blur it away. */
export const BAR_ROWS = 32;
const WHITE = 235;
const BLACK = 16;
const NEUTRAL = 128;

/** Draws into an I420 frame. Width must be a multiple of 40. */
export function drawTimeBars(frame: Uint8ClampedArray, width: number, height: number, utcMs: number): void {
  const bits = barsOf(utcMs);
  const barWidth = width / BARS;
  const row = new Uint8ClampedArray(width);
  bits.forEach((isOne, bar) => {
    row.fill(isOne ? WHITE : BLACK, bar * barWidth, (bar + 1) * barWidth);
  });
  for (let y = height - BAR_ROWS; y < height; y++) frame.set(row, y * width);
  const chromaWidth = width / 2;
  for (const plane of [width * height, (width * height * 5) / 4]) {
    frame.fill(NEUTRAL, plane + (chromaWidth * (height - BAR_ROWS)) / 2, plane + (chromaWidth * height) / 2);
  }
}

function barsOf(utcMs: number): boolean[] {
  const low = Math.floor(utcMs) % 2 ** 32;
  const bytes = [24, 16, 8, 0].map((shift) => Math.floor(low / 2 ** shift) & 0xff);
  const check = bytes.reduce((sum, byte) => sum ^ byte, 0);
  return [...bytes, check].flatMap((byte) => Array.from({ length: 8 }, (_, bit) => ((byte >> (7 - bit)) & 1) === 1));
}

/** The low 32 bits of UTC milliseconds from the brightness (0 to 255) of each bar; undefined when the check does not hold. */
export function readTimeBars(brightness: readonly number[]): number | undefined {
  if (brightness.length !== BARS) return undefined;
  const bytes = Array.from({ length: 5 }, (_, index) =>
    brightness.slice(index * 8, index * 8 + 8).reduce((byte, light) => byte * 2 + (light > 127 ? 1 : 0), 0),
  );
  const [a, b, c, d, check] = bytes as [number, number, number, number, number];
  return (a ^ b ^ c ^ d) === check ? a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d : undefined;
}
