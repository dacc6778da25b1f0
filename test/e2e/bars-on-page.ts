import type { Page } from 'playwright-core';
import { BAR_ROWS, BARS, readTimeBars } from '../../hub/video/time-bars.ts';

/** In the browser: brightness of each bar of the frame that a video element shows now. */
const brightness = `((video) => {
    if (video === null || video.videoWidth === 0) return [];
    const canvas = document.createElement('canvas');
    canvas.width = video.videoWidth;
    canvas.height = ${BAR_ROWS};
    const context = canvas.getContext('2d');
    context.drawImage(video, 0, video.videoHeight - ${BAR_ROWS}, video.videoWidth, ${BAR_ROWS}, 0, 0, canvas.width, ${BAR_ROWS});
    return Array.from({ length: ${BARS} }, (_, bar) => context.getImageData(((bar + 0.5) * canvas.width) / ${BARS}, ${BAR_ROWS / 2}, 1, 1).data[1]);
  })`;

/** The time drawn in the frame that the page shows now: the low 32 bits of UTC milliseconds. Undefined without a readable one. */
export async function drawnTime(page: Page): Promise<number | undefined> {
  return readTimeBars(await page.evaluate<number[]>(`${brightness}(document.querySelector('video'))`));
}

/** For each of `frames` new pictures, how old it was when it was shown, ms. Pictures whose bars cannot be read are left out. */
export async function ageOfPictures(page: Page, frames: number): Promise<number[]> {
  const seen = await page.evaluate<{ bars: number[]; shownUtcMs: number }[]>(`new Promise((resolve) => {
    const video = document.querySelector('video');
    const seen = [];
    const look = () => {
      seen.push({ bars: ${brightness}(video), shownUtcMs: Date.now() });
      if (seen.length < ${frames}) video.requestVideoFrameCallback(look);
      else resolve(seen);
    };
    video.requestVideoFrameCallback(look);
  })`);
  return seen.flatMap(({ bars, shownUtcMs }) => {
    const drawn = readTimeBars(bars);
    return drawn === undefined ? [] : [(shownUtcMs % 2 ** 32) - drawn];
  });
}
