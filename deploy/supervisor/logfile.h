/* logfile.h -- one log file, rotated by size: NAME.log, NAME.log.1 (the last), .2 ...
 *
 * A write that fails (a full disk) is dropped and counted, and the next line that can be
 * written is preceded by one that says how many bytes were lost. */
#ifndef DEPLOY_SUPERVISOR_LOGFILE_H
#define DEPLOY_SUPERVISOR_LOGFILE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/str.h"

struct account;

struct logfile {
	char path[PATH_MAX];
	int fd; /* -1: could not be opened yet */
	int64_t size;
	uint64_t dropped, dropped_said; /* bytes */
};

/* owner: who may write it too; NULL: nobody but us. */
bool logfile_open(struct logfile *l, const char *folder, const char *name,
		  const struct account *owner);
void logfile_close(struct logfile *l);
void logfile_write(struct logfile *l, struct str lines);
/* Moves it aside if it is larger than limit, keeping `keep` old ones. True: it was moved,
 * and a new file is open. */
bool logfile_rotate(struct logfile *l, int64_t limit, int64_t keep,
		    const struct account *owner);

#endif
