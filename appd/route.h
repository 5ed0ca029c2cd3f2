/* route.h -- the routes: what can be asked of the site, and who answers.
 *
 * The table is in route.c. From it come the dispatch, HEAD, OPTIONS, 405 and the redirect
 * of a trailing slash. ":x" stands for one segment, which request_arg gives decoded; a
 * fixed segment beats a parameter. */
#ifndef APPD_ROUTE_H
#define APPD_ROUTE_H

#include "appd/target.h"
#include "common/buf.h"

struct request;

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
struct route_match route_find(enum method method, const struct target *t);
/* "GET, HEAD, OPTIONS" */
void route_allow(struct buf *out, unsigned methods);

#endif
