/** `hearth device calibrate` as its user runs it: the command on a terminal's lines, a Firmata board on a port of the kernel, masses laid on. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { parseRig } from '../../firmware/rig.ts';
import { startVirtualRig } from '../../hardware/virtual/rig.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const TRUE_LINE = { zeroCounts: 84_000, countsPerKg: 21_500 };
const rigOf = (line: { zeroCounts: number; countsPerKg: number }): string => `
name: bathroom
boards:
  - name: scale
    port: virtual
    protocol: firmata
    devices:
      - kind: scale
        id: scale
        name: Scale
        loadCell: { chip: nau7802 }
        calibration: { zeroCounts: ${line.zeroCounts}, countsPerKg: ${line.countsPerKg}, date: "2026-11-01" }
`;

/** Runs the command; each question of it is answered with what `answer` gives, or by the end of input. */
function calibrate(args: readonly string[], answer: (question: string) => string | undefined) {
  const env = ['-u', 'NODE_OPTIONS', process.execPath, '--disable-warning=ExperimentalWarning', `${root}firmware/main.ts`, 'calibrate'];
  const child = spawn('env', [...env, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  let asked = '';
  child.stdout.on('data', (chunk) => {
    said += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    asked += String(chunk);
    if (!/(Enter\. |one\): )$/.test(asked)) return;
    const reply = answer(asked);
    asked = '';
    if (reply === undefined) child.stdin.end();
    else child.stdin.write(`${reply}\n`);
  });
  return new Promise<{ code: number | null; said: string; asked: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, said, asked })),
  );
}

t.test('mass by mass the line is found, said with its uncertainty, and kept for the device; mistakes are one sentence', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-'));
  const file = `${folder}/rig.yaml`;
  // What the person knows before is wrong by a fifth; the cell is as TRUE_LINE says.
  writeFileSync(file, rigOf({ zeroCounts: 0, countsPerKg: 18_000 }));
  const rig = startVirtualRig({ folder, rig: parseRig(rigOf(TRUE_LINE), file), isQuiet: true });
  t.teardown(() => {
    rig[Symbol.dispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  const masses = ['10', '20'];
  const args = ['--rig', file, '--device', 'scale', '--tolerance', '0.005', '--state', `${folder}/state`, '--virtual', folder];
  const done = await calibrate(args, (question) => {
    const laid = /Lay (\d+) kg/.exec(question);
    rig.scene.lay(laid === null ? 0 : Number(laid[1]));
    return question.includes('Mass that you lay on next') ? (masses.shift() ?? '') : '';
  });
  t.equal(done.code, 0, done.asked);
  t.match(done.said, /0 kg: \d+ counts\n10 kg: \d+ counts\n20 kg: \d+ counts\nCalibration 2, 2/);
  t.match(done.said, /at 70 kg: ± \d+ g \(k = 2\)/);
  const kept = JSON.parse(readFileSync(`${folder}/state/scale.calibration.json`, 'utf8')) as typeof TRUE_LINE & { points: unknown[] };
  t.ok(Math.abs(kept.countsPerKg / TRUE_LINE.countsPerKg - 1) < 0.001, `${kept.countsPerKg}`);
  t.ok(Math.abs(kept.zeroCounts - TRUE_LINE.zeroCounts) < 100, `${kept.zeroCounts}`);
  t.equal(kept.points.length, 3);

  const wrong = await calibrate(['--rig', file, '--device', 'fridge', '--state', folder, '--virtual', folder], () => undefined);
  t.equal(wrong.code, 2);
  t.match(wrong.asked, /^.*has no device 'fridge' with a load cell: one of scale\n$/);
});
