/**
 * NetworkManager's command line. Its answers are asked for terse and in English; a secret goes in by standard input alone, since
 * arguments and environment of a process can be read by every program of the machine.
 */
import { spawn } from 'node:child_process';
import { WifiError, wifiErrorOf } from './wifi-error.ts';

/** A scan takes some 5 s, joining up to its own limit; nothing else takes a second. */
const USUAL_MS = 20_000;
/** nmcli is given time to give up by itself and say why. */
const GRACE_MS = 5000;
/** A block of flats shows some 200 access points of 100 bytes each. */
const MOST_OUTPUT_BYTES = 1024 * 1024;

export interface NmcliCall {
  /** nmcli waits this long for the network; undefined: it does not wait. */
  readonly waitS?: number;
  /** Standard input; holds secrets and is never logged. */
  readonly input?: string;
  /** Part of `input` that no error may repeat. */
  readonly secret?: string;
  readonly signal?: AbortSignal;
}

/** Runs nmcli and gives its standard output. Rejects with {@link WifiError}. */
export async function nmcli(args: readonly string[], { waitS, input = '', secret = '', signal }: NmcliCall = {}): Promise<string> {
  const child = spawn('nmcli', [...(waitS === undefined ? [] : ['--wait', String(waitS)]), ...args], {
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(signal === undefined ? {} : { signal }),
  });
  const limitMs = waitS === undefined ? USUAL_MS : waitS * 1000 + GRACE_MS;
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, limitMs);
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output.length < MOST_OUTPUT_BYTES) output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (errors.length < MOST_OUTPUT_BYTES) errors += text;
  });
  // A program that ended without reading what it was given has said why in another way.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (isLate) throw wifiErrorOf('Timeout expired', 3);
    // The interactive editor ends with 0 whatever happened; its refusals are lines that begin so.
    const refusal = /^Error: .*/m.exec(`${errors}\n${output}`);
    if (code !== 0 || (input !== '' && refusal !== null)) throw wifiErrorOf(refusal?.[0] ?? errors, code, secret);
    return output;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw noWifiHere();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

export const noWifiHere = (): WifiError =>
  new WifiError(
    'absent',
    'No Wi-Fi here: this system has no NetworkManager.',
    'Use a network cable, or install the package network-manager.',
  );
