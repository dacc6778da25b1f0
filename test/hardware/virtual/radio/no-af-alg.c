/*
 * For BlueZ's btvirt on a kernel without AF_ALG, by LD_PRELOAD. It opens two of the kernel's ciphers for each LE controller before anything
 * is encrypted, and ends every link when it cannot. The conversation here is in the open, so a socket that nobody answers will do.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/socket.h>
#include <unistd.h>
#ifndef AF_ALG
#define AF_ALG 38
#endif

int socket(int domain, int type, int protocol)
{
	int (*kernel)(int, int, int) = dlsym(RTLD_NEXT, "socket");
	int pair[2];

	if (domain != AF_ALG)
		return kernel(domain, type, protocol);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | (type & SOCK_CLOEXEC), 0, pair) < 0)
		return -1;
	close(pair[1]);
	return pair[0];
}

int bind(int fd, const struct sockaddr *address, socklen_t length)
{
	int (*kernel)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "bind");

	return address != NULL && address->sa_family == AF_ALG ? 0 : kernel(fd, address, length);
}
