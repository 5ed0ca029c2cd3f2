/* inherit.h -- what whoever started us hands over: sockets, and an ear for "ready".
 *
 * systemd's protocol (LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES; NOTIFY_SOCKET,
 * WATCHDOG_USEC) so that a daemon runs unchanged under our supervisor, systemd and
 * others. */
#ifndef COMMON_INHERIT_H
#define COMMON_INHERIT_H

#include "common/str.h"

enum { INHERIT_MAX = 128 };

struct inherit_socket {
	int fd;
	char name[32]; /* "dns-udp", "dns-tcp", "http", "https" */
};

struct inherit {
	struct inherit_socket sockets[INHERIT_MAX];
	size_t count;
};

/* Reads and clears the variables, makes the sockets close-on-exec and non-blocking. */
void inherit_take(struct inherit *ret);

/* Tells whoever listens; "READY=1", "STATUS=...". Quietly nothing if nobody does. */
void inherit_notify(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* How often it wants to hear "WATCHDOG=1", in us; 0: it does not. */
int64_t inherit_watchdog_us(void);

#endif
