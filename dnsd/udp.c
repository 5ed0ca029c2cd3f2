/* udp.c -- see udp.h. recvmmsg and sendmmsg: two system calls for up to BATCH questions.
 */
#include "dnsd/udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "common/stat.h"
#include "dnsd/count.h"

enum { BATCH = 64, IN_SIZE = 2048, OUT_SIZE = 4096 + EDNS_FIXED, TURNS = 4 };

struct udp_batch {
	struct mmsghdr in[BATCH], out[BATCH];
	struct iovec in_iov[BATCH], out_iov[BATCH];
	struct sockaddr_in6 from[BATCH];
	char control[BATCH][64]; /* one in6_pktinfo */
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
	struct sockaddr_in6 at;
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

static unsigned answer_all(struct worker *w, struct udp_batch *b, unsigned count)
{
	const struct client client = { .transport = TRANSPORT_UDP };
	unsigned n = 0;

	for (unsigned i = 0; i < count; i++) {
		uint8_t *out = b->out_bytes[n];
		size_t len = answer(w->snapshot, &w->scratch, &client, b->in_bytes[i],
				    b->in[i].msg_len, out);

		if (len == 0)
			continue;
		count_answer(out);
		b->out_iov[n] = (struct iovec){ out, len };
		b->out[n].msg_hdr = b->in[i].msg_hdr;
		b->out[n].msg_hdr.msg_flags = 0;
		b->out[n].msg_hdr.msg_iov = &b->out_iov[n];
		n++;
	}
	stat_add(STAT_DNSD_UDP, count);
	stat_add(STAT_DNSD_DROPPED, count - n);
	return n;
}

/* What cannot be sent is lost, as UDP may; the client asks again. */
static void send_all(const struct udp_batch *b, int fd, unsigned count)
{
	struct mmsghdr *out = (struct mmsghdr *)b->out;

	for (unsigned at = 0; at < count;) {
		int sent = sendmmsg(fd, out + at, count - at, MSG_DONTWAIT);

		if (sent > 0) {
			at += (unsigned)sent;
		} else if (errno != EINTR) {
			stat_one(STAT_DNSD_UNSENT);
			at++;
		}
	}
}

bool udp_answer(struct worker *w, struct socket_source *s)
{
	int n = receive(w->udp, s);
	unsigned answers;

	if (n <= 0)
		return false;
	answers = answer_all(w, w->udp, (unsigned)n);
	send_all(w->udp, s->source.fd, answers);
	return n == BATCH;
}

void udp_run(struct worker *w, struct source *source, uint32_t events)
{
	struct socket_source *s = (struct socket_source *)(void *)source;

	(void)events;
	/* a few batches, then the others get their turn */
	for (unsigned i = 0; i < TURNS && udp_answer(w, s); i++)
		;
}
