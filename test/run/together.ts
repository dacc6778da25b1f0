/**
 * Runs several test files in one process, one after the other: `node together.ts NAME`, with the files in the environment, since tap names
 * its folders by the command line. Loading the hub costs more than most of
 * its tests; files that start no program and leave nothing behind need no process of their own.
 */
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { endOfFile } from './tap-output.ts';

for (const file of (process.env.HEARTH_TEST_FILES ?? '').split('\n')) {
  const startMs = performance.now();
  try {
    await import(pathToFileURL(file).href);
  } catch (error) {
    await t.test(`${file} loads`, async () => {
      throw error;
    });
  }
  // Tests run in the order in which they were named, so this one ends when those of the file have.
  await t.test(endOfFile(file), async (t) => t.pass(`${((performance.now() - startMs) / 1000).toFixed(1)} s`));
}
