/* commands.c -- see commands.h. */
#include "deploy/supervisor/commands.h"

#include "common/log.h"
#include "deploy/supervisor/status.h"

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

static const struct command commands[] = {
	{ "status", run_status },
	{ "stop", run_stop },
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
	(void)s;
	(void)v;
}
