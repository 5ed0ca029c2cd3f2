/* webd.c -- the daemon: start, readiness, drain, end. The work is done by the workers
 * (worker.c); this thread answers the fabric's control requests and watches them. */
#include "webd/webd.h"

#include <errno.h>
#include <malloc.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "webd/access_log.h"
#include "webd/guard.h"
#include "webd/h2o.h"
#include "webd/site.h"
#include "webd/static_files.h"
#include "webd/tls.h"
#include "webd/worker.h"

enum {
	LOOK_US = 2000,
	HANGS_US = 5000000,
	WORKERS_MAX = 64,
	LARGE = 128 << 10,
	GIVE_BACK_US = 3000000,
	IDLE_MEMORY = 4 << 20,
};

static int64_t drain_us(const struct conf *c)
{
	return c->webd_drain_us;
}

/* ---- start ---- */

static int check_guard(void)
{
	const char *function = guard_test();

	if (function == NULL)
		return EXIT_OK;
	log_error("guard_not_live what=\"libh2o does not call our %s\" "
		  "remedy=\"use libh2o-evloop0.13 of Debian 12\"",
		  function);
	return EXIT_SYSTEM;
}

/* The first of that name; -1: none. */
static int find_socket(const struct daemon *d, const char *name)
{
	for (size_t i = 0; i < d->sockets.count; i++)
		if (strcmp(d->sockets.sockets[i].name, name) == 0)
			return d->sockets.sockets[i].fd;
	return -1;
}

static unsigned port_of(int fd)
{
	struct sockaddr_storage a = { .ss_family = AF_UNSPEC };
	socklen_t n = sizeof(a);

	if (getsockname(fd, (struct sockaddr *)&a, &n) != 0)
		return 0;
	return (unsigned)h2o_socket_getport((struct sockaddr *)&a);
}

static int check_sockets(const struct daemon *d)
{
	if (find_socket(d, "http") >= 0 || find_socket(d, "https") >= 0)
		return EXIT_OK;
	log_error("no_sockets what=\"no socket named http or https was handed over\" "
		  "remedy=\"start it with deploy/up or systemd\"");
	return EXIT_SYSTEM;
}

static int take_settings(struct webd *w)
{
	struct buf why;
	bool ok;

	buf_init(&why, 4096);
	ok = settings_take(w->daemon->conf, &w->settings, &why);
	if (!ok)
		log_error("bad_configuration why=\"%.*s\"",
			  STR_ARG(str_trim(buf_get(&why))));
	buf_fini(&why);
	if (!ok)
		return EXIT_CONFIG;
	guard_set_limits(&w->settings.guard);
	guard_hpack_prepare();
	w->limits = limits_new();
	return w->limits != NULL ? EXIT_OK : EXIT_SYSTEM;
}

/* bin/webd uses ../static: what was built, or installed, together with it. */
static bool static_folder(const struct conf *c, char *ret, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", ret, size - 1);
	char *slash;

	if (*c->webd_static != '\0')
		return str_copy(ret, size, str_of(c->webd_static));
	if (n <= 0)
		return false;
	ret[n] = '\0';
	for (int i = 0; i < 2; i++) {
		slash = strrchr(ret, '/');
		if (slash == NULL)
			return false;
		*slash = '\0';
	}
	n = (ssize_t)strlen(ret);
	return (size_t)snprintf(ret + n, size - (size_t)n, "/static") < size - (size_t)n;
}

static int read_files(struct webd *w)
{
	char folder[4096];
	struct buf why;

	if (!static_folder(w->daemon->conf, folder, sizeof(folder)))
		return EXIT_SYSTEM;
	buf_init(&why, 8192);
	w->files = static_files_read(folder, w->settings.static_memory, &why);
	if (w->files == NULL)
		log_error("no_static_files why=\"%.*s\"",
			  STR_ARG(str_trim(buf_get(&why))));
	else
		log_info("static_files folder=%s files=%zu", folder,
			 static_files_count(w->files));
	buf_fini(&why);
	return w->files != NULL ? EXIT_OK : EXIT_DATA;
}

