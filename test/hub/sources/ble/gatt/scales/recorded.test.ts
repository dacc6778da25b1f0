import { readdirSync } from 'node:fs';
import t from 'tap';
import { shortUuid } from '../../../../../../hub/sources/ble/advertisement.ts';
import { readVectorJson, skipWithoutVectors, vectorPath } from '../../../../../vectors.ts';
import { reasonsOf, tally } from '../cases.ts';
import { type Check, type RecordedCase, type RecordedFile, Replay } from './recorded.ts';

const FOLDER = '2-gatt/ble-scale-sync';

/** What the recording asserts of the writes, where its label says which; undefined for a label that says something else. */
function checkWrites(write: Replay['writes'], subscribed: readonly string[], check: Check, seen: Map<string, number>): boolean | undefined {
  const { expr, matcher, args } = check;
  const [expected] = args;
  const nth = (text: string | undefined): number => Math.max(0, Number(text ?? '1') - 1);
  const equal = (ours: unknown): boolean => JSON.stringify(ours) === JSON.stringify(expected);
  if (/^(writeFn|write)$/.test(expr)) {
    if (matcher === 'toHaveBeenCalledOnce') return write.length === 1;
    if (matcher === 'toHaveBeenCalledTimes') return write.length === expected;
    return undefined;
  }
  const charUuid = /^(?:charUuid|ucpUuid|timeUuid)(\d?)$/.exec(expr);
  if (charUuid !== null && matcher === 'toBe')
    return (
      equalUuid(write[nth(charUuid[1] || undefined)]?.characteristic, expected) ||
      write.some((one) => equalUuid(one.characteristic, expected))
    );
  const response = /^withResponse(\d?)$/.exec(expr);
  if (response !== null) return equal(write[nth(response[1] || undefined)]?.withResponse);
  const byte = /^data(\d?)\[(\d+)\]$/.exec(expr);
  if (byte !== null && matcher === 'toBe') return equal(write[nth(byte[1] || undefined)]?.bytes[Number(byte[2])]);
  const length = /^data(\d?)\.length$/.exec(expr);
  if (length !== null && matcher === 'toBe') return equal(write[nth(length[1] || undefined)]?.bytes.length);
  if (expr === 'data[data.length - 1]' && matcher === 'toBe') return equal(write[0]?.bytes.at(-1));
  const whole = /^writeFn\.mock\.calls\[(\d+)\]\[1\](?:\[(\d+)\])?$/.exec(expr);
  if (whole !== null) {
    const bytes = [...(write[Number(whole[1])]?.bytes ?? [])];
    return equal(whole[2] === undefined ? bytes : bytes[Number(whole[2])]);
  }
  const call = /^call\[([02])\]$/.exec(expr);
  if (call !== null && matcher === 'toBe') {
    const index = seen.get(expr) ?? 0;
    seen.set(expr, index + 1);
    return call[1] === '0' ? equalUuid(write[index]?.characteristic, expected) : equal(write[index]?.withResponse);
  }
  if (expr === 'writtenChars' && matcher === 'toContain') return write.some((one) => equalUuid(one.characteristic, expected));
  if (expr === 'writtenChars' && matcher === 'not.toContain') return !write.some((one) => equalUuid(one.characteristic, expected));
  if (expr === 'subscribe' && matcher === 'toHaveBeenCalledWith') return subscribed.includes(shortUuid(String(expected)));
  return undefined;
}

const equalUuid = (ours: string | undefined, theirs: unknown): boolean => ours === shortUuid(String(theirs));

/** Cases that turn on answers to reads, which the recording does not hold. */
const needsAnswers = (recorded: RecordedCase): boolean =>
  recorded.calls.some(({ args }) => JSON.stringify(args).includes('2a8500')) &&
  recorded.calls.some(({ fn }) => fn === 'parseCharNotification');

function replayCase(recorded: RecordedCase): { readonly failures: string[]; readonly reasons: string[] } {
  const replay = new Replay(recorded);
  const failures: string[] = [];
  const reasons: string[] = [];
  for (const call of recorded.calls) {
    const verdict = replay.call(call);
    if (verdict.kind === 'other') failures.push(`${call.fn}: ${verdict.say}`);
    if (verdict.kind === 'listed') reasons.push(verdict.reason);
  }
  if (/throws .*(missing|discovered|PIN)/i.test(recorded.id) && !replay.isRefused) failures.push('did not refuse');
  const seen = new Map<string, number>();
  if (needsAnswers(recorded)) {
    if (recorded.checks.some(({ expr }) => /write/i.test(expr)))
      reasons.push('turns on what the scale answered to reads, which is not recorded');
    return { failures, reasons };
  }
  for (const check of recorded.checks) {
    // Some recordings count a write of the greeting, some only those after it.
    const [whole, late] = [replay.writes, replay.writes.slice(replay.greeted)].map((writes) =>
      checkWrites(writes, replay.subscribed, check, new Map(seen)),
    );
    checkWrites(replay.writes, replay.subscribed, check, seen);
    if (whole === false && late !== true)
      failures.push(
        `${check.expr} ${check.matcher} ${JSON.stringify(check.args)}; wrote ${JSON.stringify(replay.writes.map(({ characteristic, bytes }) => [characteristic, [...bytes]]))}`,
      );
  }
  if (recorded.calls.length === 0 && recorded.checks.length > 0) reasons.push('asserts a property of the other program alone');
  return { failures, reasons };
}

t.test('each recorded session of a body scale gives what it gave', { skip: skipWithoutVectors }, async (t) => {
  const all = tally();
  const rows: string[] = [];
  for (const file of readdirSync(vectorPath(FOLDER))
    .filter((name) => name.endsWith('.json'))
    .sort()) {
    const counted = tally();
    for (const recorded of readVectorJson<RecordedFile>(`${FOLDER}/${file}`).cases) {
      const { failures, reasons } = replayCase(recorded);
      const id = `${file.split('.')[0]} ${recorded.id}`;
      if (failures.length > 0) counted.failed.push(`${id}: ${failures.join(' | ')}`);
      else if (reasons.length > 0) counted.listed.push({ id, reason: reasons[0]! });
      else counted.passed++;
    }
    rows.push(
      `  ${file.split('.')[0]!.padEnd(16)} ${String(counted.passed).padStart(3)} pass ${String(counted.listed.length).padStart(3)} listed`,
    );
    all.passed += counted.passed;
    all.listed.push(...counted.listed);
    all.failed.push(...counted.failed);
  }
  t.comment(`${reasonsOf('body scales', all)}\n${rows.join('\n')}`);
  t.same(all.failed, []);
  t.ok(all.passed > 4 * all.listed.length, `${all.passed} pass and ${all.listed.length} are listed`);
});
