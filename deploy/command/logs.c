/* logs.c -- onebox logs: all log files as one, in order of time. */
#include <errno.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "common/str.h"
#include "deploy/command/command.h"
#include "deploy/command/logset.h"

enum { FOLLOW_LINES = 20 };

struct wishes {
	const char *daemon, *trace;
	bool follow;
	long lines; /* the last so many; -1: all */
};

static int usage(void)
{
	return complain(
	    EXIT_USAGE,
	    "usage: onebox logs [DAEMON] [-f] [-n LINES] [--trace ID] [--state DIR]");
}

static bool parse(struct wishes *w, int argc, char **argv)
{
	*w = (struct wishes){ .lines = -1 };
	for (int i = 1; i < argc; i++) {
		uint64_t n;

		if (strcmp(argv[i], "-f") == 0) {
			w->follow = true;
		} else if (strcmp(argv[i], "--trace") == 0 && i + 1 < argc) {
			w->trace = argv[++i];
		} else if (strcmp(argv[i], "-n") == 0 && i + 1 < argc &&
			   str_to_u64(str_of(argv[++i]), &n) && n <= 1000000) {
			w->lines = (long)n;
		} else if (argv[i][0] != '-' && w->daemon == NULL) {
			w->daemon = argv[i];
		} else {
			return false;
		}
	}
	if (w->follow && w->lines < 0)
		w->lines = FOLLOW_LINES;
	return true;
}

static bool wanted(const struct wishes *w, const char *line)
{
	return w->trace == NULL || strstr(line, w->trace) != NULL;
}

/* The last w->lines of them, or all. */
static void print_past(const struct wishes *w, struct logset *set)
{
	long keep = w->lines, count = 0;
	char **ring = keep > 0 ? calloc((size_t)keep, sizeof(*ring)) : NULL;

	for (const char *line; (line = logset_next(set)) != NULL;) {
		if (!wanted(w, line))
			continue;
		if (keep < 0) {
			puts(line);
		} else if (ring != NULL) {
			free(ring[count % keep]);
			ring[count++ % keep] = strdup(line);
		}
	}
	for (long i = count > keep ? count - keep : 0; ring != NULL && i < count; i++) {
		puts(ring[i % keep]);
		free(ring[i % keep]);
	}
	free(ring);
}

static int follow(const struct wishes *w, struct logset *set, const char *folder)
{
	char events[4096];
	int fd = inotify_init1(IN_CLOEXEC);

	if (fd < 0 ||
	    inotify_add_watch(fd, folder, IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0)
		return complain(EXIT_SYSTEM, "cannot watch %s: %s", folder,
				strerror(errno));
	for (;;) {
		for (const char *line; (line = logset_next(set)) != NULL;)
			if (wanted(w, line))
				puts(line);
		if (fflush(stdout) != 0)
			return EXIT_OK; /* nobody reads any more */
		if (read(fd, events, sizeof(events)) < 0 && errno != EINTR)
			return EXIT_SYSTEM;
		logset_refresh(set, w->daemon);
	}
}

int command_logs(const char *state, int argc, char **argv)
{
	static struct logset set;
	char folder[PATH_MAX];
	struct wishes w;
	int code = EXIT_OK;

	if (!parse(&w, argc, argv))
		return usage();
	snprintf(folder, sizeof(folder), "%.4000s/log", state);
	if (!logset_open(&set, folder, w.daemon, w.trace != NULL))
		return errno == EACCES
			   ? complain(EXIT_PERMISSION, "%s: %s", folder, strerror(errno))
			   : complain(EXIT_DEPENDENCY, "there are no logs%s%s in %s",
				      w.daemon != NULL ? " of " : "",
				      w.daemon != NULL ? w.daemon : "", folder);
	print_past(&w, &set);
	if (w.follow)
		code = follow(&w, &set, folder);
	logset_close(&set);
	return code;
}
