/* fetch.h -- one look at a primary: its SOA, and if that is newer what changed (IXFR) or
 * the whole zone (AXFR), over one TCP connection on the main loop. Whatever the primary
 * sends is checked, bounded and given up after a time; nothing is taken over in part. */
#ifndef DNSD_FETCH_H
#define DNSD_FETCH_H

#include "common/loop.h"
#include "dnsd/access.h"
#include "dnsd/records.h"

struct fetch;

struct fetched {
	const struct records *records; /* NULL: `why`, or there is nothing newer */
	const char *why;
	bool is_diffs;    /* records are as ixfr.h has them */
	bool asked_diffs; /* so it may be worth asking for all of it */
};

struct fetch_options {
	struct loop *loop;
	const uint8_t *zone;     /* in lower case; copied */
	const struct peer *peer; /* copied; its key must live as long as the fetch */
	bool has_serial;         /* there is a version, and only a newer one is wanted */
	uint32_t serial;
	bool wants_diffs; /* from that version, if the primary has them */
	size_t bytes_max; /* of what comes, and of what is made of it */
	/* Called once, from the loop; the fetch is freed when it returns. */
	void (*done)(void *ctx, const struct fetched *got);
	void *ctx;
};

/* NULL with errno: it could not even begin. */
struct fetch *fetch_new(const struct fetch_options *o);
/* Gives it up without a call; NULL is fine. */
void fetch_free(struct fetch *f);

#endif
