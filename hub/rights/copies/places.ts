/**
 * Where copies may go: drives that are mounted where people's drives are, and folders that who runs the hub named in hearth.yaml. A person
 * chooses one of them and never types a path: what the hub's user may write is more than what a member may.
 */
import { readFileSync } from 'node:fs';

/** As desktop systems and udisks mount sticks, and where an administrator does. */
const ROOTS = /^\/(media|run\/media|mnt)\/./;
/** What only looks like a drive. */
const NO_DRIVES = new Set(['tmpfs', 'proc', 'sysfs', 'overlay', 'squashfs', 'autofs', 'devtmpfs', 'fuse.portal']);

/** Mount points of drives in the text of /proc/self/mounts, which writes a space as \040 (proc(5), fstab(5)). */
export const mountedDrives = (mounts: string): string[] =>
  mounts.split('\n').flatMap((line) => {
    const [, at = '', kind = '', options = ''] = line.split(' ');
    const path = at.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
    return ROOTS.test(path) && !NO_DRIVES.has(kind) && !options.split(',').includes('ro') ? [path] : [];
  });

/** A folder named where drives are mounted counts while one is: else the copy would fill the hub's own card. */
export const placesOf = (named: readonly string[], drives: readonly string[]): string[] => [
  ...new Set([
    ...named.filter((path) => !ROOTS.test(path) || drives.some((drive) => path === drive || path.startsWith(`${drive}/`))),
    ...drives,
  ]),
];

/** All of now: sticks come and go. */
export function copyPlaces(named: readonly string[]): string[] {
  let mounts = '';
  try {
    mounts = readFileSync('/proc/self/mounts', 'utf8');
  } catch {
    // A system without it has no sticks to offer.
  }
  return placesOf(named, mountedDrives(mounts));
}
