/* logset.h -- several log files read as one, oldest line first. */
#ifndef DEPLOY_COMMAND_LOGSET_H
#define DEPLOY_COMMAND_LOGSET_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/str.h"

enum { LOGSET_FILES = 64 };

struct logset_file {
	char name[64]; /* "webd" */
	char path[PATH_MAX];
	FILE *f;
	uint64_t inode;
	char *line; /* the next one, without its newline */
	size_t size;
	bool has_line;
	int64_t stamp_us;
};

struct logset {
	char folder[PATH_MAX];
	struct logset_file files[LOGSET_FILES];
	int count;
	char *out; /* the line given out last */
	size_t out_size;
};

/* only: of one daemon, or NULL. rotated: the files moved aside too. false with errno, or
 * when there is none. */
bool logset_open(struct logset *s, const char *folder, const char *only, bool rotated);
void logset_close(struct logset *s);
/* The next line, good until the next call; NULL: no whole one there now. */
const char *logset_next(struct logset *s);
/* What logs there are, each once, in order, and NULL. They are the set's. */
void logset_names(const struct logset *s, const char *ret[LOGSET_FILES + 1]);
/* Finds files that are new, or that took the place of one moved aside. */
void logset_refresh(struct logset *s, const char *only);

/* When a line was written, from its own words: ours, MariaDB's (both UTC) or the access
 * log's. false: the line does not say. */
bool logset_stamp(const char *line, int64_t *ret_us);

#endif
