/* limits.c -- see limits.h. */
#include "webd/limits.h"

#include <pthread.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/trace.h"

enum { SLOTS = 4096, WAYS = 8, ROWS = LIMITS_BUCKETS / WAYS };

/* Connections of one address; there is one of these only while there is a connection. */
struct holder {
	struct holder *next;
	struct address of;
	unsigned count;
};

/* Tokens are held as the time at which the bucket was, or would have been, full: one
 * number that needs no refilling. */
struct bucket {
	uint64_t of; /* a keyed hash; 0: free */
	int64_t full_us;
};

struct limits {
	pthread_mutex_t lock;
	uint64_t secret; /* so that nobody can choose who shares a row with whom */
	struct holder *holders[SLOTS];
	struct bucket buckets[ROWS][WAYS];
};

struct limits *limits_new(void)
{
	struct limits *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	pthread_mutex_init(&l->lock, NULL);
	l->secret = trace_random();
	return l;
}

void limits_free(struct limits *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < SLOTS; i++) {
		while (l->holders[i] != NULL) {
			struct holder *h = l->holders[i];

			l->holders[i] = h->next;
			free(h);
		}
	}
	pthread_mutex_destroy(&l->lock);
	free(l);
}

static uint64_t hash(const struct limits *l, const void *p, size_t n)
{
	const unsigned char *bytes = p;
	uint64_t h = l->secret;

	for (size_t i = 0; i < n; i++) {
		h = (h ^ bytes[i]) * 0x100000001b3u;
		h ^= h >> 29;
	}
	h = (h ^ (h >> 32)) * 0x9fb21c651e98df25u;
	h ^= h >> 28;
	return h != 0 ? h : 1;
}

/* Whoever has one IPv6 address has its whole /64. */
static struct address counted(const struct address *a)
{
	return address_is_ipv4(a) ? *a : address_masked(a, 64);
}

/* ---- connections ---- */

/* Where the holder is linked, or would be. Lock held. */
static struct holder **find_holder(struct limits *l, const struct address *a)
{
	struct holder **at = &l->holders[hash(l, a, sizeof(*a)) % SLOTS];

	while (*at != NULL && memcmp(&(*at)->of, a, sizeof(*a)) != 0)
		at = &(*at)->next;
	return at;
}

static bool take_place(struct limits *l, const struct address *a, unsigned max)
{
	struct holder **at = find_holder(l, a);

	if (*at == NULL) {
		*at = calloc(1, sizeof(**at));
		if (*at == NULL)
			return false;
		(*at)->of = *a;
	} else if ((*at)->count >= max) {
		return false;
	}
	(*at)->count++;
	return true;
}

bool limits_connect(struct limits *l, const struct address *a, unsigned max)
{
	struct address of = counted(a);
	bool ok;

	pthread_mutex_lock(&l->lock);
	ok = take_place(l, &of, max);
	pthread_mutex_unlock(&l->lock);
	return ok;
}

void limits_disconnect(struct limits *l, const struct address *a)
{
	struct address of = counted(a);
	struct holder **at, *gone = NULL;

	pthread_mutex_lock(&l->lock);
	at = find_holder(l, &of);
	if (*at != NULL && --(*at)->count == 0) {
		gone = *at;
		*at = gone->next;
	}
	pthread_mutex_unlock(&l->lock);
	free(gone);
}

/* ---- requests ---- */

/* Lock held. */
static struct bucket *find_bucket(struct limits *l, uint64_t of)
{
	struct bucket *row = l->buckets[of % ROWS], *oldest = &row[0];

	for (int i = 0; i < WAYS; i++) {
		if (row[i].of == of)
			return &row[i];
		if (row[i].full_us < oldest->full_us)
			oldest = &row[i];
	}
	*oldest = (struct bucket){ .of = of };
	return oldest;
}

/* A full bucket holds `burst` tokens, each worth 1/per_second. */
static bool take_token(struct limits *l, uint64_t of, const struct limits_rate *rate,
		       unsigned *ret_wait_s)
{
	int64_t now = clock_us(), each = 1000000 / rate->per_second, full;
	struct bucket *b;
	bool ok;

	pthread_mutex_lock(&l->lock);
	b = find_bucket(l, of);
	full = (b->full_us > now ? b->full_us : now) + each;
	ok = full - now <= each * (int64_t)rate->burst;
	if (ok)
		b->full_us = full;
	pthread_mutex_unlock(&l->lock);
	if (!ok) /* in whole seconds, upwards */
		*ret_wait_s =
		    (unsigned)((full - now - each * (int64_t)rate->burst + 999999) /
			       1000000);
	return ok;
}

bool limits_request(struct limits *l, const struct address *a,
		    const struct limits_rate *rate, unsigned *ret_wait_s)
{
	struct address of = counted(a);

	return rate->per_second == 0 ||
	       take_token(l, hash(l, &of, sizeof(of)), rate, ret_wait_s);
}

bool limits_request_by_key(struct limits *l, struct str key,
			   const struct limits_rate *rate, unsigned *ret_wait_s)
{
	/* apart from addresses: the hash of "key" goes first */
	return rate->per_second == 0 ||
	       take_token(l, hash(l, key.p, key.n) ^ hash(l, "key", 3), rate, ret_wait_s);
}
