/* logpipe.h -- from a child's stderr into its log file, whole lines at a time, so that
 * the instances that share a file never tear each other's lines. */
#ifndef DEPLOY_SUPERVISOR_LOGPIPE_H
#define DEPLOY_SUPERVISOR_LOGPIPE_H

#include "common/loop.h"
#include "deploy/supervisor/logfile.h"

enum { LOGPIPE_LINE = 16 << 10, LOGPIPE_LAST = 400 };

struct logpipe {
	struct loop *loop;
	struct loop_fd watch; /* watch.fd == -1: not open */
	struct logfile *to;   /* borrowed */
	size_t used;
	char last[LOGPIPE_LAST]; /* the last line, for sentences about its end */
	bool telling;            /* or the one that said why */
	char buf[LOGPIPE_LINE];
};

/* Returns the end for the child, which the caller closes after the fork; -1 with errno.
 */
int logpipe_open(struct logpipe *p, struct loop *l, struct logfile *to);
/* Goes on with the read end of a pipe made before. false with errno; it is closed then.
 */
bool logpipe_resume(struct logpipe *p, struct loop *l, struct logfile *to, int fd);
/* Takes what is left in the pipe, and closes. */
void logpipe_close(struct logpipe *p);

#endif
