/* main.c -- the supervisor's start and end, in order; what lies between is super.c. */
#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/version.h"
#include "deploy/supervisor/control.h"
#include "deploy/supervisor/database.h"
#include "deploy/supervisor/instance.h"
#include "deploy/supervisor/notify.h"
#include "deploy/supervisor/reload.h"
#include "deploy/supervisor/say.h"
#include "deploy/supervisor/zones.h"

enum {
	SETS_MAX = 200,
	JANITOR_US = 1000000,
	FIRST_START_US = 90000000, /* for everything to be ready the first time */
	DESCRIPTORS = 1 << 16,
};

struct arguments {
	const char *state;
	const char *sets[SETS_MAX];
	struct conf_source source;
	bool background;
};

static void usage(FILE *to)
{
	fprintf(
	    to,
	    "supervisor %s: starts and keeps the daemons of Onebox\n"
	    "usage: supervisor --state DIR [--config FILE] [--set section.key=value]...\n"
	    "                  [--background]\n"
	    "  --background   return when everything is ready, and go on running\n"
	    "It is normally started by deploy/up.\n",
	    ONEBOX_VERSION);
}

static void parse_arguments(struct arguments *a, int argc, char **argv)
{
	static const struct option options[] = {
		{ "state", required_argument, NULL, 's' },
		{ "config", required_argument, NULL, 'c' },
		{ "set", required_argument, NULL, 'o' },
		{ "background", no_argument, NULL, 'b' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};

	a->source.sets = a->sets;
	for (int c; (c = getopt_long(argc, argv, "c:hV", options, NULL)) != -1;) {
		switch (c) {
		case 's':
			a->state = optarg;
			break;
		case 'c':
			a->source.file = optarg;
			break;
		case 'o':
			if (a->source.set_count < SETS_MAX)
				a->sets[a->source.set_count++] = optarg;
			break;
		case 'b':
			a->background = true;
			break;
		case 'h':
			usage(stdout);
			exit(EXIT_OK);
		case 'V':
			printf("supervisor %s\n", ONEBOX_VERSION);
			exit(EXIT_OK);
		default:
			usage(stderr);
			exit(EXIT_USAGE);
		}
	}
	if (optind < argc || a->state == NULL) {
		usage(stderr);
		exit(EXIT_USAGE);
	}
}

/* ---- start, in order ---- */

static void load_conf(struct super *s)
{
	struct buf errors;

	buf_init(&errors, 64 << 10);
	s->conf = reload_check(s, &errors);
	if (s->conf == NULL)
		refuse(EXIT_CONFIG,
		       "the configuration is wrong; nothing was started\n%.*s",
		       STR_ARG(str_trim(buf_get(&errors))));
	buf_fini(&errors);
}

/* bin/supervisor lies in the release it belongs to. */
static void find_release(struct super *s)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n <= 0)
		refuse(EXIT_SYSTEM, "cannot find the supervisor's own program: %s",
		       strerror(errno));
	path[n] = '\0';
	str_copy(s->place.release, sizeof(s->place.release),
		 str_of(dirname(dirname(path))));
}

static void raise_limits(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) < 0)
		return;
	if (geteuid() == 0 && r.rlim_max < DESCRIPTORS)
		r.rlim_max = DESCRIPTORS;
	r.rlim_cur = r.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &r) == 0 || getrlimit(RLIMIT_NOFILE, &r) < 0)
		return;
	r.rlim_cur = r.rlim_max; /* a container's root may not go above */
	if (setrlimit(RLIMIT_NOFILE, &r) < 0)
		log_warn("descriptor_limit why=\"%s\"", strerror(errno));
}

static void open_logs(struct super *s)
{
	char folder[PATH_MAX];

	place_path(&s->place, "log", folder);
	if (!logfile_open(&s->own_log, folder, "onebox", NULL) ||
	    !logfile_open(&s->access_log, folder, "access", &s->account))
		refuse(EXIT_WRITE, "cannot write a log in %s: %s", folder,
		       strerror(errno));
	for (size_t i = 0; i < s->crew_count; i++)
		if (!logfile_open(&s->crews[i].log, folder, s->crews[i].service->name,
				  NULL))
			refuse(EXIT_WRITE, "cannot write a log in %s: %s", folder,
			       strerror(errno));
	say_log_to(s->own_log.fd);
}

static void make_crews(struct super *s)
{
	for (const struct service *v = services; v->name != NULL; v++) {
		struct crew *c = &s->crews[s->crew_count++];

		c->service = v;
		c->wanted = (unsigned)v->wanted(s->conf);
		str_copy(c->release, sizeof(c->release), str_of(s->place.release));
	}
}

/* What would fail only halfway through the start is looked at before it. */
static void check_needs(struct super *s)
{
	struct crew *database = super_crew(s, STR("mariadb"));
	long long room = place_free_bytes(&s->place);

	if (database->wanted > 0 && access(DATABASE_SERVER, X_OK) < 0)
		refuse(EXIT_DEPENDENCY,
		       "%s is missing; deploy/up installs it, or: apt-get install "
		       "mariadb-server-core",
		       DATABASE_SERVER);
	if (database->wanted > 0 && database_missing(s) && room < DATABASE_ROOM)
		refuse(EXIT_WRITE,
		       "the disk with %s has %lld MiB free and a new database needs %d; "
		       "make "
		       "room there or choose another --state",
		       s->place.state, room >> 20, DATABASE_ROOM >> 20);
}

