/* site.c -- onebox site: the operator's word to the application, past all roles. A new
 * site has no keeper: this is how it gets the first one. */
#include <stdio.h>

#include "deploy/command/ask.h"
#include "deploy/command/command.h"

enum { LINE_MAX_BYTES = 256 };

static void on_answer(void *ctx, const char *instance, enum msg_status status,
		      struct str text)
{
	int *code = ctx;

	(void)instance;
	*code = status == STATUS_OK     ? EXIT_OK
		: status == STATUS_FAIL ? EXIT_DATA
					: EXIT_DEPENDENCY;
	if (status == STATUS_OK)
		printf("%.*s\n", STR_ARG(text));
	else
		complain((enum exit_code) * code, "appd: %.*s", STR_ARG(text));
}

int command_site(const char *state, int argc, char **argv)
{
	static const char *const roles[] = { "member", "moderator", "keeper", NULL };
	int code = EXIT_DEPENDENCY, count;
	char line[LINE_MAX_BYTES];

	if (argc != 4 || strcmp(argv[1], "role") != 0)
		return misused(argc, argv);
	if (refuse_word("role", argv[3], roles) != EXIT_OK)
		return EXIT_USAGE;
	if (snprintf(line, sizeof(line), "role %s %s", argv[2], argv[3]) >=
	    (int)sizeof(line))
		return complain(EXIT_USAGE, "nobody has so long a name");
	count = ask_any(state, "appd",
			(struct question){ .type = MSG_SITE, .value = str_of(line) },
			on_answer, &code);
	return explain_asked(state, "appd", count, code);
}
