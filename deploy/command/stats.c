/* stats.c -- onebox stats and onebox loglevel: the daemons asked one by one. */
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

int command_stats(const char *state, int argc, char **argv)
{
	const char *of = argc > 1 ? argv[1] : "";
	struct question q = { .type = MSG_STATS };
	int failed = EXIT_OK, count;

	if (argc > 2)
		return misused(argc, argv);
	count = ask_each(state, of, q, print_stats, &failed);
	return explain_asked(state, of, count, failed);
}

int command_loglevel(const char *state, int argc, char **argv)
{
	static const char *const levels[] = { "error", "warn", "info", "debug", NULL };
	const char *of = argc > 2 ? argv[1] : "";
	struct question q = { .type = MSG_LOG_LEVEL };
	int failed = EXIT_OK, count;

	if (argc < 2 || argc > 3)
		return misused(argc, argv);
	if (refuse_word("level", argv[argc - 1], levels) != EXIT_OK)
		return EXIT_USAGE;
	q.value = str_of(argv[argc - 1]);
	count = ask_each(state, of, q, print_level, &failed);
	return explain_asked(state, of, count, failed);
}
