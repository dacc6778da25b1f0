/**
 * Reads every page of a vault's file and says what is wrong: ten years take some seconds. In a program of its own, which gives back all the
 * memory that it took when it ends; a thread leaves some megabytes with the hub for good.
 */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { endsWithParent } from '../ops/supervise.ts';
import { openDatabase } from './database.ts';

interface Asked {
  readonly file: string;
  readonly key: string;
}

/** What is wrong with the file; empty when nothing is. Each page's HMAC is checked as it is read, so one changed byte anywhere is found. */
export function checkFileNow(file: string, key: string): string[] {
  let database: ReturnType<typeof openDatabase> | undefined;
  try {
    database = openDatabase(file, key, { readonly: true });
    const rows = database.pragma('quick_check(5)') as { quick_check: string }[];
    return rows.map((row) => row.quick_check).filter((text) => text !== 'ok');
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  } finally {
    database?.close();
  }
}

/**
 * The same without keeping anybody waiting. The key goes by standard input, where no list of processes shows it. Rejects when the program
 * ends without an answer: that says nothing of the file.
 */
export async function checkFile(file: string, key: string): Promise<string[]> {
  const [first, ...rest] = [...endsWithParent(), process.execPath, '--disable-warning=ExperimentalWarning', program];
  const child = spawn(first!, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
  // One that is gone before it read says so by how it ended.
  child.stdin.on('error', () => undefined);
  child.stdin.end(JSON.stringify({ file, key } satisfies Asked));
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const [answer, lastWords, how] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (answer === '') throw new Error(`the check of ${file} ended without an answer (${how}): ${lastWords.trim()}`);
  return JSON.parse(answer) as string[];
}

const program = fileURLToPath(import.meta.url);

if (process.argv[1] === program) {
  const { file, key } = JSON.parse(await text(process.stdin)) as Asked;
  process.stdout.write(JSON.stringify(checkFileNow(file, key)));
}
