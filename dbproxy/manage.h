/* manage.h -- the manager of a primary with replicas: a thread that, while it is the
 * elected one of all dbproxies of this machine, watches the servers, does what `onebox
 * db` orders, and with [dbproxy] manage = yes promotes and takes in again by itself.
 *
 * Its talk with the servers waits, so it has a thread; everything else of dbproxy goes on
 * meanwhile, and sees what came of it in the servers' roles and in the record. */
#ifndef DBPROXY_MANAGE_H
#define DBPROXY_MANAGE_H

#include "common/fabric.h"
#include "common/loop.h"
#include "dbproxy/servers.h"

struct manage;

enum order_kind { ORDER_STATUS, ORDER_PROMOTE, ORDER_SWITCHOVER };

struct order {
	enum order_kind kind;
	bool force;
	char server[64];
	struct fabric_ticket ticket;
};

struct manage_options {
	const struct servers *servers; /* borrowed */
	const char *run_dir;           /* borrowed */
	struct loop *loop;
	/* From the loop: an order has been done, or why not. */
	void (*done)(void *ctx, const struct order *o, bool ok, struct str words);
	void *ctx;
};

/* NULL: out of memory or threads. */
struct manage *manage_new(const struct manage_options *options);
void manage_free(struct manage *m);

bool manage_elected(struct manage *m);
/* False: another order is under way. */
bool manage_order(struct manage *m, const struct order *o)
    __attribute__((warn_unused_result));

#endif
