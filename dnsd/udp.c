/* udp.c -- see udp.h. recvmmsg and sendmmsg: two system calls for up to BATCH questions.
 *
 * Nearly all the time goes into the kernel's way from socket to socket, once for each
 * datagram. Answers of one batch that go to the same client and have the same length
 * travel that way together, as segments of one send (UDP_SEGMENT); a busy resolver's do.
 * The order of answers is nobody's promise in DNS. */
#include "dnsd/udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>

#include "common/stat.h"
#include "dnsd/count.h"
#include "dnsd/respond.h"

enum { BATCH = 200, IN_SIZE = 2048, OUT_SIZE = 4096 + TSIG_ROOM, TURNS = 4 };

enum { CONTROL_SIZE = 64, SEGMENT_SPACE = CMSG_SPACE(sizeof(uint16_t)) };

struct udp_batch {
	struct mmsghdr in[BATCH], out[BATCH];
	struct iovec in_iov[BATCH], out_iov[BATCH];
	struct sockaddr_in6 from[BATCH];
	/* in: one in6_pktinfo; out: the same, and a segment's size */
	_Alignas(struct cmsghdr) char control[BATCH][CONTROL_SIZE];
	_Alignas(struct cmsghdr) char out_control[BATCH][CONTROL_SIZE + SEGMENT_SPACE];
	struct reply_ref {
		uint64_t
		    key; /* equal for the same client; the larger first of one client */
		uint16_t from, len;
	} replies[BATCH];
	uint8_t in_bytes[BATCH][IN_SIZE], out_bytes[BATCH][OUT_SIZE];
};

struct udp_batch *udp_batch_new(void)
{
	struct udp_batch *b = calloc(1, sizeof(*b));

	for (unsigned i = 0; b != NULL && i < BATCH; i++) {
		b->in_iov[i] = (struct iovec){ b->in_bytes[i], IN_SIZE };
		b->in[i].msg_hdr.msg_iov = &b->in_iov[i];
		b->in[i].msg_hdr.msg_iovlen = 1;
		b->in[i].msg_hdr.msg_name = &b->from[i];
	}
	return b;
}

void udp_batch_free(struct udp_batch *b)
{
	free(b);
}

void udp_prepare(struct socket_source *s)
{
	struct sockaddr_in6 at = { 0 };
	socklen_t n = sizeof(at);
	int on = 1, fd = s->source.fd;

	if (getsockname(fd, (struct sockaddr *)&at, &n) != 0)
		return;
	if (at.sin6_family == AF_INET6) {
		s->is_wild = IN6_IS_ADDR_UNSPECIFIED(&at.sin6_addr);
		if (s->is_wild)
			setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
	} else {
		const struct sockaddr_in *v4 = (const struct sockaddr_in *)(void *)&at;

		s->is_wild = v4->sin_addr.s_addr == htonl(INADDR_ANY);
		if (s->is_wild)
			setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	}
}

static int receive(struct udp_batch *b, const struct socket_source *s)
{
	for (unsigned i = 0; i < BATCH; i++) {
		struct msghdr *h = &b->in[i].msg_hdr;

		h->msg_namelen = sizeof(b->from[i]);
		h->msg_control = s->is_wild ? b->control[i] : NULL;
		h->msg_controllen = s->is_wild ? sizeof(b->control[i]) : 0;
	}
	return recvmmsg(s->source.fd, b->in, BATCH, MSG_DONTWAIT, NULL);
}

