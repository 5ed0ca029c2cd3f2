/* record.h -- which server is the primary, as the elected dbproxy last decided: one line
 * in a file of the run directory, which every dbproxy of this machine reads. Whoever is
 * not named there is not written to, whatever it says of itself. */
#ifndef DBPROXY_RECORD_H
#define DBPROXY_RECORD_H

#include <stdbool.h>

enum { RECORD_SIZE = 64 };

struct record {
	char primary[RECORD_SIZE]; /* "": there is no record */
	bool is_protected;         /* what it acknowledges, a replica has (semi-sync) */
};

struct record record_read(const char *run_dir);
bool record_write(const char *run_dir, const struct record *r)
    __attribute__((warn_unused_result));

/* Written and seen by all, but not yet proof against a power cut: after it has done what
 * must not wait, the writer calls this. */
void record_settle(const char *run_dir);

/* A descriptor that holds the election while it is open; -1: another has it. */
int record_lock(const char *run_dir);

#endif
