/** The few calls of the C library by which a program of Linux uses a device file, through koffi. A test gives others in its place. */
import { createRequire } from 'node:module';

export interface Libc {
  /** A file descriptor; throws {@link LibcError}. */
  open(path: string): number;
  close(fd: number): void;
  /** Throws {@link LibcError}. `argument` lies in memory that the call may read and write. */
  ioctl(fd: number, request: number, argument: Uint8Array): void;
  /** Where bytes lie, to be written into a structure. They must be kept while the call runs. */
  addressOf(bytes: Uint8Array): bigint;
}

export class LibcError extends Error {
  override readonly name = 'LibcError';
  /** As the kernel numbers it. */
  readonly errno: number;

  constructor(call: string, errno: number) {
    super(`${call} failed with errno ${errno}`);
    this.errno = errno;
  }
}

const O_RDWR = 0x2;
const O_CLOEXEC = 0o2_000_000;

/** The parts of koffi that are used here. */
interface Koffi {
  load(library: string): { func(signature: string): (...values: unknown[]) => number };
  errno(): number;
  address(bytes: Uint8Array): bigint;
}

let loaded: Libc | undefined;

/** The system's own C library. Loaded at first use: a rig without the Pi's I2C needs none. */
export function systemLibc(): Libc {
  loaded ??= loadLibc();
  return loaded;
}

function loadLibc(): Libc {
  const koffi = createRequire(import.meta.url)('koffi') as Koffi;
  const library = koffi.load('libc.so.6');
  const open = library.func('int open(const char *path, int flags)');
  const close = library.func('int close(int fd)');
  const ioctl = library.func('int ioctl(int fd, unsigned long request, void *argument)');
  return {
    open(path) {
      const fd = open(path, O_RDWR | O_CLOEXEC);
      if (fd < 0) throw new LibcError(`open ${path}`, koffi.errno());
      return fd;
    },
    close: (fd) => void close(fd),
    ioctl(fd, request, argument) {
      if (ioctl(fd, request, argument) < 0) throw new LibcError('ioctl', koffi.errno());
    },
    addressOf: (bytes) => koffi.address(bytes),
  };
}
