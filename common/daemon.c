/* daemon.c -- see daemon.h. */
#include "common/daemon.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/crash.h"
#include "common/fabric_loop.h"
#include "common/log.h"
#include "common/stat.h"
#include "common/version.h"
#include "common/wire.h"

enum { DRAIN_LOOK_US = 5000, STATUS_US = 1000000, STATS_LIMIT = 4 << 20 };

struct daemon_hidden {
	const char **sets; /* room for as many as there are arguments */
	struct conf_source source;
	struct conf *conf, *before; /* before: its strings may still be borrowed */
	bool only_check, only_print, only_sample;
	int signal_fd;
	struct loop_fd signals;
	struct fabric_tie tie;
	struct timer drain_look, status_timer, watchdog_timer;
	int64_t drain_deadline_us, watchdog_us;
	char words[64], said[160];
	int exit_code;
	bool ready;
};

/* ---- the command line ---- */

static void usage(const struct daemon_manifest *m, FILE *to)
{
	fprintf(to,
		"%s %s: %s\n"
		"usage: %s --state DIR --run DIR [--slot N] [--config FILE]\n"
		"       [--set section.key=value]... [-t | -T | --sample]\n"
		"  --state DIR    where data and logs live\n"
		"  --run DIR      where the fabric's sockets are\n"
		"  --slot N       which of several instances this is (1)\n"
		"  --config FILE  the configuration; see --sample\n"
		"  --set S.K=V    one option, over the file's\n"
		"  -t             check the configuration and exit\n"
		"  -T             print what is in force, and from where\n"
		"  --sample       print a configuration file with every option\n"
		"It is normally started by deploy/up, by systemd or by supervisord.\n",
		m->name, ONEBOX_VERSION, m->summary, m->name);
}

static void need_number(const struct daemon_manifest *m, const char *text, int *ret)
{
	uint64_t n;

	if (!str_to_u64(str_of(text), &n) || n < 1 || n > 9999) {
		fprintf(stderr, "%s: --slot takes a number from 1 to 9999, not '%s'\n",
			m->name, text);
		exit(EXIT_USAGE);
	}
	*ret = (int)n;
}

