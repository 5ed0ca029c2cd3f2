/* sockets.c -- see sockets.h. */
#include "deploy/supervisor/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"
#include "deploy/supervisor/holder.h"
#include "deploy/supervisor/say.h"

#define DEFAULT_LISTEN "127.0.0.1,::1"

enum { BACKLOG = 4096, RECEIVE_BYTES = 1 << 20, ADDRESSES_MAX = 16 };

const struct socket_kind socket_kinds[SOCKET_KINDS] = {
	{ "dns-udp", SOCK_DGRAM, 53, 5300, "--dns" },
	{ "dns-tcp", SOCK_STREAM, 53, 5300, "--dns" },
	{ "http", SOCK_STREAM, 80, 8080, "--http" },
	{ "https", SOCK_STREAM, 443, 8443, "--https" },
};

union address {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t length_of(const union address *a)
{
	return a->sa.sa_family == AF_INET6 ? sizeof(a->v6) : sizeof(a->v4);
}

static bool parse_address(struct str text, union address *ret)
{
	char z[64];

	*ret = (union address){ 0 };
	if (!str_copy(z, sizeof(z), text))
		return false;
	if (inet_pton(AF_INET, z, &ret->v4.sin_addr) == 1) {
		ret->sa.sa_family = AF_INET;
		return true;
	}
	ret->sa.sa_family = AF_INET6;
	return inet_pton(AF_INET6, z, &ret->v6.sin6_addr) == 1;
}

static void set_port(union address *a, int port)
{
	if (a->sa.sa_family == AF_INET6)
		a->v6.sin6_port = htons((uint16_t)port);
	else
		a->v4.sin_port = htons((uint16_t)port);
}

/* A bound socket or -1 with errno. alone: refuse to share the port with anybody. */
static int open_bound(const struct socket_kind *k, const union address *a, bool alone)
{
	int on = 1, bytes = RECEIVE_BYTES, saved;
	int fd = socket(a->sa.sa_family, k->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (a->sa.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (k->type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	else
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	if (!alone)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	if (bind(fd, &a->sa, length_of(a)) == 0 &&
	    (k->type != SOCK_STREAM || listen(fd, BACKLOG) == 0))
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* The low port if we may have it. That it may be taken is found out later. */
static int choose_port(const struct socket_kind *k, int64_t configured)
{
	union address a = { .v4 = { .sin_family = AF_INET,
				    .sin_port = htons((uint16_t)k->low),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) } };
	int fd;

	if (configured > 0)
		return (int)configured;
	fd = socket(AF_INET, k->type | SOCK_CLOEXEC, 0);
	if (fd >= 0 && bind(fd, &a.sa, sizeof(a.v4)) < 0 && errno == EACCES) {
		close(fd);
		return k->high;
	}
	close(fd);
	return k->low;
}

static _Noreturn void refuse_bind(const struct socket_kind *k, struct str address,
				  int port, int family)
{
	int why = errno;
	char who[200];
	const char *proto = k->type == SOCK_DGRAM ? "UDP" : "TCP";

	if (why == EADDRINUSE) {
		holder_of(port, k->type == SOCK_DGRAM, who, sizeof(who));
		refuse(
		    EXIT_SYSTEM,
		    "port %d (%s) at %.*s is taken by %s; stop that, or choose another "
		    "port with %s PORT",
		    port, proto, STR_ARG(address), who, k->option);
	}
	if (why == EACCES)
		refuse(
		    EXIT_PERMISSION,
		    "port %d (%s) at %.*s needs a privilege that we do not have; run as "
		    "root, or choose a port above 1023 with %s PORT",
		    port, proto, STR_ARG(address), k->option);
	if (why == EADDRNOTAVAIL || (why == EAFNOSUPPORT && family == AF_INET6))
		refuse(EXIT_SYSTEM,
		       "this machine does not have the address %.*s; give --listen the "
		       "addresses it has",
		       STR_ARG(address));
	refuse(EXIT_SYSTEM, "cannot listen on port %d (%s) at %.*s: %s", port, proto,
	       STR_ARG(address), strerror(why));
}

static long cores_for(size_t addresses)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	long most = INHERIT_MAX / 2; /* a daemon serves two kinds */

	if (addresses > 0)
		most /= (long)addresses;
	if (cores < 1)
		cores = 1;
	return cores > most ? most : cores;
}

/* One address of the list. */
struct place_to_listen {
	struct str text;
	union address address;
};

struct binding {
	long cores;
	bool shared;         /* others of ours may have the port too */
	bool may_be_missing; /* IPv6, where nobody asked for it */
};

/* Nobody else may have the port: with SO_REUSEPORT alone, two stacks of one user would
 * silently split its traffic. */
static int try_alone(const struct socket_kind *k, const union address *a)
{
	int fd = open_bound(k, a, true);

	if (fd >= 0)
		close(fd);
	return fd;
}

/* One kind at one address: one socket for each core. */
static void bind_group(struct sockets *s, int kind, struct place_to_listen *at,
		       const struct binding *b)
{
	const struct socket_kind *k = &socket_kinds[kind];
	union address *a = &at->address;
	int port = s->ports[kind], fd;

	set_port(a, port);
	for (long i = 0; i < b->cores && s->count < SOCKETS_MAX; i++) {
		fd = i > 0 || b->shared ? 0 : try_alone(k, a);
		if (fd >= 0)
			fd = open_bound(k, a, false);
		if (fd < 0 && b->may_be_missing && a->sa.sa_family == AF_INET6 &&
		    (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL)) {
			log_warn("no_ipv6 kind=%s why=\"%s\"", k->name, strerror(errno));
			return;
		}
		if (fd < 0)
			refuse_bind(k, at->text, port, a->sa.sa_family);
		s->held[s->count++] = (struct held_socket){ fd, kind };
	}
}

static size_t parse_listen(const char *list, struct place_to_listen ret[ADDRESSES_MAX])
{
	size_t n = 0;

	for (struct str rest = str_of(list); rest.p != NULL && n < ADDRESSES_MAX; n++) {
		ret[n].text = str_trim(str_cut(&rest, ','));
		if (!parse_address(ret[n].text, &ret[n].address))
			refuse(EXIT_CONFIG,
			       "[onebox] listen: '%.*s' is not an IPv4 or IPv6 address",
			       STR_ARG(ret[n].text));
		if (rest.p != NULL && n + 1 == ADDRESSES_MAX)
			refuse(EXIT_CONFIG,
			       "[onebox] listen holds more than %d addresses",
			       ADDRESSES_MAX);
	}
	return n;
}

static bool is_among(const char *kind, const char *const *kinds, size_t count)
{
	if (kinds == NULL)
		return true;
	for (size_t i = 0; i < count; i++)
		if (kinds[i] != NULL && strcmp(kinds[i], kind) == 0)
			return true;
	return false;
}

/* Said before anybody is found to hold it: that would be we ourselves. */
static void refuse_equal_ports(const int ports[SOCKET_KINDS])
{
	for (int a = 0; a < SOCKET_KINDS; a++)
		for (int b = a + 1; b < SOCKET_KINDS; b++)
			if (ports[a] == ports[b] &&
			    socket_kinds[a].type == socket_kinds[b].type)
				refuse(
				    EXIT_CONFIG,
				    "%s and %s are both to be at port %d; choose another "
				    "with %s PORT or %s PORT",
				    socket_kinds[a].name, socket_kinds[b].name, ports[a],
				    socket_kinds[a].option, socket_kinds[b].option);
}

static void bind_kinds(struct sockets *s, const struct conf *c, const char *const *kinds,
		       size_t kind_count)
{
	const int64_t configured[SOCKET_KINDS] = { c->dns_port, c->dns_port, c->http_port,
						   c->https_port };
	struct place_to_listen places[ADDRESSES_MAX];
	size_t n = parse_listen(c->listen, places);
	const struct binding b = { .cores = kinds == NULL ? cores_for(n) : 1,
				   .shared = kinds != NULL,
				   .may_be_missing =
				       strcmp(c->listen, DEFAULT_LISTEN) == 0 };

	s->count = 0;
	for (int k = 0; k < SOCKET_KINDS; k++)
		s->ports[k] = choose_port(&socket_kinds[k], configured[k]);
	refuse_equal_ports(s->ports);
	for (int k = 0; k < SOCKET_KINDS; k++) {
		if (!is_among(socket_kinds[k].name, kinds, kind_count))
			continue;
		for (size_t i = 0; i < n; i++)
			bind_group(s, k, &places[i], &b);
	}
}

void sockets_bind(struct sockets *s, const struct conf *c)
{
	bind_kinds(s, c, NULL, 0);
}

void sockets_bind_some(struct sockets *s, const struct conf *c, const char *const *kinds,
		       size_t count)
{
	bind_kinds(s, c, kinds, count);
}

int sockets_port(const struct sockets *s, const char *kind)
{
	for (int k = 0; k < SOCKET_KINDS; k++)
		if (strcmp(socket_kinds[k].name, kind) == 0)
			return s->ports[k];
	return 0;
}
