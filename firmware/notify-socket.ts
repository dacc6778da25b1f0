/**
 * Words to systemd: a datagram to the Unix socket that NOTIFY_SOCKET names, which Node itself cannot send, so through the C library.
 * Source: sd_notify(3), unix(7); constants of Linux on x86-64 and arm64.
 */
import { createRequire } from 'node:module';

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2_000_000;
const MSG_NOSIGNAL = 0x4000;
/** struct sockaddr_un: the family, and a path of 108 bytes. */
const FAMILY_BYTES = 2;
const MOST_PATH_BYTES = 108;

interface Koffi {
  load(library: string): { func(signature: string): (...values: unknown[]) => number };
  errno(): number;
}

/** Sends one datagram. Throws when the socket is not there or its path is none. */
export type SendNotice = (text: string) => void;

export function openNotifySocket(path: string): SendNotice {
  const address = addressOf(path);
  const koffi = createRequire(import.meta.url)('koffi') as Koffi;
  const library = koffi.load('libc.so.6');
  const socket = library.func('int socket(int domain, int type, int protocol)');
  const sendto = library.func(
    'long sendto(int fd, const void *bytes, size_t length, int flags, const void *address, unsigned int addressLength)',
  );
  const close = library.func('int close(int fd)');
  return (text) => {
    const fd = socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
    if (fd < 0) throw new Error(`no socket to systemd: errno ${koffi.errno()}`);
    const bytes = Buffer.from(text);
    const sent = sendto(fd, bytes, bytes.length, MSG_NOSIGNAL, address, address.length);
    const errno = koffi.errno();
    close(fd);
    if (sent < 0) throw new Error(`systemd takes no words at ${path}: errno ${errno}`);
  };
}

/** struct sockaddr_un of a path, or of an abstract name that begins with '@'. Throws RangeError when it is too long. */
export function addressOf(path: string): Uint8Array {
  const name = Buffer.from(path);
  if (name.length === 0 || name.length >= MOST_PATH_BYTES) throw new RangeError(`NOTIFY_SOCKET '${path}' is no socket's path`);
  const isAbstract = path.startsWith('@');
  if (isAbstract) name[0] = 0;
  const address = Buffer.alloc(FAMILY_BYTES + name.length + (isAbstract ? 0 : 1));
  address.writeUInt16LE(AF_UNIX, 0);
  name.copy(address, FAMILY_BYTES);
  return address;
}
