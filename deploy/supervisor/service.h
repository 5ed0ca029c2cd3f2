/* service.h -- THE table of services: what there is to start, in which order, with what.
 */
#ifndef DEPLOY_SUPERVISOR_SERVICE_H
#define DEPLOY_SUPERVISOR_SERVICE_H

#include <stddef.h>

#include "common/conf.h"

enum { SERVICES_MAX = 8, SERVICE_SOCKETS_MAX = 2 };

struct service {
	const char *name;
	const char *needs; /* another that must be ready first; NULL: none */
	const char *socket[SERVICE_SOCKETS_MAX]; /* kinds of sockets handed to it */
	int64_t (*wanted)(const struct conf *c);
	int64_t (*drain_us)(const struct conf *c);
	int64_t start_us; /* not ready after so long: taken for failed */
	bool database;    /* the private MariaDB: started by database.c */
};

extern const struct service services[]; /* ends with a NULL name */

#endif
