/* notify.c -- see notify.h. */
#include "dnsd/notify.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "dnsd/rrtype.h"

enum { TRIES = 5, FIRST_WAIT_US = 1000000, PENDING_MAX = 1024, ANSWER_MAX = 4096 };

/* One zone to one peer, until it is acknowledged. */
struct telling {
	struct notifier *owner;
	struct list link;
	struct timer again;
	uint8_t zone[NAME_WIRE];
	char text[NAME_TEXT];
	struct peer peer;
	struct tsig_key key; /* a copy: the snapshot may go */
	uint16_t id;
	unsigned tries;
};

struct ear {
	struct notifier *owner;
	struct loop_fd in;
};

struct notifier {
	struct loop *loop;
	struct list pending;
	unsigned count;
	struct ear ears[2]; /* IPv4 and IPv6 */
};

static void forget(struct telling *t)
{
	loop_timer_stop(t->owner->loop, &t->again);
	list_remove(&t->link);
	t->owner->count--;
	free(t);
}

static size_t make_message(const struct telling *t, uint8_t *p)
{
	size_t n = DNS_HEADER, len = name_length(t->zone, NAME_WIRE);
	struct tsig signer = { .key = &t->key };

	memset(p, 0, DNS_HEADER);
	put16(p, t->id);
	put16(p + 2, OPCODE_NOTIFY << 11 | FLAG_AA);
	put16(p + 4, 1);
	memcpy(p + n, t->zone, len);
	put16(p + n + len, RR_SOA);
	put16(p + n + len + 2, CLASS_IN);
	n += len + 4;
	if (t->peer.key == NULL)
		return n;
	return tsig_sign(&signer, p, n, (uint64_t)(clock_wall_us() / 1000000));
}

static struct ear *ear_of(struct notifier *n, const struct peer *p)
{
	return &n->ears[p->address.ss_family == AF_INET6];
}

static void tell(void *ctx)
{
	struct telling *t = ctx;
	uint8_t message[DNS_HEADER + NAME_WIRE + 4 + TSIG_ROOM];
	const struct ear *ear = ear_of(t->owner, &t->peer);
	size_t n;

	if (t->tries == TRIES) {
		log_warn("notify_unanswered zone=%s tries=%d", t->text, TRIES);
		forget(t);
		return;
	}
	n = make_message(t, message);
	if (n == 0 ||
	    sendto(ear->in.fd, message, n, MSG_DONTWAIT,
		   (const struct sockaddr *)&t->peer.address, t->peer.address_len) < 0)
		log_debug("notify_unsent zone=%s why=\"%s\"", t->text, strerror(errno));
	loop_timer_in(t->owner->loop, &t->again, (int64_t)FIRST_WAIT_US << t->tries++);
}

static struct telling *find(struct notifier *n, uint16_t id,
			    const struct sockaddr_storage *from, socklen_t from_len)
{
	LIST_EACH(link, &n->pending) {
		struct telling *t = LIST_OF(link, struct telling, link);

		if (t->id == id && t->peer.address_len == from_len &&
		    memcmp(&t->peer.address, from, from_len) == 0)
			return t;
	}
	return NULL;
}

static void hear(void *ctx, uint32_t events)
{
	struct ear *ear = ctx;
	uint8_t p[ANSWER_MAX];
	struct sockaddr_storage from = { 0 };
	socklen_t from_len = sizeof(from);
	ssize_t n = recvfrom(ear->in.fd, p, sizeof(p), MSG_DONTWAIT,
			     (struct sockaddr *)&from, &from_len);
	struct telling *t;

	(void)events;
	if (n < DNS_HEADER ||
	    (get16(p + 2) & (FLAG_QR | FLAG_OPCODE)) != (FLAG_QR | OPCODE_NOTIFY << 11))
		return;
	t = find(ear->owner, get16(p), &from, from_len);
	if (t == NULL)
		return;
	if ((p[3] & 0xf) != RCODE_NOERROR)
		log_warn("notify_refused zone=%s rcode=%u", t->text, p[3] & 0xfu);
	else
		log_info("notified zone=%s", t->text);
	forget(t);
}

/* ---- life ---- */

static void open_ear(struct notifier *n, struct ear *ear, int family)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	ear->owner = n;
	ear->in = (struct loop_fd){ .fd = -1, .run = hear, .ctx = ear };
	if (fd >= 0 && !loop_fd_add(n->loop, &ear->in, fd, EPOLLIN)) {
		close(fd);
		ear->in.fd = -1;
	}
}

struct notifier *notifier_new(struct loop *l)
{
	struct notifier *n = calloc(1, sizeof(*n));

	if (n == NULL)
		return NULL;
	n->loop = l;
	list_init(&n->pending);
	open_ear(n, &n->ears[0], AF_INET);
	open_ear(n, &n->ears[1], AF_INET6);
	return n;
}

void notifier_free(struct notifier *n)
{
	struct list *link;

	if (n == NULL)
		return;
	while ((link = list_take(&n->pending)) != NULL)
		forget(LIST_OF(link, struct telling, link));
	for (unsigned i = 0; i < 2; i++) {
		int fd = n->ears[i].in.fd;

		loop_fd_remove(n->loop, &n->ears[i].in);
		if (fd >= 0)
			close(fd);
	}
	free(n);
}

/* ---- what is to be told ---- */

static void add(struct notifier *n, const struct zone *z, const struct peer *peer)
{
	struct telling *t = n->count < PENDING_MAX ? calloc(1, sizeof(*t)) : NULL;

	if (t == NULL || getrandom(&t->id, sizeof(t->id), 0) < 0) {
		log_warn("notify_dropped zone=%s why=\"%u are waiting\"", z->text,
			 n->count);
		free(t);
		return;
	}
	t->owner = n;
	t->again = (struct timer){ .run = tell, .ctx = t };
	t->peer = *peer;
	if (peer->key != NULL)
		t->key = *peer->key;
	memcpy(t->zone, zone_apex(z)->name.wire, zone_apex(z)->name.len);
	memcpy(t->text, z->text, sizeof(t->text));
	list_append(&n->pending, &t->link);
	n->count++;
	tell(t);
}

/* An earlier message of the same zone to the same peer is overtaken. */
static void drop_older(struct notifier *n, const struct zone *z)
{
	LIST_EACH(link, &n->pending) {
		struct telling *t = LIST_OF(link, struct telling, link);

		if (memcmp(t->zone, zone_apex(z)->name.wire, zone_apex(z)->name.len) == 0)
			forget(t);
	}
}

void notifier_tell(struct notifier *n, const struct snapshot *now,
		   const struct snapshot *before)
{
	for (size_t i = 0; i < now->count; i++) {
		const struct zone *z = now->zones[i], *old = NULL;
		const struct zone_rules *rules = snapshot_rules(now, z);

		if (before != NULL)
			old = snapshot_zone_of(before, zone_apex(z)->name.wire);
		if (rules->notify.count == 0 || z->is_expired ||
		    (old != NULL && old->serial == z->serial))
			continue;
		drop_older(n, z);
		for (size_t k = 0; k < rules->notify.count; k++)
			add(n, z, &rules->notify.items[k]);
	}
}