static int open_log(struct webd *w)
{
	w->log = access_log_open(w->daemon->state_dir);
	if (w->log != NULL)
		return EXIT_OK;
	log_error("cannot_write path=%s/log/access.log why=\"%s\"", w->daemon->state_dir,
		  strerror(errno));
	return EXIT_WRITE;
}

static void refresh_tickets(void *ctx)
{
	struct webd *w = ctx;

	tls_tickets_refresh(w->tickets);
	loop_timer_in(w->daemon->loop, &w->tickets_timer, TLS_TICKETS_REFRESH_US);
}

static int start_tls(struct webd *w)
{
	struct daemon *d = w->daemon;
	int code = EXIT_OK;
	struct buf why;

	if (find_socket(d, "https") < 0)
		return EXIT_OK;
	w->https_port = port_of(find_socket(d, "https"));
	w->tickets = tls_tickets_new(d->run_dir);
	if (w->tickets == NULL) {
		log_error("cannot_write path=%s/tls.tickets why=\"%s\"", d->run_dir,
			  strerror(errno));
		return EXIT_WRITE;
	}
	buf_init(&why, 16 << 10);
	w->tls = tls_context(d->conf, d->state_dir, w->tickets, &why, &code);
	if (w->tls == NULL)
		log_error("no_tls why=\"%.*s\"", STR_ARG(str_trim(buf_get(&why))));
	buf_fini(&why);
	if (w->tls == NULL)
		return code;
	w->tickets_timer = (struct timer){ .run = refresh_tickets, .ctx = w };
	loop_timer_in(d->loop, &w->tickets_timer, TLS_TICKETS_REFRESH_US);
	return EXIT_OK;
}

static unsigned worker_count(const struct conf *c)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (c->webd_threads > 0)
		return (unsigned)c->webd_threads;
	return cores < 1 ? 1 : cores > WORKERS_MAX ? WORKERS_MAX : (unsigned)cores;
}

static int start_workers(struct webd *w)
{
	unsigned count = worker_count(w->daemon->conf);

	w->workers_wanted = count;
	w->site = site_new(w);
	w->workers = calloc(count, sizeof(*w->workers));
	if (w->site == NULL || w->workers == NULL)
		return EXIT_SYSTEM;
	for (; w->worker_count < count; w->worker_count++) {
		w->workers[w->worker_count] = worker_start(w);
		if (w->workers[w->worker_count] == NULL) {
			log_error("no_thread why=\"%s\"", strerror(errno));
			return EXIT_SYSTEM;
		}
	}
	return EXIT_OK;
}

/* Serving without an appd means 503, so one is waited for; but not for ever, since static
 * files and /-/live are worth having too. */
static void look_ready(void *ctx)
{
	struct webd *w = ctx;
	bool all = true, peers = true;

	for (unsigned i = 0; i < w->worker_count; i++) {
		if (atomic_load(&w->workers[i]->failed)) {
			daemon_quit(w->daemon, EXIT_SYSTEM);
			return;
		}
		all = all && atomic_load(&w->workers[i]->up);
		peers = peers && atomic_load(&w->workers[i]->appd.peers) > 0;
	}
	if (all && (peers || clock_us() >= w->ready_by_us)) {
		if (!peers)
			log_warn("no_appd_yet serving=\"static files and 503\"");
		daemon_ready(w->daemon);
		return;
	}
	loop_timer_in(w->daemon->loop, &w->ready_look, LOOK_US);
}

/* What an attack or a busy hour took goes back to the system: free() keeps it for the
 * threads that asked for it. */
static void give_back(void *ctx)
{
	struct webd *w = ctx;

	size_t is_free = mallinfo2().fordblks;

	if (is_free > w->given_back + IDLE_MEMORY)
		malloc_trim(0);
	if (is_free > w->given_back + IDLE_MEMORY || is_free < w->given_back)
		w->given_back = is_free;
	loop_timer_in(w->daemon->loop, &w->give_back_timer, GIVE_BACK_US);
}

