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

struct server_conf {
	struct db_server db; /* its strings are in the rest */
	char name[64], socket[108], host[64], user[80];
	char password[256];
	char tls_ca[4001], tls_fingerprint[128];
};

struct servers {
	unsigned count;
	char database[65];
	struct server_conf list[SERVERS_MAX];
};

/* False: *why says what is wrong in one sentence. Passwords are in *ret and nowhere
 * else; servers_wipe forgets them. */
bool servers_read(const struct conf *c, const char *run_dir, struct servers *ret,
		  struct buf *why) __attribute__((warn_unused_result));
void servers_wipe(struct servers *s);
bool servers_same(const struct servers *a, const struct servers *b);

#endif