static void parse_arguments(struct daemon *d, int argc, char **argv)
{
	static const struct option options[] = {
		{ "state", required_argument, NULL, 's' },
		{ "run", required_argument, NULL, 'r' },
		{ "slot", required_argument, NULL, 'n' },
		{ "config", required_argument, NULL, 'c' },
		{ "set", required_argument, NULL, 'o' },
		{ "sample", no_argument, NULL, 'S' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	struct daemon_hidden *h = d->hidden;

	for (int c; (c = getopt_long(argc, argv, "c:tThV", options, NULL)) != -1;) {
		switch (c) {
		case 's':
			d->state_dir = optarg;
			break;
		case 'r':
			d->run_dir = optarg;
			break;
		case 'n':
			need_number(d->manifest, optarg, &d->slot);
			break;
		case 'c':
			h->source.file = optarg;
			break;
		case 'o':
			h->sets[h->source.set_count++] = optarg;
			break;
		case 't':
			h->only_check = true;
			break;
		case 'T':
			h->only_print = true;
			break;
		case 'S':
			h->only_sample = true;
			break;
		case 'V':
			printf("%s %s\n", d->manifest->name, ONEBOX_VERSION);
			exit(EXIT_OK);
		case 'h':
			usage(d->manifest, stdout);
			exit(EXIT_OK);
		default:
			usage(d->manifest, stderr);
			exit(EXIT_USAGE);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "%s: what is '%s'? See --help\n", d->manifest->name,
			argv[optind]);
		exit(EXIT_USAGE);
	}
}

/* ---- configuration ---- */

static void first_conf(struct daemon *d)
{
	struct daemon_hidden *h = d->hidden;
	struct buf errors;

	buf_init(&errors, 64 << 10);
	h->conf = conf_load(&h->source, &errors);
	if (h->conf == NULL) {
		fwrite(errors.p, 1, errors.n, stderr);
		exit(EXIT_CONFIG);
	}
	buf_fini(&errors);
	d->conf = h->conf;
	if (h->only_check) {
		printf("%s: the configuration is right\n", d->manifest->name);
		exit(d->manifest->check != NULL ? d->manifest->check(d) : EXIT_OK);
	}
	if (h->only_print) {
		conf_print(d->conf, stdout);
		exit(EXIT_OK);
	}
}

static void apply_log_level(const struct conf *c)
{
	enum log_level level;

	if (log_level_parse(str_of(c->log_level), &level))
		log_set_level(level);
}

/* What is settled at the start goes on with what it was. */
static void say_what_waits(const struct daemon *d, const struct conf *next,
			   struct buf *say)
{
	const char *name = d->manifest->name;

	for (const char *const *at = d->manifest->settled; at != NULL && *at != NULL;
	     at++) {
		if (!conf_changed(d->hidden->conf, next, *at))
			continue;
		log_warn("needs_a_roll option=%s remedy=\"onebox roll %s\"", *at, name);
		buf_fmt(say, "%s is taken over by onebox roll %s\n", *at, name);
	}
}

/* Checks the configuration again and takes it over, saying what waits for a roll, or
 * leaves the old in force and says why. */
static bool reload(struct daemon *d, struct buf *why)
{
	struct daemon_hidden *h = d->hidden;
	struct conf *next = conf_load(&h->source, why);

	if (next == NULL ||
	    (d->manifest->reload != NULL && !d->manifest->reload(d, next, why))) {
		conf_free(next);
		stat_one(STAT_RELOADS_REFUSED);
		log_error("reload_refused why=\"%.*s\"", STR_ARG(str_trim(buf_get(why))));
		return false;
	}
	say_what_waits(d, next, why);
	conf_free(h->before);
	h->before = h->conf;
	h->conf = next;
	d->conf = next;
	apply_log_level(next);
	stat_one(STAT_RELOADS_OK);
	log_info("reloaded");
	return true;
}

/* ---- what every daemon answers ---- */

void daemon_reply(struct daemon *d, const struct fabric_incoming *in,
		  enum msg_status status, struct str body)
{
	fabric_reply(d->server, &in->ticket, status, body, NULL);
}

/* One bytes value, which is how control requests are answered. */
static void reply_text(struct daemon *d, const struct fabric_incoming *in,
		       enum msg_status status, struct str text)
{
	struct buf b;

	buf_init(&b, STATS_LIMIT + 64);
	wire_put_bytes(&b, text);
	if (buf_ok(&b))
		daemon_reply(d, in, status, buf_get(&b));
	else
		daemon_reply(d, in, STATUS_FAIL, STR(""));
	buf_fini(&b);
}

static void on_stats(struct daemon *d, const struct fabric_incoming *in)
{
	struct buf b;

	buf_init(&b, STATS_LIMIT);
	stat_print(&b, d->manifest->name);
	if (d->manifest->stats != NULL)
		d->manifest->stats(d, &b);
	reply_text(d, in, buf_ok(&b) ? STATUS_OK : STATUS_FAIL, buf_get(&b));
	buf_fini(&b);
}

static void on_reload(struct daemon *d, const struct fabric_incoming *in)
{
	struct buf why;
	bool ok;

	buf_init(&why, 64 << 10);
	ok = reload(d, &why);
	reply_text(d, in, ok ? STATUS_OK : STATUS_FAIL, buf_get(&why));
	buf_fini(&why);
}

static void on_log_level(struct daemon *d, const struct fabric_incoming *in)
{
	struct wire w = wire_of(in->body);
	struct str word = wire_bytes(&w);
	enum log_level level;

	if (!wire_end(&w) || !log_level_parse(word, &level)) {
		reply_text(d, in, STATUS_FAIL,
			   STR("a level is error, warn, info or debug"));
		return;
	}
	log_set_level(level);
	reply_text(d, in, STATUS_OK, STR(""));
}

static void on_ping(struct daemon *d, const struct fabric_incoming *in)
{
	reply_text(d, in, STATUS_OK, str_of(d->manifest->name));
}

static const struct daemon_handler control_handlers[] = {
	{ MSG_STATS, on_stats },
	{ MSG_RELOAD, on_reload },
	{ MSG_LOG_LEVEL, on_log_level },
	{ MSG_PING, on_ping },
	{ 0, NULL },
};

static const struct daemon_handler *find_handler(const struct daemon_handler *table,
						 enum msg_type type)
{
	for (; table != NULL && table->run != NULL; table++)
		if (table->type == type)
			return table;
	return NULL;
}

/* Everything that is asked of a daemon passes here. */
static void on_request(void *ctx, const struct fabric_incoming *in)
{
	struct daemon *d = ctx;
	const struct daemon_handler *h = find_handler(d->manifest->handlers, in->type);

	if (h == NULL)
		h = find_handler(control_handlers, in->type);
	log_debug("request type=%s id=%llx attempt=%u len=%zu", msg_type_name(in->type),
		  (unsigned long long)in->ticket.id, in->attempt,
		  in->body.n + in->attachment.n);
	if (h == NULL) {
		stat_one(STAT_BAD_REQUESTS);
		daemon_reply(d, in, STATUS_FAIL, STR(""));
		return;
	}
	stat_one(STAT_REQUESTS);
	h->run(d, in);
}

static void on_cancel(void *ctx, const struct fabric_ticket *t)
{
	struct daemon *d = ctx;

	if (d->manifest->cancel != NULL)
		d->manifest->cancel(d, t);
}

/* ---- ready ---- */

static void say_status(void *ctx)
{
	struct daemon *d = ctx;
	struct daemon_hidden *h = d->hidden;
	char text[sizeof(h->said)];

	snprintf(text, sizeof(text), "STATUS=%s\nX_INFLIGHT=%u\nX_CREDIT=%u",
		 d->draining ? "draining" : h->words, fabric_server_inflight(d->server),
		 fabric_server_window(d->server));
	if (strcmp(text, h->said) != 0) {
		inherit_notify("%s", text);
		str_copy(h->said, sizeof(h->said), str_of(text));
	}
	loop_timer_in(d->loop, &h->status_timer, STATUS_US);
}

void daemon_status(struct daemon *d, const char *words)
{
	str_copy(d->hidden->words, sizeof(d->hidden->words), str_of(words));
}

static void feed_watchdog(void *ctx)
{
	struct daemon *d = ctx;

	if (d->manifest->alive == NULL || d->manifest->alive(d))
		inherit_notify("WATCHDOG=1");
	loop_timer_in(d->loop, &d->hidden->watchdog_timer, d->hidden->watchdog_us / 3);
}

static void wake_server(void *ctx)
{
	struct daemon *d = ctx;

	fabric_tie_wake(&d->hidden->tie);
}

static bool bind_fabric(struct daemon *d)
{
	char path[256];
	unsigned window = d->manifest->window != NULL ? d->manifest->window(d->conf) : 64;
	const struct fabric_server_options options = {
		.path = path,
		.window = window,
		.wake = wake_server,
		.request = on_request,
		.cancel = on_cancel,
		.ctx = d,
	};

	snprintf(path, sizeof(path), "%s/%s.%d.%d.sock", d->run_dir, d->manifest->name,
		 d->slot, (int)getpid());
	fabric_tie_init(&d->hidden->tie, d->loop);
	d->server = fabric_server_new(d->fabric, &options);
	if (d->server == NULL || !fabric_tie_server(&d->hidden->tie, d->server)) {
		log_error("cannot_bind path=%s why=\"%s\"", path, strerror(errno));
		return false;
	}
	return true;
}

bool daemon_ready(struct daemon *d)
{
	struct daemon_hidden *h = d->hidden;

	if (d->draining || h->ready)
		return true;
	if (!bind_fabric(d)) {
		daemon_quit(d, EXIT_SYSTEM);
		return false;
	}
	h->ready = true;
	daemon_status(d, "serving");
	log_info("ready version=%s", ONEBOX_VERSION);
	inherit_notify("READY=1");
	say_status(d);
	return true;
}

/* ---- the end ---- */

static void look_drained(void *ctx)
{
	struct daemon *d = ctx;
	struct daemon_hidden *h = d->hidden;
	bool server_done = d->server == NULL || fabric_server_drained(d->server);

	if (server_done && (d->manifest->drained == NULL || d->manifest->drained(d))) {
		log_info("drained");
		loop_stop(d->loop);
	} else if (clock_us() >= h->drain_deadline_us) {
		log_warn("drain_cut_short inflight=%u",
			 d->server != NULL ? fabric_server_inflight(d->server) : 0);
		loop_stop(d->loop);
	} else {
		loop_timer_in(d->loop, &h->drain_look, DRAIN_LOOK_US);
	}
}

void daemon_quit(struct daemon *d, int exit_code)
{
	struct daemon_hidden *h = d->hidden;
	int64_t allowed =
	    d->manifest->drain_us != NULL ? d->manifest->drain_us(d->conf) : 0;

	if (d->draining)
		return;
	d->draining = true;
	h->exit_code = exit_code;
	h->drain_deadline_us = clock_us() + allowed;
	inherit_notify("STOPPING=1\nSTATUS=draining");
	log_info("draining");
	if (d->server != NULL)
		fabric_server_drain(d->server);
	if (d->manifest->drain != NULL)
		d->manifest->drain(d);
	loop_timer_in(d->loop, &h->drain_look, DRAIN_LOOK_US);
}

static void on_signal(void *ctx, uint32_t events)
{
	struct daemon *d = ctx;
	struct signalfd_siginfo info;
	struct buf why;

	(void)events;
	while (read(d->hidden->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGHUP:
			buf_init(&why, 64 << 10);
			reload(d, &why);
			buf_fini(&why);
			break;
		case SIGUSR1:
			if (d->manifest->reopen != NULL)
				d->manifest->reopen(d);
			break;
		case SIGTERM:
		case SIGINT:
			if (d->draining)
				loop_stop(d->loop);
			else
				daemon_quit(d, EXIT_OK);
			break;
		}
	}
}

/* Before any thread exists: every thread must inherit the mask. */
static void take_signals(struct daemon *d)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	d->hidden->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (d->hidden->signal_fd < 0)
		fatal(EXIT_SYSTEM, "signalfd why=\"%s\"", strerror(errno));
}

static void raise_descriptor_limit(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < r.rlim_max) {
		r.rlim_cur = r.rlim_max;
		setrlimit(RLIMIT_NOFILE, &r);
	}
}

