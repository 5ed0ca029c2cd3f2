/* secondary.h -- zones whose truth is elsewhere: fetched from their primaries when these
 * say NOTIFY and as often as the SOA wants, kept on disk, given up when they expire.
 *
 * What is fetched is written to a file; every instance watches the folder, and takes over
 * what appears there, so that it is fetched once. */
#ifndef DNSD_SECONDARY_H
#define DNSD_SECONDARY_H

#include "common/loop.h"
#include "dnsd/snapshot.h"

struct secondaries;

struct secondaries_options {
	struct loop *loop;
	const char *folder; /* of the files; made when there is a first such zone */
	/* A file has changed, or a zone has expired: read the zones again. */
	void (*changed)(void *ctx);
	void *ctx;
};

/* NULL: out of memory. */
struct secondaries *secondaries_new(const struct secondaries_options *o);
void secondaries_free(struct secondaries *s); /* NULL is fine */

/* Takes over which zones there are, and their timers. */
void secondaries_update(struct secondaries *s, const struct snapshot *now);
/* A primary said NOTIFY: look now. */
void secondaries_notify(struct secondaries *s, const uint8_t *zone);

/* FOLDER/NAME.kept */
void secondary_path(const char *folder, const char *zone, char *ret, size_t size);

#endif
