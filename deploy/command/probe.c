/* probe.c -- see probe.h. */
#include "deploy/command/probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/str.h"

enum { PATIENCE_MS = 2000, TYPE_A = 1, TYPE_AAAA = 28, QUERY_ID = 0x1b0c };

static void verdict(struct probe *p, enum probe_result result, const char *words)
{
	p->result = result;
	str_copy(p->words, sizeof(p->words), str_of(words));
}

static int open_to(const char *address, int port, int type)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
				   .sin6_port = htons((uint16_t)port) };
	bool is_v4 = inet_pton(AF_INET, address, &v4.sin_addr) == 1;
	struct timeval patience = { .tv_sec = PATIENCE_MS / 1000 };
	int fd = socket(is_v4 ? AF_INET : AF_INET6, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if ((is_v4 || inet_pton(AF_INET6, address, &v6.sin6_addr) == 1) &&
	    connect(fd, is_v4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6,
		    is_v4 ? sizeof(v4) : sizeof(v6)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* A question with its two bytes of length in front; returns its whole size. */
static size_t build_query(uint8_t *q, size_t size, const char *name, int type)
{
	const uint8_t head[] = {
		QUERY_ID >> 8, QUERY_ID & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0
	};
	struct str rest = str_of(name);
	size_t n = 2;

	if (strlen(name) + sizeof(head) + 8 > size)
		return 0;
	memcpy(q + n, head, sizeof(head));
	n += sizeof(head);
	while (rest.p != NULL) {
		struct str label = str_cut(&rest, '.');

		if (label.n == 0 || label.n > 63)
			continue;
		q[n++] = (uint8_t)label.n;
		memcpy(q + n, label.p, label.n);
		n += label.n;
	}
	memcpy(q + n, (uint8_t[]){ 0, 0, (uint8_t)type, 0, 1 }, 5);
	n += 5;
	q[0] = (uint8_t)((n - 2) >> 8);
	q[1] = (uint8_t)(n - 2);
	return n;
}

static size_t skip_name(const uint8_t *a, size_t n, size_t at)
{
	while (at < n && a[at] != 0 && a[at] < 192)
		at += a[at] + 1U;
	return at + (at < n && a[at] >= 192 ? 2 : 1);
}

/* The first address record in the answer, as text. */
static bool find_address(const uint8_t *a, size_t n, int type, char *ret, socklen_t size)
{
	unsigned count = n >= 12 ? (unsigned)a[6] << 8 | a[7] : 0;
	size_t at = skip_name(a, n, 12) + 4;

	for (unsigned i = 0; i < count; i++) {
		size_t length;

		at = skip_name(a, n, at);
		if (at + 10 > n)
			return false;
		length = (size_t)a[at + 8] << 8 | a[at + 9];
		if (at + 10 + length > n)
			return false;
		if (a[at] == 0 && a[at + 1] == type &&
		    length == (type == TYPE_A ? 4U : 16U))
			return inet_ntop(type == TYPE_A ? AF_INET : AF_INET6, a + at + 10,
					 ret, size) != NULL;
		at += 10 + length;
	}
	return false;
}

static void judge_answer(struct probe *p, const uint8_t *a, size_t n, int type)
{
	char address[INET6_ADDRSTRLEN], words[160];

	p->answered = n >= 12;
	if (n < 12 || a[0] != QUERY_ID >> 8 || a[1] != (QUERY_ID & 255))
		verdict(p, PROBE_WRONG, "the answer is no DNS answer");
	else if ((a[3] & 15) != 0) {
		snprintf(words, sizeof(words), "the answer is an error (rcode %d)",
			 a[3] & 15);
		verdict(p, PROBE_WRONG, words);
	} else if (!find_address(a, n, type, address, sizeof(address)))
		verdict(p, PROBE_WRONG, "the answer holds no address");
	else
		verdict(p, PROBE_OK, address);
}

void probe_name(const struct probe_question *q, struct probe *ret)
{
	uint8_t query[300], answer[2048];
	int64_t began = clock_us();
	int type = q->v6 ? TYPE_AAAA : TYPE_A;
	size_t n = build_query(query, sizeof(query), q->name, type),
	       skip = q->tcp ? 2 : 0;
	int fd = open_to(q->address, q->port, q->tcp ? SOCK_STREAM : SOCK_DGRAM);
	ssize_t got = -1;

	*ret = (struct probe){ .result = PROBE_UNKNOWN };
	if (fd >= 0) {
		if (send(fd, query + 2 - skip, n - 2 + skip, MSG_NOSIGNAL) > 0)
			got = recv(fd, answer, sizeof(answer), 0);
		close(fd);
	}
	ret->ms = (double)(clock_us() - began) / 1000;
	if (fd < 0 || (got < 0 && errno == ECONNREFUSED))
		verdict(ret, PROBE_WRONG, "nobody listens there");
	else if (got < (ssize_t)skip)
		verdict(ret, PROBE_UNKNOWN, "no answer came within 2 s");
	else
		judge_answer(ret, answer + skip, (size_t)got - skip, type);
}

void probe_page(const char *address, int port, struct probe *ret)
{
	static const char request[] =
	    "GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: onebox-check\r\n"
	    "Connection: close\r\n\r\n";
	char head[64] = "", words[160];
	int64_t began = clock_us();
	int fd = open_to(address, port, SOCK_STREAM), code = 0;
	ssize_t got = -1;

	*ret = (struct probe){ .result = PROBE_UNKNOWN };
	if (fd >= 0) {
		if (send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) > 0)
			got = recv(fd, head, sizeof(head) - 1, MSG_WAITALL);
		close(fd);
	}
	ret->ms = (double)(clock_us() - began) / 1000;
	if (fd < 0)
		verdict(ret, PROBE_WRONG, "nobody listens there");
	else if (got <= 0)
		verdict(ret, PROBE_UNKNOWN, "no answer came within 2 s");
	else if (sscanf(head, "HTTP/1.%*d %d", &code) != 1)
		verdict(ret, PROBE_WRONG, "the answer is not HTTP");
	else {
		snprintf(words, sizeof(words), "status %d", code);
		verdict(ret, code == 200 ? PROBE_OK : PROBE_WRONG, words);
	}
}

/* Reads to the end; the first bytes into head, which is ended by a zero. */
static size_t read_all(int fd, char *head, size_t size)
{
	char rest[16384];
	size_t all = 0, kept = 0;
	ssize_t n;

	while ((n = kept + 1 < size ? recv(fd, head + kept, size - 1 - kept, 0)
				    : recv(fd, rest, sizeof(rest), 0)) > 0) {
		all += (size_t)n;
		if (kept + 1 < size)
			kept += (size_t)n;
	}
	head[kept] = '\0';
	return all;
}

static void take_trace(struct probe_visit *v, const char *head)
{
	const char *at = strcasestr(head, "\r\nx-request-id: ");
	const char *end = at != NULL ? strstr(at + 2, "\r\n") : NULL;

	if (end != NULL)
		str_copy(v->trace, sizeof(v->trace),
			 (struct str){ at + 16, (size_t)(end - at) - 16 });
}

void probe_visit(const char *address, int port, const char *path, struct probe_visit *ret)
{
	char request[PROBE_PATH_MAX + 200], head[8192] = "";
	int64_t began = clock_us(), connected;
	int fd = open_to(address, port, SOCK_STREAM), code = 0, n;

	*ret = (struct probe_visit){ .result = PROBE_WRONG };
	connected = clock_us();
	ret->connect_ms = (double)(connected - began) / 1000;
	n = snprintf(
	    request, sizeof(request),
	    "GET %.*s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: onebox-trace\r\n"
	    "Connection: close\r\n\r\n",
	    PROBE_PATH_MAX, path);
	if (fd < 0) {
		snprintf(ret->words, sizeof(ret->words), "nobody listens there");
		return;
	}
	if (send(fd, request, (size_t)n, MSG_NOSIGNAL) == n)
		ret->bytes = read_all(fd, head, sizeof(head));
	close(fd);
	ret->answer_ms = (double)(clock_us() - connected) / 1000;
	take_trace(ret, head);
	if (sscanf(head, "HTTP/1.%*d %d", &code) != 1) {
		snprintf(ret->words, sizeof(ret->words), "no answer came");
		return;
	}
	ret->result = code < 500 ? PROBE_OK : PROBE_WRONG;
	snprintf(ret->words, sizeof(ret->words), "status %d", code);
}
