/** `node test/soak/full-disk.ts FOLDER SEED TIMES MS`: a hub and an edge on a small disk that is filled and freed again. Prints the report. */
import { killProcesses } from './kills.ts';

const [folder = '', seed = '1', times = '5', ms = '600000'] = process.argv.slice(2);
const report = await killProcesses({
  seed: Number(seed),
  folder,
  hubKills: 0,
  edgeKills: 0,
  fills: Number(times),
  untilMs: performance.now() + Number(ms),
});
console.log(JSON.stringify(report));
process.exit(0);
