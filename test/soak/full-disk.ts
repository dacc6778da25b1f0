/** `node test/soak/full-disk.ts FOLDER SEED TIMES`: a hub and an edge on a small disk that is filled and freed again. Prints the report. */
import { killProcesses } from './kills.ts';

const [folder = '', seed = '1', times = '5'] = process.argv.slice(2);
const report = await killProcesses({ seed: Number(seed), folder, hubKills: 1, edgeKills: 0, fills: Number(times) });
console.log(JSON.stringify(report));
process.exit(0);
