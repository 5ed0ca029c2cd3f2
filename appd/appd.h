/* appd.h -- the application daemon's own state; there is one, made in appd.c. */
#ifndef APPD_APPD_H
#define APPD_APPD_H

#include "appd/secret.h"
#include "common/daemon.h"
#include "common/fabric_loop.h"
#include "common/list.h"
#include "common/log.h"

/* As the database said last; for pages that are made without it. */
struct site_words {
	char name[401], description[2001], language[9];
};

struct appd {
	struct daemon *daemon;
	struct list live; /* requests being answered */
	struct fabric_caller *dbproxy;
	struct fabric_tie dbproxy_tie;
	struct passwords *passwords;
	struct secret secret; /* what tokens are signed with */
	struct site_words site;
	struct timer look; /* tries the self-check again */
	struct timer post; /* looks into the outbox */
	bool checking;
	bool mail_off; /* as the log says */
	struct log_gate check_gate, bad_gate;
};

extern const struct daemon_manifest appd_manifest;

#endif
