/* main.c -- the onebox command: THE table of its subcommands. */
#include "deploy/command/command.h"

#include <unistd.h>

#include "common/str.h"
#include "common/version.h"

static const struct command commands[] = {
	{ "status", "[--json]", "every instance, and where the site is", command_status },
	{ "logs", "[DAEMON] [-f] [-n LINES] [--trace ID]", "the logs, merged by time",
	  command_logs },
	{ "trace", "[/PATH | http://HOST/PATH]",
	  "one request, hop by hop, from the name to SQL", command_trace },
	{ "explain", "[QUESTION]", "the whiteboard's questions, answered from what runs",
	  command_explain },
	{ "check", "[--json] [--wait SECONDS]", "does the name answer, and the page?",
	  command_check },
	{ "roll", "DAEMON|supervisor|all",
	  "replaces instances one by one, losing no request", command_roll },
	{ "scale", "DAEMON NUMBER", "more or fewer instances, live", command_scale },
	{ "reload", "", "checks the configuration, then takes it over", command_reload },
	{ "zone", "check FILE | diff [FILE] NEW-FILE | set NAME TYPE DATA...",
	  "looks after zone files", command_zone },
	{ "site", "role NAME member|moderator|keeper", "who looks after the site",
	  command_site },
	{ "db", "[status] | promote SERVER [--force] | switchover SERVER",
	  "the database servers, and who is the primary", command_db },
	{ "stats", "[DAEMON[.SLOT]]", "counters as Prometheus text", command_stats },
	{ "loglevel", "[DAEMON[.SLOT]] LEVEL", "error, warn, info or debug, from now on",
	  command_loglevel },
	{ "differs", "[--config FILE] [--set S.K=V]...",
	  "what runs otherwise than these options ask", command_differs },
	{ "stop", "", "stops everything, leaves the data (deploy/down)", command_stop },
	{ "release", "BUILD", "copies a build to where the daemons run from",
	  command_release },
};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void usage(FILE *to)
{
	fprintf(to,
		"onebox %s: looks after a running Onebox\n"
		"usage: onebox COMMAND [--state DIR] [ARGUMENTS]\n",
		ONEBOX_VERSION);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(to, "  %-8s %-40s %s\n", commands[i].name, commands[i].arguments,
			commands[i].summary);
	fprintf(to, "The state directory may also be named by ONEBOX_STATE.\n");
}

/* The stack that this program belongs to: its checkout's var/, or the state directory
 * that its release lies in; root's is the machine's own. */
static const char *default_state(void)
{
	static char path[PATH_MAX];
	char build[PATH_MAX];
	const char *up;

	if (geteuid() == 0 || !own_build(build))
		return "/var/lib/onebox";
	up = strstr(build, "/releases/");
	if (up != NULL)
		snprintf(path, sizeof(path), "%.*s", (int)(up - build), build);
	else
		snprintf(path, sizeof(path), "%.4000s/../../var", build);
	return path;
}

/* Takes --state DIR and --state=DIR out of the arguments. NULL: DIR is missing. */
static const char *take_state(int *argc, char **argv)
{
	const char *state = getenv("ONEBOX_STATE");
	int kept = 1;

	if (state == NULL || *state == '\0')
		state = default_state();
	for (int i = 1; i < *argc; i++) {
		if (strncmp(argv[i], "--state=", 8) == 0) {
			state = argv[i] + 8;
		} else if (strcmp(argv[i], "--state") == 0) {
			if (++i == *argc)
				return NULL;
			state = argv[i];
		} else {
			argv[kept++] = argv[i];
		}
	}
	*argc = kept;
	argv[kept] = NULL;
	return state;
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
	return NULL;
}

int misused(int argc, char **argv)
{
	char given[200] = "";
	size_t n = 0;

	for (int i = 0; i < argc && n < sizeof(given); i++)
		n += (size_t)snprintf(given + n, sizeof(given) - n, "%s%s",
				      i == 0 ? "" : " ", argv[i]);
	return complain(EXIT_USAGE,
			"'%s' is not understood; usage: onebox %s %s%s[--state DIR]",
			given, argv[0], find_command(argv[0])->arguments,
			*find_command(argv[0])->arguments != '\0' ? " " : "");
}

static bool is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* onebox help, onebox help COMMAND, onebox COMMAND --help */
static int help(const struct command *c)
{
	if (c == NULL)
		usage(stdout);
	else
		printf("usage: onebox %s %s\n%s\n", c->name, c->arguments, c->summary);
	return EXIT_OK;
}

static int no_such(const char *name)
{
	const char *names[COMMANDS + 1] = { NULL }, *near;

	for (size_t i = 0; i < COMMANDS; i++)
		names[i] = commands[i].name;
	near = nearest_word(name, names);
	if (near != NULL)
		return complain(EXIT_USAGE,
				"there is no command '%s'; did you mean '%s'?", name,
				near);
	return complain(EXIT_USAGE, "there is no command '%s'; see onebox --help", name);
}

int main(int argc, char **argv)
{
	const char *state = take_state(&argc, argv);
	const struct command *c;
	const char *name;
	bool asked;

	if (state == NULL)
		return complain(EXIT_USAGE, "--state needs a folder");
	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		printf("onebox %s\n", ONEBOX_VERSION);
		return EXIT_OK;
	}
	asked = is_help(argv[1]) || strcmp(argv[1], "help") == 0;
	if (asked && argc == 2)
		return help(NULL);
	name = asked ? argv[2] : argv[1];
	c = find_command(name);
	if (c == NULL)
		return no_such(name);
	if (asked || (argc == 3 && is_help(argv[2])))
		return help(c);
	return c->run(state, argc - 1, argv + 1);
}
