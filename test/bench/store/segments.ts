/** What a raw sample weighs at rest, on recorded walks: beside the 16 bits that a chip gives, and the limit. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../../hub/store/store.ts';
import { recordedWalks } from '../../hub/store/motion.ts';
import { skipWithoutVectors } from '../../vectors.ts';
import type { BenchRow } from '../row.ts';

const LIMIT = 2;

export async function rows(): Promise<BenchRow[]> {
  if (skipWithoutVectors !== false) {
    console.error(`segments: ${skipWithoutVectors}`);
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), 'hearth-segments-'));
  const store = openStore(folder);
  try {
    const segments = store.segments('person-1');
    let values = 0;
    let startMs = Date.UTC(2026, 0, 1);
    const start = performance.now();
    for (const { id, rateHz, axes } of recordedWalks()) {
      segments.append(id, ['x', 'y', 'z'], rateHz, startMs, axes);
      values += axes[0].length * 3;
      startMs += 3_600_000;
    }
    await segments.close();
    const rate = values / ((performance.now() - start) / 1000);
    const bytes = segments.list().reduce((sum, segment) => sum + segment.bytes, 0) / values;
    return [
      {
        name: `raw segments, ${(values / 1e6).toFixed(1)} million samples of walks`,
        value: bytes,
        unit: 'bytes/sample',
        against: `limit ${LIMIT} bytes/sample`,
        ratio: bytes / LIMIT,
        goal: 'ratio <= 1',
        holds: bytes <= LIMIT,
      },
      {
        name: 'raw segments, written',
        value: rate,
        unit: 'samples/s',
        against: 'three axes at 400 Hz',
        ratio: rate / 1200,
        goal: 'ratio >= 20',
        holds: rate / 1200 >= 20,
      },
    ];
  } finally {
    store[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  }
}
