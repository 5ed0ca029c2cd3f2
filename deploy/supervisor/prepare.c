/* prepare.c -- see prepare.h. */
#include "deploy/supervisor/prepare.h"

#include <errno.h>
#include <libgen.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "deploy/supervisor/control.h"
#include "deploy/supervisor/database.h"
#include "deploy/supervisor/leftovers.h"
#include "deploy/supervisor/notify.h"
#include "deploy/supervisor/reload.h"
#include "deploy/supervisor/say.h"
#include "deploy/supervisor/zones.h"

enum { DESCRIPTORS = 1 << 16 };

static void load_conf(struct super *s)
{
	struct buf errors;

	buf_init(&errors, 64 << 10);
	s->conf = conf_load(&s->source, &errors);
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
		say("cannot raise the limit of open files: %s", strerror(errno));
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

	if (database->wanted == 0)
		return;
	if (access(DATABASE_SERVER, X_OK) < 0)
		refuse(EXIT_DEPENDENCY,
		       "%s is missing; deploy/up installs it, or: apt-get install "
		       "mariadb-server-core",
		       DATABASE_SERVER);
	if (room < 0 || !database_missing(s))
		return;
	if (room < DATABASE_LEAST)
		refuse(EXIT_WRITE,
		       "the disk with %s has %lld MiB free and a new database takes %d; "
		       "make room there or choose another --state",
		       s->place.state, room >> 20, DATABASE_LEAST >> 20);
	if (room < DATABASE_ROOM)
		say("the disk with %s has only %lld MiB free, which is little for a new "
		    "database; make room there",
		    s->place.state, room >> 20);
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

static void end_leftovers(const struct super *s)
{
	int count = leftovers_end(s->place.state);

	if (count > 0)
		say("ended %d processes that an earlier Onebox had left here", count);
}

void prepare(struct super *s, const char *state, bool background)
{
	s->started_us = clock_us();
	load_conf(s);
	find_release(s);
	if (background)
		say_from_background();
	place_lock(&s->place, state);
	end_leftovers(s);
	account_find(&s->account);
	make_crews(s);
	place_make(&s->place, &s->account);
	check_needs(s);
	make_files(s);
	raise_limits();
	sockets_bind(&s->sockets, s->conf);
	s->notify_fd = notify_bind(&s->place);
	s->control_fd = control_bind(&s->place);
	if (s->notify_fd < 0 || s->control_fd < 0)
		refuse(EXIT_SYSTEM, "cannot make sockets in %s: %s", s->place.run,
		       strerror(errno));
}

void prepare_files(struct super *s, const char *state)
{
	load_conf(s);
	find_release(s);
	place_lock(&s->place, state);
	account_find(&s->account);
	make_crews(s);
	place_make(&s->place, &s->account);
	check_needs(s);
	make_files(s);
}

/* The file may be under somebody's hands just now; then the copy that was right counts.
 */
static void load_conf_again(struct super *s)
{
	struct conf_source copy = s->source;
	char path[PATH_MAX];
	struct buf errors;

	buf_init(&errors, 64 << 10);
	s->conf = conf_load(&s->source, &errors);
	if (s->conf == NULL) {
		copy.file = place_path(&s->place, "onebox.conf", path);
		log_warn("configuration_wrong why=\"%.*s\" using=%s",
			 STR_ARG(str_trim(buf_get(&errors))), path);
		buf_reset(&errors);
		s->conf = conf_load(&copy, &errors);
	}
	if (s->conf == NULL)
		refuse(EXIT_CONFIG, "%.*s", STR_ARG(str_trim(buf_get(&errors))));
	buf_fini(&errors);
}

void prepare_again(struct super *s, const char *state)
{
	find_release(s);
	place_find(&s->place, state);
	account_find(&s->account);
	load_conf_again(s);
	make_crews(s);
}
