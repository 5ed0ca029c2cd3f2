/* main.c -- the supervisor's program, and the parts it can play:
 *
 *     (started)     looks at everything, binds the sockets, becomes the guard
 *     --guard       goes on as the guard in a process that was another program
 *     --serve       the supervisor itself, a child of the guard
 *     --try         says whether it could take over, and ends
 *     --setup, --exec  what other supervisors need (alone.c) */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <unistd.h>

#include "common/crash.h"
#include "common/log.h"
#include "common/version.h"
#include "deploy/supervisor/alone.h"
#include "deploy/supervisor/guard.h"
#include "deploy/supervisor/keep.h"
#include "deploy/supervisor/prepare.h"
#include "deploy/supervisor/say.h"
#include "deploy/supervisor/serve.h"

enum { SETS_MAX = 200, NEXT_MAX = 2 * SETS_MAX + 8 };

struct arguments {
	const char *state;
	const char *sets[SETS_MAX];
	struct conf_source source;
	bool background;
	const char *guard, *serve, *try; /* between images */
	const char *exec, *slot;
	bool setup;
	char config[PATH_MAX];
	const char *next[NEXT_MAX]; /* for the next image */
};

static void usage(FILE *to)
{
	fprintf(
	    to,
	    "supervisor %s: starts and keeps the daemons of Onebox\n"
	    "usage: supervisor --state DIR [--config FILE] [--set section.key=value]...\n"
	    "                  [--background]\n"
	    "  --background   return when everything is ready, and go on running\n"
	    "It is normally started by deploy/up.\n",
	    ONEBOX_VERSION);
}

static const char *absolute(const char *path, char ret[PATH_MAX])
{
	return realpath(path, ret) != NULL ? ret : path;
}

static void parse_arguments(struct arguments *a, int argc, char **argv)
{
	static const struct option options[] = {
		{ "state", required_argument, NULL, 's' },
		{ "config", required_argument, NULL, 'c' },
		{ "set", required_argument, NULL, 'o' },
		{ "background", no_argument, NULL, 'b' },
		{ "guard", required_argument, NULL, 'G' },
		{ "serve", required_argument, NULL, 'S' },
		{ "try", required_argument, NULL, 'T' },
		{ "setup", no_argument, NULL, 'U' },
		{ "exec", required_argument, NULL, 'E' },
		{ "slot", required_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};

	a->source.sets = a->sets;
	for (int c; (c = getopt_long(argc, argv, "c:hV", options, NULL)) != -1;) {
		switch (c) {
		case 's':
			a->state = optarg;
			break;
		case 'c':
			a->source.file = absolute(optarg, a->config);
			break;
		case 'o':
			if (a->source.set_count == SETS_MAX)
				refuse(EXIT_USAGE,
				       "--set is given more than %d times; write a "
				       "configuration file and name it by --config",
				       SETS_MAX);
			a->sets[a->source.set_count++] = optarg;
			break;
		case 'b':
			a->background = true;
			break;
		case 'G':
			a->guard = optarg;
			break;
		case 'S':
			a->serve = optarg;
			break;
		case 'T':
			a->try = optarg;
			break;
		case 'U':
			a->setup = true;
			break;
		case 'E':
			a->exec = optarg;
			break;
		case 'n':
			a->slot = optarg;
			break;
		case 'h':
			usage(stdout);
			exit(EXIT_OK);
		case 'V':
			printf("supervisor %s\n", ONEBOX_VERSION);
			exit(EXIT_OK);
		default:
			usage(stderr);
			exit(EXIT_USAGE);
		}
	}
	if (optind < argc || a->state == NULL) {
		usage(stderr);
		exit(EXIT_USAGE);
	}
}

/* The command line of every later image: paths whole, nothing about this start. */
static void compose_next(struct arguments *a, const char *state)
{
	size_t n = 0;

	a->next[n++] = "onebox-supervisor";
	a->next[n++] = "--state";
	a->next[n++] = state;
	if (a->source.file != NULL) {
		a->next[n++] = "--config";
		a->next[n++] = a->source.file;
	}
	for (size_t i = 0; i < a->source.set_count; i++) {
		a->next[n++] = "--set";
		a->next[n++] = a->sets[i];
	}
	a->next[n] = NULL;
}

static int begin(struct super *s, struct arguments *a)
{
	static struct hand h;
	size_t starters;

	/* whoever started us may have more open than it knows; it is theirs to close */
	close_range(STDERR_FILENO + 1, ~0U, 0);
	prepare(s, a->state, a->background);
	compose_next(a, s->place.state);
	starters = say_starter_fd() >= 0 ? 2 : 1;
	if (!keep_fixed(s, &h))
		refuse(EXIT_SYSTEM, "cannot make a memory file: %s", strerror(errno));
	conf_free(s->conf);
	return guard_run(&h, (char *const *)(uintptr_t)a->next, starters);
}

int main(int argc, char **argv)
{
	static struct arguments a;
	static struct super s;
	static struct hand h;
	const char *handed;

	log_name("onebox", 0);
	crash_install("onebox");
	parse_arguments(&a, argc, argv);
	s.source = a.source;
	s.guard_fd = -1;
	if (a.setup)
		return alone_setup(&s, a.state);
	if (a.exec != NULL)
		alone_exec(&s, a.state, a.exec, a.slot != NULL ? a.slot : "1");
	handed = a.serve != NULL ? a.serve : a.guard != NULL ? a.guard : a.try;
	if (handed == NULL)
		return begin(&s, &a);
	if (!hand_take(handed, &h))
		refuse(EXIT_USAGE, "nothing was handed over");
	compose_next(&a, a.state);
	s.argv = (char *const *)(uintptr_t)a.next;
	if (a.guard != NULL)
		return guard_run(&h, s.argv, 0);
	return a.try != NULL ? serve_try(&s, &h, a.state) : serve(&s, &h, a.state);
}
