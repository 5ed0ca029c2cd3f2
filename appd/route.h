/* route.h -- the routes: what can be asked of the site, by whom, and who answers.
 *
 * The table is in route.c. From it come the dispatch, HEAD, OPTIONS, 405, the redirect of
 * a trailing slash, the checks of who asks and of what the body holds, CORS, and the
 * description at /api/openapi.json. ":x" stands for one segment, which request_arg gives
 * decoded; a fixed segment beats a parameter. A ":slug" that is not ASCII is given empty.
 */
#ifndef APPD_ROUTE_H
#define APPD_ROUTE_H

#include "appd/body.h"
#include "appd/member.h"
#include "appd/target.h"
#include "common/buf.h"

struct request;
struct shape;

enum method {
	METHOD_NONE = 0, /* one that we do not know */
	METHOD_GET = 1,
	METHOD_HEAD = 2,
	METHOD_POST = 4,
	METHOD_PUT = 8,
	METHOD_DELETE = 16,
	METHOD_OPTIONS = 32,
};

enum { ROUTE_ARGS_MAX = 2 };

struct route {
	enum method method;
	const char *path;
	void (*run)(struct request *q);
	enum who who;
	const struct body_spec *body; /* NULL: none is read */
	/* of the API, for its description */
	int status;                /* when all is well */
	const struct shape *reply; /* NULL: an empty one */
	const char *const *query;  /* what the query string may have; NULL: nothing */
	const char *summary;
};

/* Of the path as such: every row whose path fits best, by method. */
struct route_match {
	const struct route *route; /* for this method; NULL: none */
	unsigned methods;          /* that this path takes; 0: there is no such path */
	struct str args[ROUTE_ARGS_MAX];
};

/* The rows; the last has no path. */
extern const struct route routes[];

enum method method_of(struct str word);
const char *method_word(enum method m);
struct route_match route_find(enum method method, const struct target *t);
/* "GET, HEAD, OPTIONS" */
void route_allow(struct buf *out, unsigned methods);

#endif
