/* change.c -- onebox roll, scale and reload: changes without a pause. */
#include <stdio.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/str.h"
#include "deploy/command/ask.h"
#include "deploy/command/command.h"
#include "deploy/command/link.h"
#include "deploy/command/release.h"

static void print_line(void *ctx, struct str line)
{
	(void)ctx;
	printf("%.*s\n", STR_ARG(line));
	fflush(stdout);
}

/* What takes a while: each line as it comes. */
static int follow(const char *state, const char *line)
{
	int code = link_ask(state, line, print_line, NULL);

	return code < 0 ? link_explain(state, code) : code;
}

static void keep_line(void *ctx, struct str line)
{
	struct buf *b = ctx;

	buf_put(b, line.p, line.n);
	buf_char(b, '\n');
}

/* What is short: a refusal goes where complaints go. */
static int ask(const char *state, const char *line)
{
	struct buf said;
	int code;

	buf_init(&said, 1 << 20);
	code = link_ask(state, line, keep_line, &said);
	if (code > EXIT_OK)
		complain((enum exit_code)code, "%.*s", STR_ARG(str_trim(buf_get(&said))));
	else
		fwrite(said.p, 1, said.n, stdout);
	buf_fini(&said);
	return code < 0 ? link_explain(state, code) : code;
}

/* The build to roll to: the one this program belongs to. One that lies in a checkout is
 * copied to the releases first. */
static int find_release(const char *state, char ret[PATH_MAX])
{
	char build[PATH_MAX];

	if (!own_build(build))
		return complain(EXIT_SYSTEM, "cannot find this program's own build");
	return release_make(state, build, ret);
}

/* The supervisor itself, at the end of `roll all` or alone. */
static int renew(const char *state, const char *release)
{
	char line[PATH_MAX + 64];

	snprintf(line, sizeof(line), "renew %s", release);
	return follow(state, line);
}

int command_roll(const char *state, int argc, char **argv)
{
	static const char *const whats[] = { "dnsd",       "webd", "appd", "dbproxy",
					     "supervisor", "all",  NULL };
	char release[PATH_MAX], line[PATH_MAX + 64];
	int code;

	if (argc != 2)
		return misused(argc, argv);
	if (refuse_word("daemon", argv[1], whats) != EXIT_OK)
		return EXIT_USAGE;
	code = link_ask(state, "status", NULL, NULL);
	if (code < 0)
		return link_explain(state, code);
	code = find_release(state, release);
	if (code != 0)
		return code;
	if (strcmp(argv[1], "supervisor") == 0)
		return renew(state, release);
	snprintf(line, sizeof(line), "roll %.40s %s", argv[1], release);
	code = follow(state, line);
	return code == EXIT_OK && strcmp(argv[1], "all") == 0 ? renew(state, release)
							      : code;
}

int command_scale(const char *state, int argc, char **argv)
{
	char line[100];

	if (argc != 3)
		return misused(argc, argv);
	if (refuse_word("daemon", argv[1], daemon_names) != EXIT_OK)
		return EXIT_USAGE;
	snprintf(line, sizeof(line), "scale %.40s %.40s", argv[1], argv[2]);
	return ask(state, line);
}

/* What several instances say alike is said once. */
struct reload {
	int code;
	char said[400];
};

static void hear_reloaded(void *ctx, const char *instance, enum msg_status status,
			  struct str text)
{
	struct reload *r = ctx;

	text = str_trim(text);
	if (status != STATUS_OK) {
		r->code = status == STATUS_FAIL ? EXIT_CONFIG : EXIT_DEPENDENCY;
		complain((enum exit_code)r->code, "%s goes on with what it had: %.*s",
			 instance, STR_ARG(text));
	} else if (text.n > 0 && !str_eq(text, str_of(r->said))) {
		printf("%.*s\n", STR_ARG(text));
		str_copy(r->said, sizeof(r->said), text);
	}
}

int command_reload(const char *state, int argc, char **argv)
{
	const struct question q = { .type = MSG_RELOAD };
	struct reload r = { .code = EXIT_OK };
	int code;

	if (argc != 1)
		return misused(argc, argv);
	/* the supervisor checks it and writes the copy that the daemons read; they are
	 * then asked one by one, for a signal would have no answer */
	code = ask(state, "reload quietly");
	if (code != EXIT_OK)
		return code;
	if (ask_each(state, "", q, hear_reloaded, &r) < 0)
		return complain(EXIT_SYSTEM, "the daemons cannot be found in %s/run",
				state);
	return r.code;
}
