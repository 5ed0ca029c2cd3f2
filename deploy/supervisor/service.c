/* service.c -- see service.h. Rows stand in the order of starting. */
#include "deploy/supervisor/service.h"

enum { SECOND = 1000000 };

#define FIELD(function, field)                                                           \
	static int64_t function(const struct conf *c)                                    \
	{                                                                                \
		return c->field;                                                         \
	}

FIELD(dnsd_wanted, dnsd_instances)
FIELD(webd_wanted, webd_instances)
FIELD(appd_wanted, appd_instances)
FIELD(dbproxy_wanted, dbproxy_instances)
FIELD(dnsd_drain_us, dnsd_drain_us)
FIELD(webd_drain_us, webd_drain_us)
FIELD(appd_drain_us, appd_drain_us)
FIELD(dbproxy_drain_us, dbproxy_drain_us)

/* With a server of one's own named in the configuration, none of ours is started. */
static int64_t mariadb_wanted(const struct conf *c)
{
	return *c->database_socket == '\0' && c->dbproxy_instances > 0;
}

static int64_t mariadb_drain_us(const struct conf *c)
{
	(void)c;
	return 30 * SECOND;
}

const struct service services[] = {
	{ "dnsd",
	  NULL,
	  { "dns-udp", "dns-tcp" },
	  dnsd_wanted,
	  dnsd_drain_us,
	  10 * SECOND,
	  false },
	{ "mariadb",
	  NULL,
	  { NULL },
	  mariadb_wanted,
	  mariadb_drain_us,
	  60 * SECOND,
	  true },
	{ "dbproxy",
	  "mariadb",
	  { NULL },
	  dbproxy_wanted,
	  dbproxy_drain_us,
	  30 * SECOND,
	  false },
	{ "appd", "dbproxy", { NULL }, appd_wanted, appd_drain_us, 10 * SECOND, false },
	{ "webd",
	  "appd",
	  { "http", "https" },
	  webd_wanted,
	  webd_drain_us,
	  10 * SECOND,
	  false },
	{ .name = NULL },
};
