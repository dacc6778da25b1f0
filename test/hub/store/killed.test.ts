import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { openStore } from '../../../hub/store/store.ts';

const program = fileURLToPath(new URL('killed.ts', import.meta.url));
const KILLS = 8;

/** Runs until so many lines were said, then kills at once. Gives what was acknowledged. */
function runAndKill(folder: string, seed: number, lines: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const { NODE_OPTIONS: _hooks, ...env } = process.env;
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, folder, String(seed)], { env });
    const said: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line !== 'ready') said.push(line);
      if (said.length >= lines) child.kill('SIGKILL');
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => reject(new Error(text)));
    child.once('exit', () => resolve(said));
  });
}

t.test('a hub that is killed at any moment has all that it acknowledged, once, and opens again', async (t) => {
  const folder = t.testdir({});
  let last = 0;
  const amended = new Set<number>();
  for (let kill = 0; kill < KILLS; kill++) {
    for (const line of await runAndKill(folder, kill * 31 + 1, 3 + ((kill * 13) % 11))) {
      if (line.startsWith('amended ')) amended.add(Number(line.slice('amended '.length)));
      else last = Math.max(last, Number(line));
    }
    const store = openStore(folder);
    const vault = store.vault('home');
    const rows = [...vault.range({})];
    t.ok(rows.length >= last, `${last} were acknowledged, ${rows.length} are there`);
    t.ok(
      rows.every(({ sequence }, index) => sequence === index + 1),
      'each once, in order',
    );
    t.ok(
      rows.filter(({ seq }) => amended.has(seq)).every(({ value }) => value === 42),
      'and as amended',
    );
    t.same(vault.checkIntegrity(), []);
    t.same(store.troubles(), []);
    store[Symbol.dispose]();
  }
  t.ok(amended.size > 0);
});
