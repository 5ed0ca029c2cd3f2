/* servers.h -- which database servers there are, from the configuration:
 *
 *     no [server ...] section    one: [dbproxy] socket, or the private instance
 *     [server NAME] sections     these: a primary with replicas, or Galera nodes
 */
#ifndef DBPROXY_SERVERS_H
#define DBPROXY_SERVERS_H

#include "common/conf.h"
#include "dbproxy/db.h"

enum { SERVERS_MAX = 8 };

struct server_address {
	char host[64];
	unsigned port;
};

struct server_conf {
	struct db_server db; /* its strings are in the rest */
	char name[64], socket[108], user[80];
	struct server_address at;
	char password[256];
	char tls_ca[4001], tls_fingerprint[128];
	/* where the other servers reach it; "": not known */
	struct server_address replicate;
};

/* Whom the manager is to the servers, and replicas to their primary. */
struct server_login {
	char user[80], password[256];
};

struct servers {
	unsigned count;
	char database[65];
	bool is_private; /* the one that the supervisor keeps; none is configured */
	bool manage;     /* by itself, not only when told */
	int64_t manage_after_us;
	struct server_login manager, replication; /* user "": none is configured */
	struct server_conf list[SERVERS_MAX];
};

/* False: *why says what is wrong in one sentence. Passwords are in *ret and nowhere
 * else; servers_wipe forgets them. */
bool servers_read(const struct conf *c, const char *run_dir, struct servers *ret,
		  struct buf *why) __attribute__((warn_unused_result));
void servers_wipe(struct servers *s);
/* There are several, and somebody to manage them as. */
bool servers_managed(const struct servers *s);
bool servers_same(const struct servers *a, const struct servers *b);

#endif