static void make_files(struct super *s)
{
	struct buf why;

	buf_init(&why, 64 << 10);
	if (!zones_seed(s, s->conf, &why))
		refuse(EXIT_WRITE, "%.*s", STR_ARG(str_trim(buf_get(&why))));
	buf_fini(&why);
	if (!reload_keep_copy(s))
		refuse(EXIT_WRITE, "cannot write %s/onebox.conf: %s", s->place.state,
		       strerror(errno));
}

/* ---- signals and once-a-second work ---- */

static void reap(struct super *s)
{
	siginfo_t info = { 0 };
	int status;

	notify_take(s->notify);
	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid > 0) {
		struct instance *i = instance_by_pid(s, info.si_pid);

		/* and what it started: while it is not reaped, the group is surely its
		 * own */
		if (i != NULL)
			kill(-info.si_pid, SIGKILL);
		if (waitpid(info.si_pid, &status, 0) > 0 && i != NULL)
			instance_ended(i, status);
		info.si_pid = 0;
	}
}

static void reload_by_signal(struct super *s)
{
	struct buf errors;

	buf_init(&errors, 64 << 10);
	reload_run(s, true, &errors);
	buf_fini(&errors);
}

static void on_signal(void *ctx, uint32_t events)
{
	struct super *s = ctx;
	struct signalfd_siginfo info;

	(void)events;
	while (read(s->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGCHLD:
			reap(s);
			break;
		case SIGHUP:
			reload_by_signal(s);
			break;
		case SIGTERM:
		case SIGINT:
			super_stop(s, EXIT_OK);
			break;
		}
	}
}

static void tell_webd(struct super *s)
{
	LIST_EACH(at, &s->instances) {
		const struct instance *i = LIST_OF(at, struct instance, link);

		if (strcmp(i->crew->service->name, "webd") == 0)
			instance_signal(i, SIGUSR1);
	}
}

static void clean_logs(void *ctx)
{
	struct super *s = ctx;
	int64_t limit = s->conf->log_size, keep = s->conf->log_keep;

	for (size_t i = 0; i < s->crew_count; i++)
		logfile_rotate(&s->crews[i].log, limit, keep, NULL);
	if (logfile_rotate(&s->own_log, limit, keep, NULL))
		say_log_to(s->own_log.fd);
	if (logfile_rotate(&s->access_log, limit, keep, &s->account))
		tell_webd(s);
	loop_timer_in(s->loop, &s->janitor, JANITOR_US);
}

static void on_start_limit(void *ctx)
{
	struct super *s = ctx;

	say("not everything was ready after %d s; see %s and the logs beside it",
	    FIRST_START_US / 1000000, s->own_log.path);
	super_stop(s, EXIT_DEPENDENCY);
}

static void open_loop(struct super *s)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	s->loop = loop_new();
	s->signals = (struct loop_fd){ .run = on_signal, .ctx = s };
	s->janitor = (struct timer){ .run = clean_logs, .ctx = s };
	s->start_limit = (struct timer){ .run = on_start_limit, .ctx = s };
	if (s->signal_fd < 0 || s->loop == NULL ||
	    !loop_fd_add(s->loop, &s->signals, s->signal_fd, EPOLLIN))
		refuse(EXIT_SYSTEM, "cannot watch for events: %s", strerror(errno));
	loop_timer_in(s->loop, &s->janitor, JANITOR_US);
	loop_timer_in(s->loop, &s->start_limit, FIRST_START_US);
}

static void open_doors(struct super *s)
{
	s->notify = notify_new(s);
	s->control = control_new(s);
	if (s->notify == NULL || s->control == NULL)
		refuse(EXIT_SYSTEM, "cannot make sockets in %s: %s", s->place.run,
		       strerror(errno));
}

static void start(struct super *s, const struct arguments *a)
{
	s->source = a->source;
	s->started_us = clock_us();
	list_init(&s->instances);
	load_conf(s);
	find_release(s);
	if (a->background)
		say_from_background();
	place_lock(&s->place, a->state);
	account_find(&s->account);
	make_crews(s);
	place_make(&s->place, &s->account);
	open_logs(s);
	check_needs(s);
	make_files(s);
	raise_limits();
	sockets_bind(&s->sockets, s->conf);
	open_loop(s);
	open_doors(s);
	log_info("start version=%s state=%s release=%s", ONEBOX_VERSION, s->place.state,
		 s->place.release);
	super_plan(s);
}

static int finish(struct super *s)
{
	control_end_all(s->control, EXIT_OK);
	place_clean(&s->place);
	log_info("stopped");
	control_free(s->control);
	notify_free(s->notify);
	loop_free(s->loop);
	for (size_t i = 0; i < s->crew_count; i++)
		logfile_close(&s->crews[i].log);
	conf_free(s->conf);
	conf_free(s->conf_before);
	return s->exit_code;
}

int main(int argc, char **argv)
{
	static struct arguments arguments;
	static struct super super;

	log_name("onebox", 0);
	parse_arguments(&arguments, argc, argv);
	start(&super, &arguments);
	loop_run(super.loop);
	return finish(&super);
}
