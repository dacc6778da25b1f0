/**
 * A pseudo-terminal whose far end any program opens as a serial port.
 *
 * The near end is held here; the far end is held open as well, without being read, so that a program that closes its port
 * does not hang the terminal up. Only {@link Pty.close} does, as a pulled cable does.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, lstatSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ReadStream } from 'node:tty';

interface NativePty {
  open(columns: number, rows: number): { master: number; slave: number; pty: string };
}
const native = createRequire(import.meta.url)(`@lydell/node-pty-linux-${process.arch}/pty.node`) as NativePty;

/** The kernel holds 4 kB for a reader that is away; beyond that and this much here, bytes are lost as on a real line. */
const MOST_UNSENT_BYTES = 16 * 1024;

export interface Pty {
  /** Device file of the far end. */
  readonly path: string;
  /** Writes to the program at the far end; dropped when nobody has read for long. */
  write(bytes: Uint8Array): void;
  /** Hangs up: the far end's reader sees the line end. The link is removed. */
  close(): void;
}

/** Opens a pty in raw mode (no echo, no translation) and links it at `link`. */
export function openPty(link: string, onData: (bytes: Uint8Array) => void): Pty {
  const { master, slave, pty } = native.open(80, 24);
  execFileSync('stty', ['-F', pty, 'raw', '-echo']);
  const stream = new ReadStream(master);
  let isOpen = true;
  // EIO when the far end is closed for good; the line is over then.
  stream.on('error', () => undefined);
  stream.on('data', (bytes: Buffer) => onData(bytes));
  placeLink(pty, link);
  return {
    path: pty,
    write(bytes) {
      if (isOpen && stream.writableLength < MOST_UNSENT_BYTES) stream.write(bytes);
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      rmSync(link, { force: true });
      closeSync(slave);
      stream.destroy();
    },
  };
}

/** Replaces a link at once, so that nobody meets the moment without one. */
function placeLink(target: string, link: string): void {
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === false)
    throw new Error(`${link} is in the way of the virtual rig: move it`);
  const draft = `${link}.new`;
  rmSync(draft, { force: true });
  symlinkSync(target, draft);
  renameSync(draft, link);
}
