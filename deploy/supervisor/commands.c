/* commands.c -- see commands.h. */
#include "deploy/supervisor/commands.h"

#include "common/log.h"
#include "deploy/supervisor/instance.h"
#include "deploy/supervisor/reload.h"
#include "deploy/supervisor/renew.h"
#include "deploy/supervisor/roll.h"
#include "deploy/supervisor/say.h"
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
	if (!s->announced)
		say("it was stopped (onebox stop, deploy/down) before everything was "
		    "ready");
	super_stop(s, s->announced ? EXIT_OK : EXIT_DEPENDENCY);
}

static void say_lines(struct visitor *v, struct str rest)
{
	for (rest = str_trim(rest); rest.n > 0;) {
		struct str one = str_cut(&rest, '\n');

		visitor_say(v, "%.*s", STR_ARG(one));
	}
}

static bool take_configuration(struct super *s, struct visitor *v)
{
	struct buf said;
	int code;

	buf_init(&said, 64 << 10);
	code = reload_run(s, false, &said);
	if (code != EXIT_OK) { /* what waits for a roll is about to have one */
		say_lines(v, buf_get(&said));
		visitor_end(v, code);
	}
	buf_fini(&said);
	return code == EXIT_OK;
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

	if (c == NULL || c->service->database) {
		visitor_say(v, "scale takes dnsd, webd, appd or dbproxy");
		visitor_end(v, EXIT_USAGE);
		return;
	}
	if (!str_to_u64(arguments, &n) || n < 1 || n > INSTANCES_MAX) {
		visitor_say(v, "there may be 1 to %d instances of %s, not '%.*s'",
			    INSTANCES_MAX, c->service->name, STR_ARG(arguments));
		visitor_end(v, EXIT_USAGE);
		return;
	}
	log_info("scale daemon=%s from=%u to=%u", c->service->name, c->wanted,
		 (unsigned)n);
	c->wanted = (unsigned)n;
	LIST_EACH(at, &s->instances)
		if (LIST_OF(at, struct instance, link)->crew == c)
			instance_try_again(LIST_OF(at, struct instance, link));
	scale_wait(s, v, c);
	super_plan(s);
}

/* reload [quietly]: quietly leaves it to the visitor to tell the daemons, and so to hear
 * what each of them says */
static void run_reload(struct super *s, struct visitor *v, struct str arguments)
{
	bool tell = !str_eq(arguments, STR("quietly"));
	struct buf said;
	int code;

	buf_init(&said, 64 << 10);
	code = reload_run(s, tell, &said);
	say_lines(v, buf_get(&said));
	visitor_end(v, code);
	buf_fini(&said);
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

/* With which options we run, as they would be given to us now. */
static void run_options(struct super *s, struct visitor *v, struct str arguments)
{
	(void)arguments;
	if (s->source.file != NULL)
		visitor_say(v, "config %s", s->source.file);
	for (size_t i = 0; i < s->source.set_count; i++)
		visitor_say(v, "set %s", s->source.sets[i]);
	visitor_say(v, "set onebox.dns_port=%d", sockets_port(&s->sockets, "dns-udp"));
	visitor_say(v, "set onebox.http_port=%d", sockets_port(&s->sockets, "http"));
	visitor_say(v, "set onebox.https_port=%d", sockets_port(&s->sockets, "https"));
	for (size_t i = 0; i < s->crew_count; i++)
		if (!s->crews[i].service->database)
			visitor_say(v, "set %s.instances=%u", s->crews[i].service->name,
				    s->crews[i].wanted);
	visitor_end(v, EXIT_OK);
}

static const struct command commands[] = {
	{ "status", run_status },   { "stop", run_stop },     { "roll", run_roll },
	{ "scale", run_scale },     { "reload", run_reload }, { "renew", run_renew },
	{ "options", run_options },
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
