/* webd.h -- the daemon: its manifest, and what its threads share. */
#ifndef WEBD_WEBD_H
#define WEBD_WEBD_H

#include <openssl/ssl.h>
#include <stdatomic.h>

#include "common/daemon.h"
#include "webd/settings.h"

struct access_log;
struct site;
struct static_files;
struct tls_tickets;
struct worker;

/* Made by start, then read by every worker; only what is atomic changes. */
struct webd {
	struct daemon *daemon;
	struct settings settings;
	struct access_log *log;
	struct limits *limits;
	struct static_files *files;
	struct site *site; /* libh2o's configuration, and how a request is served */
	struct worker **workers;
	unsigned worker_count;
	unsigned workers_wanted; /* set before the first runs, which may ask */
	atomic_bool draining;
	atomic_uint connections;
	struct tls_tickets *tickets; /* NULL: no HTTPS */
	SSL_CTX *tls;                /* the main thread's; each worker has its own */
	unsigned https_port;         /* where clients reach it; 0: nowhere */
	struct timer tickets_timer;
	struct timer ready_look, give_back_timer;
	size_t given_back; /* bytes that are free, and known to be */
	int64_t ready_by_us;
};

extern const struct daemon_manifest webd_manifest;

#endif
