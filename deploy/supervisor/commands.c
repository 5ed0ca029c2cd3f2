/* commands.c -- see commands.h. */
#include "deploy/supervisor/commands.h"

#include "common/log.h"
#include "deploy/supervisor/reload.h"
#include "deploy/supervisor/renew.h"
#include "deploy/supervisor/roll.h"
#include "deploy/supervisor/scale.h"
#include "deploy/supervisor/status.h"

enum { INSTANCES_MAX = 16 };

struct command {
	const char *name;
	void (*run)(struct super *s, struct visitor *v, struct str arguments);
};

static void run_status(struct super *s, struct visitor *v, struct str arguments)
{
	(void)arguments;
	status_say(s, v);
	visitor_end(v, EXIT_OK);
}

/* Ends with the supervisor itself: control_end_all says the last line. */
static void run_stop(struct super *s, struct visitor *v, struct str arguments)
{
	(void)arguments;
	(void)v;
	log_info("stop_asked");
	super_stop(s, EXIT_OK);
}

static bool reload(struct super *s, struct visitor *v, bool tell)
{
	struct buf errors;
	bool ok;

	buf_init(&errors, 64 << 10);
	ok = reload_run(s, tell, &errors);
	for (struct str rest = str_trim(buf_get(&errors)); rest.n > 0;) {
		struct str one = str_cut(&rest, '\n');

		visitor_say(v, "%.*s", STR_ARG(one));
	}
	buf_fini(&errors);
	return ok;
}

static bool take_configuration(struct super *s, struct visitor *v)
{
	if (reload(s, v, false))
		return true;
	visitor_end(v, EXIT_CONFIG);
	return false;
}

/* roll DAEMON|all RELEASE */
static void run_roll(struct super *s, struct visitor *v, struct str arguments)
{
	struct str name = str_cut(&arguments, ' ');
	char release[PLACE_MAX];

	if (arguments.p == NULL || !str_copy(release, sizeof(release), arguments)) {
		visitor_say(v, "roll takes a daemon and a build");
		visitor_end(v, EXIT_USAGE);
		return;
	}
	/* the new ones read the configuration, so it is looked at first */
	if (take_configuration(s, v))
		roll_start(s, v, name, release);
}

/* scale DAEMON NUMBER */
static void run_scale(struct super *s, struct visitor *v, struct str arguments)
{
	struct str name = str_cut(&arguments, ' ');
	struct crew *c = super_crew(s, name);
	uint64_t n;

	if (c == NULL || c->service->database || !str_to_u64(arguments, &n) || n < 1 ||
	    n > INSTANCES_MAX) {
		visitor_say(
		    v,
		    "scale takes dnsd, webd, appd or dbproxy, and a number from 1 to %d",
		    INSTANCES_MAX);
		visitor_end(v, EXIT_USAGE);
		return;
	}
	log_info("scale daemon=%s from=%u to=%u", c->service->name, c->wanted,
		 (unsigned)n);
	c->wanted = (unsigned)n;
	scale_wait(s, v, c);
	super_plan(s);
}

static void run_reload(struct super *s, struct visitor *v, struct str arguments)
{
	(void)arguments;
	visitor_end(v, reload(s, v, true) ? EXIT_OK : EXIT_CONFIG);
}

/* renew RELEASE: the supervisor itself, in place */
static void run_renew(struct super *s, struct visitor *v, struct str arguments)
{
	char release[PLACE_MAX];

	if (!str_copy(release, sizeof(release), arguments)) {
		visitor_say(v, "renew takes a build");
		visitor_end(v, EXIT_USAGE);
		return;
	}
	renew_start(s, v, release);
}

static const struct command commands[] = {
	{ "status", run_status }, { "stop", run_stop },     { "roll", run_roll },
	{ "scale", run_scale },   { "reload", run_reload }, { "renew", run_renew },
};

void commands_run(struct super *s, struct visitor *v, struct str line)
{
	struct str name = str_cut(&line, ' ');

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (str_eq(name, str_of(commands[i].name))) {
			commands[i].run(s, v, str_trim(line));
			return;
		}
	}
	visitor_say(v, "unknown command '%.*s'", STR_ARG(name));
	visitor_end(v, EXIT_USAGE);
}

void commands_forget(struct super *s, struct visitor *v)
{
	roll_forget_visitor(s, v);
	scale_forget_visitor(s, v);
	if (s->renew_visitor == v)
		s->renew_visitor = NULL;
}