static int start(struct daemon *d)
{
	struct webd *w = calloc(1, sizeof(*w));
	int failed;

	if (w == NULL)
		return EXIT_SYSTEM;
	w->daemon = d;
	d->self = w;
	/* fixed: freed bodies go back to the system, whatever sizes came before */
	mallopt(M_MMAP_THRESHOLD, LARGE);
	if ((failed = check_sockets(d)) != EXIT_OK ||
	    (failed = take_settings(w)) != EXIT_OK ||
	    (failed = check_guard()) != EXIT_OK || (failed = read_files(w)) != EXIT_OK ||
	    (failed = open_log(w)) != EXIT_OK || (failed = start_tls(w)) != EXIT_OK ||
	    (failed = start_workers(w)) != EXIT_OK)
		return failed;
	w->ready_by_us = clock_us() + d->conf->webd_wait_us;
	w->ready_look = (struct timer){ .run = look_ready, .ctx = w };
	loop_timer_in(d->loop, &w->ready_look, LOOK_US);
	w->give_back_timer = (struct timer){ .run = give_back, .ctx = w };
	loop_timer_in(d->loop, &w->give_back_timer, GIVE_BACK_US);
	return EXIT_OK;
}

/* ---- the end ---- */

static void drain(struct daemon *d)
{
	struct webd *w = d->self;

	atomic_store(&w->draining, true);
	loop_timer_stop(d->loop, &w->ready_look);
	for (unsigned i = 0; i < w->worker_count; i++)
		worker_drain(w->workers[i]);
}

static bool drained(struct daemon *d)
{
	struct webd *w = d->self;

	for (unsigned i = 0; i < w->worker_count; i++)
		if (!atomic_load(&w->workers[i]->drained))
			return false;
	return true;
}

static void stop(struct daemon *d)
{
	struct webd *w = d->self;

	if (w == NULL)
		return;
	for (unsigned i = 0; i < w->worker_count; i++)
		worker_stop(w->workers[i]);
	free(w->workers);
	access_log_close(w->log);
	SSL_CTX_free(w->tls);
	if (atomic_load(&w->connections) > 0)
		return; /* cut short: libh2o still refers to all this */
	tls_tickets_free(w->tickets);
	limits_free(w->limits);
	static_files_free(w->files);
	site_free(w->site);
	free(w);
}

/* ---- meanwhile ---- */

static bool alive(struct daemon *d)
{
	struct webd *w = d->self;

	for (unsigned i = 0; i < w->worker_count; i++)
		if (clock_us() - atomic_load(&w->workers[i]->alive_us) > HANGS_US)
			return false;
	return true;
}

/* All is made before anything is changed. */
static bool reload(struct daemon *d, const struct conf *next, struct buf *why)
{
	struct webd *w = d->self;
	struct settings settings;
	SSL_CTX *tls = NULL;
	int code;

	if (!settings_take(next, &settings, why))
		return false;
	if (w->tls != NULL) {
		tls = tls_context(next, d->state_dir, w->tickets, why, &code);
		if (tls == NULL)
			return false;
		SSL_CTX_free(w->tls);
		w->tls = tls;
	}
	settings.doh = w->settings.doh;
	w->settings = settings;
	for (unsigned i = 0; i < w->worker_count; i++) {
		if (tls != NULL)
			worker_set_tls(w->workers[i], tls);
		if (!worker_set_settings(w->workers[i], &settings))
			log_error("no_memory what=\"a worker keeps its old settings\"");
	}
	return true;
}

static void reopen(struct daemon *d)
{
	struct webd *w = d->self;

	access_log_reopen(w->log);
}

/* What is made once, at the start. */
static const char *const settled[] = {
	"webd.threads",       "webd.inflight", "webd.queue", "webd.static",
	"webd.static_memory", "webd.doh",      NULL
};

const struct daemon_manifest webd_manifest = {
	.name = "webd",
	.summary = "the HTTP front",
	.drain_us = drain_us,
	.settled = settled,
	.start = start,
	.drain = drain,
	.drained = drained,
	.stop = stop,
	.alive = alive,
	.reload = reload,
	.reopen = reopen,
};
