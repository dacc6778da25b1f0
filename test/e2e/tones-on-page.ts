/** What a page plays, as its person would hear it: the microphone switched on, agreed to and unmuted by the page's own buttons. */
import type { Page } from 'playwright-core';
import { TEST_TONES_HZ } from '../../hub/sources/microphone.ts';
import { until } from './hub.ts';

/** Of the analyser's 11.7 Hz, and of what a codec does. */
const NEAR_HZ = 25;
/** Far above the soft noise, far below a tone of a fifth of full scale. */
const LEAST_DB = -50;

/** By the buttons of the camera's card. */
export async function listen(page: Page): Promise<void> {
  await page.getByRole('switch', { name: 'Microphone on' }).click();
  await page.getByRole('switch', { name: 'I agree that who watches hears the room' }).click();
  await page.getByRole('button', { name: 'Unmute' }).click({ timeout: 60_000 });
  await page.evaluate(`
    const context = new AudioContext();
    const analyser = new AnalyserNode(context, { fftSize: 4096, smoothingTimeConstant: 0 });
    const levels = new Float32Array(analyser.frequencyBinCount);
    let source;
    window.heardHz = () => {
      // A view that is fetched again is another stream.
      const { srcObject } = document.querySelector('video');
      if (source?.mediaStream !== srcObject && srcObject?.getAudioTracks().length > 0) {
        source?.disconnect();
        source = context.createMediaStreamSource(srcObject);
        source.connect(analyser);
      }
      analyser.getFloatFrequencyData(levels);
      const at = levels.indexOf(Math.max(...levels));
      return levels[at] > ${LEAST_DB} ? at * context.sampleRate / analyser.fftSize : 0;
    };
  `);
}

/** Awaits one of the test microphone's tones. */
export const untilHeard = (page: Page): Promise<void> =>
  until(
    async () => {
      const heard = await page.evaluate<number>('window.heardHz()');
      return TEST_TONES_HZ.some((tone) => Math.abs(tone - heard) < NEAR_HZ);
    },
    'a tone of the microphone',
    60_000,
  );