static void open_loop(struct daemon *d)
{
	struct daemon_hidden *h = d->hidden;

	d->loop = loop_new();
	d->fabric = fabric_new();
	if (d->loop == NULL || d->fabric == NULL)
		fatal(EXIT_SYSTEM, "cannot_start why=\"%s\"", strerror(errno));
	h->signals = (struct loop_fd){ .run = on_signal, .ctx = d };
	h->drain_look = (struct timer){ .run = look_drained, .ctx = d };
	h->status_timer = (struct timer){ .run = say_status, .ctx = d };
	h->watchdog_timer = (struct timer){ .run = feed_watchdog, .ctx = d };
	h->watchdog_us = inherit_watchdog_us();
	if (!loop_fd_add(d->loop, &h->signals, h->signal_fd, EPOLLIN))
		fatal(EXIT_SYSTEM, "cannot_start why=\"%s\"", strerror(errno));
	if (h->watchdog_us > 0)
		loop_timer_in(d->loop, &h->watchdog_timer, h->watchdog_us / 3);
}

static void close_all(struct daemon *d)
{
	struct daemon_hidden *h = d->hidden;

	if (d->manifest->stop != NULL)
		d->manifest->stop(d);
	if (d->server != NULL) {
		fabric_tie_fini(&h->tie);
		fabric_server_free(d->server);
	}
	fabric_free(d->fabric);
	loop_free(d->loop);
	close(h->signal_fd);
	conf_free(h->conf);
	conf_free(h->before);
	free(h->sets);
}