static uint64_t client_key(const struct sockaddr_in6 *a)
{
	uint64_t k = (uint64_t)a->sin6_port << 32, low = 0;

	if (a->sin6_family == AF_INET6)
		memcpy(&low, &a->sin6_addr.s6_addr[8], sizeof(low));
	else
		low = ((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr;
	return ((k ^ low) * 0x9e3779b97f4a7c15u) & ~(uint64_t)0xffff;
}

/* Octets to send, left in out; 0: none. */
static size_t answer_one(const struct worker *w, const struct asked *a, struct iovec in,
			 uint8_t *out)
{
	size_t len = worker_respond(w, a, in, out);

	if (len == 0) {
		stat_one(STAT_DNSD_DROPPED);
		return 0;
	}
	switch (ratelimit_judge(w->ratelimit, a, out)) {
	case RATELIMIT_SEND:
		break;
	case RATELIMIT_SLIP:
		len = ratelimit_slip(out, &a->scratch->query);
		break;
	case RATELIMIT_DROP:
		return 0;
	}
	count_answer(a, out, len);
	return len;
}

static unsigned answer_all(struct worker *w, struct udp_batch *b, unsigned count)
{
	struct client client = {
		.transport = TRANSPORT_UDP,
		.now_s = w->now_s,
		.since_us = w->now_us,
	};
	const struct asked asked = { w->snapshot, &w->scratch, &client };
	unsigned n = 0;

	for (unsigned i = 0; i < count; i++) {
		size_t len;

		client_address(&client, &b->from[i]);
		len = answer_one(w, &asked,
				 (struct iovec){ b->in_bytes[i], b->in[i].msg_len },
				 b->out_bytes[i]);
		if (len == 0)
			continue;
		b->replies[n++] = (struct reply_ref){
			.key = client_key(&b->from[i]) | (0xffff - len),
			.from = (uint16_t)i,
			.len = (uint16_t)len,
		};
	}
	stat_add(STAT_DNSD_UDP, count);
	return n;
}

/* ---- sending ---- */

/* By client, and of one client the longest first. There are few, and often in order. */
static void sort_replies(struct udp_batch *b, unsigned n)
{
	for (unsigned i = 1; i < n; i++) {
		struct reply_ref r = b->replies[i];
		unsigned at = i;

		for (; at > 0 && b->replies[at - 1].key > r.key; at--)
			b->replies[at] = b->replies[at - 1];
		b->replies[at] = r;
	}
}

/* How many replies from here on can be one send: same client, same length, the last may
 * be shorter. */
static unsigned run_length(const struct udp_batch *b, unsigned at, unsigned n)
{
	const struct reply_ref *first = &b->replies[at];
	unsigned k = at + 1;

	while (k < n && b->replies[k].key == first->key &&
	       memcmp(&b->from[b->replies[k].from], &b->from[first->from],
		      b->in[first->from].msg_hdr.msg_namelen) == 0)
		k++;
	return k - at;
}

/* The answer leaves from the address that was asked, if the socket has several. */
static void put_control(struct udp_batch *b, unsigned out, const struct msghdr *in,
			uint16_t segment)
{
	struct msghdr *h = &b->out[out].msg_hdr;
	char *control = b->out_control[out];
	size_t n = in->msg_controllen < CONTROL_SIZE ? in->msg_controllen : 0;

	if (n > 0)
		memcpy(control, in->msg_control, n);
	n = CMSG_ALIGN(n);
	if (segment > 0) {
		struct cmsghdr c = { CMSG_LEN(sizeof(segment)), SOL_UDP, UDP_SEGMENT };

		memset(control + n, 0, SEGMENT_SPACE);
		memcpy(control + n, &c, sizeof(c));
		memcpy(control + n + CMSG_LEN(0), &segment, sizeof(segment));
		n += SEGMENT_SPACE;
	}
	h->msg_control = n > 0 ? control : NULL;
	h->msg_controllen = n;
}

/* Messages to send; most answers one by one, runs of equal ones as one. */
static unsigned pack_replies(struct udp_batch *b, unsigned n, bool together)
{
	unsigned messages = 0;

	if (together)
		sort_replies(b, n);
	for (unsigned at = 0; at < n; messages++) {
		const struct reply_ref *first = &b->replies[at];
		const struct msghdr *in = &b->in[first->from].msg_hdr;
		struct msghdr *out = &b->out[messages].msg_hdr;
		unsigned run = together ? run_length(b, at, n) : 1;

		for (unsigned i = 0; i < run; i++) {
			const struct reply_ref *r = &b->replies[at + i];

			b->out_iov[at + i] =
			    (struct iovec){ b->out_bytes[r->from], r->len };
		}
		out->msg_name = in->msg_name;
		out->msg_namelen = in->msg_namelen;
		out->msg_iov = &b->out_iov[at];
		out->msg_iovlen = run;
		put_control(b, messages, in, run > 1 ? first->len : 0);
		at += run;
	}
	return messages;
}

/* What cannot be sent is lost, as UDP may; the client asks again. False: this system
 * cannot send segments here; what was left is lost. */
static bool send_all(struct udp_batch *b, int fd, unsigned count)
{
	bool segments_work = true;

	for (unsigned at = 0; at < count;) {
		int sent = sendmmsg(fd, b->out + at, count - at, MSG_DONTWAIT);

		if (sent > 0) {
			at += (unsigned)sent;
		} else if (errno != EINTR) {
			segments_work =
			    segments_work && (b->out[at].msg_hdr.msg_iovlen == 1 ||
					      errno == EAGAIN || errno == EPERM);
			stat_add(STAT_DNSD_UNSENT, b->out[at].msg_hdr.msg_iovlen);
			at++;
		}
	}
	return segments_work;
}

unsigned udp_answer(struct worker *w, struct socket_source *s)
{
	int n = receive(w->udp, s);
	unsigned messages;

	if (n <= 0)
		return 0;
	messages =
	    pack_replies(w->udp, answer_all(w, w->udp, (unsigned)n), !s->one_by_one);
	if (!send_all(w->udp, s->source.fd, messages))
		s->one_by_one = true;
	return (unsigned)n;
}

void udp_run(struct worker *w, struct source *source, uint32_t events)
{
	struct socket_source *s = (struct socket_source *)(void *)source;
	unsigned n, turns = 0;

	(void)events;
	/* a few batches, then the others get their turn */
	do {
		n = udp_answer(w, s);
		w->busy += n;
	} while (n == BATCH && ++turns < TURNS);
}
