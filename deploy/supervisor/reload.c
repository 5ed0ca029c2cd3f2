/* reload.c -- see reload.h. */
#include "deploy/supervisor/reload.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "deploy/supervisor/files.h"
#include "deploy/supervisor/instance.h"
#include "deploy/supervisor/zones.h"

enum { CONF_MAX = 1 << 20 };

bool reload_keep_copy(struct super *s)
{
	const struct account *a = &s->account;
	char path[PATH_MAX];
	struct buf text;
	bool ok;

	if (s->source.file == NULL)
		return true;
	buf_init(&text, CONF_MAX + 1);
	place_path(&s->place, "onebox.conf", path);
	/* it may hold secrets: for the daemons, not for everybody */
	ok = files_read(s->source.file, &text) &&
	     files_write(path, buf_get(&text), 0640, a->other ? a->gid : (gid_t)-1);
	buf_fini(&text);
	return ok;
}

/* What the sockets are bound to, and the limits of a process, are settled at its start.
 */
static const struct {
	const char *option, *taken_over_by;
} settled[] = {
	{ "onebox.listen", "deploy/down, then deploy/up" },
	{ "onebox.dns_port", "deploy/down, then deploy/up" },
	{ "onebox.http_port", "deploy/down, then deploy/up" },
	{ "onebox.https_port", "deploy/down, then deploy/up" },
	{ "onebox.memory_wall", "onebox roll all" },
	{ "onebox.descriptors", "onebox roll all" },
	{ "onebox.watchdog", "onebox roll all" },
};

static void say_what_waits(const struct conf *old, const struct conf *next,
			   struct buf *say)
{
	for (size_t i = 0; i < sizeof(settled) / sizeof(settled[0]); i++) {
		if (!conf_changed(old, next, settled[i].option))
			continue;
		log_warn("needs_restart option=%s remedy=\"%s\"", settled[i].option,
			 settled[i].taken_over_by);
		buf_fmt(say, "%s is taken over by %s\n", settled[i].option,
			settled[i].taken_over_by);
	}
}

/* The private database is not taken from under daemons that may well refuse the one that
 * is to come after it. */
static bool stays(const struct crew *c, int64_t wanted)
{
	if (!c->service->database || wanted >= c->wanted)
		return false;
	log_warn("needs_restart what=\"[dbproxy] socket; the private database runs on\"");
	return true;
}

static void take_over(struct super *s, struct conf *next)
{
	for (size_t i = 0; i < s->crew_count; i++) {
		struct crew *c = &s->crews[i];
		int64_t wanted = c->service->wanted(next);

		/* a number set by hand (scale) holds until its own line changes */
		if (wanted != c->service->wanted(s->conf) && !stays(c, wanted))
			c->wanted = (unsigned)wanted;
	}
	conf_free(s->conf_before);
	s->conf_before = s->conf;
	s->conf = next;
}

static void tell_daemons(struct super *s)
{
	LIST_EACH(at, &s->instances) {
		const struct instance *i = LIST_OF(at, struct instance, link);

		if (!i->crew->service->database && i->state == INSTANCE_READY)
			instance_signal(i, SIGHUP);
	}
}

/* What was wrong may be right now. */
static void revive(struct super *s)
{
	LIST_EACH(at, &s->instances)
		instance_try_again(LIST_OF(at, struct instance, link));
}

/* NULL, with the exit code, when it cannot be. */
static struct conf *prepare(struct super *s, struct buf *say, int *ret_code)
{
	struct conf *next = conf_load(&s->source, say);

	if (next != NULL && zones_seed(s, next, say) && reload_keep_copy(s))
		return next;
	*ret_code = EXIT_CONFIG;
	if (next != NULL && place_free_bytes(&s->place) < 1 << 20)
		*ret_code = EXIT_WRITE;
	if (say->n == 0)
		buf_fmt(say, "cannot write %s/onebox.conf: %s\n", s->place.state,
			strerror(errno));
	conf_free(next);
	return NULL;
}

int reload_run(struct super *s, bool tell, struct buf *say)
{
	int code = EXIT_OK;
	struct conf *next = prepare(s, say, &code);

	if (next == NULL) {
		log_error("reload_refused why=\"%.*s\"", STR_ARG(str_trim(buf_get(say))));
		return code;
	}
	say_what_waits(s->conf, next, say);
	take_over(s, next);
	s->reloaded_us = clock_us();
	log_info("reloaded");
	if (tell)
		tell_daemons(s);
	revive(s);
	super_plan(s);
	return EXIT_OK;
}
