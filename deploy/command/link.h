/* link.h -- asks the supervisor: one line there, lines back. */
#ifndef DEPLOY_COMMAND_LINK_H
#define DEPLOY_COMMAND_LINK_H

#include "common/str.h"

typedef void (*link_line_fn)(void *ctx, struct str line);

enum { LINK_DOWN = -1, LINK_REFUSED = -2, LINK_BROKEN = -3 };

/* Calls `each` for every line of the answer and returns the answer's exit code, or one of
 * the above: nobody there; not for us; it ended in the middle. */
int link_ask(const char *state, const char *line, link_line_fn each, void *ctx);
/* Says what one of the above means, and returns the exit code for it. */
int link_explain(const char *state, int failed);

#endif