int daemon_main(int argc, char **argv, const struct daemon_manifest *m)
{
	struct daemon_hidden hidden = { .words = "serving" };
	struct daemon d = { .manifest = m, .slot = 1, .hidden = &hidden };
	int failed;

	hidden.sets = calloc((size_t)argc + 1, sizeof(*hidden.sets));
	if (hidden.sets == NULL)
		fatal(EXIT_SYSTEM, "out_of_memory");
	hidden.source.sets = hidden.sets;
	parse_arguments(&d, argc, argv);
	if (hidden.only_sample) {
		conf_print_sample(stdout);
		free(hidden.sets);
		return EXIT_OK;
	}
	first_conf(&d);
	log_name(m->name, d.slot);
	crash_install(m->name);
	if (d.run_dir == NULL || d.state_dir == NULL) {
		usage(m, stderr);
		conf_free(hidden.conf);
		free(hidden.sets);
		return EXIT_USAGE;
	}
	apply_log_level(d.conf);
	raise_descriptor_limit();
	take_signals(&d);
	inherit_take(&d.sockets);
	if (!log_start())
		fatal(EXIT_SYSTEM, "no_log_thread why=\"%s\"", strerror(errno));
	open_loop(&d);
	failed = m->start(&d);
	if (failed == 0)
		loop_run(d.loop);
	close_all(&d);
	log_stop();
	return failed != 0 ? failed : hidden.exit_code;
}
