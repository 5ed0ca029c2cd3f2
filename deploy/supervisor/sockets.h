/* sockets.h -- the listening sockets, bound once and held for as long as we live.
 *
 * For each kind and address there is one SO_REUSEPORT group with a socket for each core.
 * All of a kind are handed to each instance that serves it. */
#ifndef DEPLOY_SUPERVISOR_SOCKETS_H
#define DEPLOY_SUPERVISOR_SOCKETS_H

#include "common/conf.h"
#include "common/inherit.h"

enum { SOCKETS_MAX = 256, SOCKET_KINDS = 4 };

struct held_socket {
	int fd;
	int kind; /* index in socket_kinds */
};

struct sockets {
	struct held_socket held[SOCKETS_MAX];
	size_t count;
	int ports[SOCKET_KINDS];
};

struct socket_kind {
	const char *name;   /* as in LISTEN_FDNAMES */
	int type;           /* SOCK_DGRAM or SOCK_STREAM */
	int low, high;      /* the port where permitted, and else */
	const char *option; /* of deploy/up, for sentences */
};

extern const struct socket_kind socket_kinds[SOCKET_KINDS];

/* Binds everything the configuration asks for. Ends the program, with a sentence that
 * names the holder, when a port is taken. */
void sockets_bind(struct sockets *s, const struct conf *c);
/* Of these kinds only, one socket for each address, shared with whoever asks for the
 * same: for daemons that another supervisor starts. */
void sockets_bind_some(struct sockets *s, const struct conf *c, const char *const *kinds,
		       size_t count);
int sockets_port(const struct sockets *s, const char *kind);

#endif
