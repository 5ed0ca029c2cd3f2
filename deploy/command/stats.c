/* stats.c -- onebox stats and onebox loglevel: the daemons asked one by one. */
#include <errno.h>

#include "deploy/command/ask.h"
#include "deploy/command/command.h"

static void print_stats(void *ctx, const char *instance, enum msg_status status,
			struct str text)
{
	int *failed = ctx;

	printf("# instance %s\n", instance);
	if (status == STATUS_OK) {
		fwrite(text.p, 1, text.n, stdout);
		putchar('\n');
		return;
	}
	*failed = complain(EXIT_DEPENDENCY, "%s: %.*s", instance, STR_ARG(text));
}

static void print_level(void *ctx, const char *instance, enum msg_status status,
			struct str text)
{
	int *failed = ctx;

	if (status == STATUS_OK)
		printf("%s: done\n", instance);
	else
		*failed = complain(EXIT_DEPENDENCY, "%s: %.*s", instance, STR_ARG(text));
}

static int explain(const char *state, const char *of, int count, int failed)
{
	if (count < 0 && errno == EACCES)
		return complain(EXIT_PERMISSION,
				"%s/run belongs to the user of the daemons; ask as that "
				"user or as root",
				state);
	if (count < 0)
		return complain(EXIT_DEPENDENCY,
				"no Onebox runs with %s; start it with deploy/up", state);
	if (count == 0)
		return complain(EXIT_USAGE,
				"there is no instance '%s'; see onebox status", of);
	return failed;
}

int command_stats(const char *state, int argc, char **argv)
{
	const char *of = argc > 1 ? argv[1] : "";
	struct question q = { .type = MSG_STATS };
	int failed = EXIT_OK, count;

	if (argc > 2)
		return complain(EXIT_USAGE, "usage: onebox stats [DAEMON[.SLOT]]");
	count = ask_each(state, of, q, print_stats, &failed);
	return explain(state, of, count, failed);
}

int command_loglevel(const char *state, int argc, char **argv)
{
	const char *of = argc > 2 ? argv[1] : "";
	struct question q = { .type = MSG_LOG_LEVEL };
	int failed = EXIT_OK, count;

	if (argc < 2 || argc > 3)
		return complain(EXIT_USAGE,
				"usage: onebox loglevel [DAEMON[.SLOT]] LEVEL");
	q.value = str_of(argv[argc - 1]);
	count = ask_each(state, of, q, print_level, &failed);
	return explain(state, of, count, failed);
}
