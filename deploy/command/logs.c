/* logs.c -- onebox logs: all log files as one, in order of time. */
#include <ctype.h>
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

/* The last w->lines of them, or all; how many there were. */
static long print_past(const struct wishes *w, struct logset *set)
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
			ring[count % keep] = strdup(line);
		}
		count++;
	}
	for (long i = count > keep ? count - keep : 0; ring != NULL && i < count; i++) {
		puts(ring[i % keep]);
		free(ring[i % keep]);
	}
	free(ring);
	return count;
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

static bool is_trace_id(struct str id)
{
	for (size_t i = 0; i < id.n; i++)
		if (!isxdigit((unsigned char)id.p[i]))
			return false;
	return id.n == 32;
}

static int no_logs(const struct wishes *w, const char *folder)
{
	const char *names[LOGSET_FILES + 1];
	static struct logset set;
	int code;

	if (errno == EACCES)
		return complain(EXIT_PERMISSION, "%s: %s", folder, strerror(errno));
	if (!logset_open(&set, folder, NULL, true))
		return complain(EXIT_DEPENDENCY, "there are no logs in %s", folder);
	logset_names(&set, names);
	code = refuse_word("log", w->daemon, names);
	logset_close(&set);
	return code;
}

int command_logs(const char *state, int argc, char **argv)
{
	static struct logset set;
	char folder[PATH_MAX];
	struct wishes w;
	int code = EXIT_OK;

	if (!parse(&w, argc, argv))
		return misused(argc, argv);
	snprintf(folder, sizeof(folder), "%.4000s/log", state);
	if (w.trace != NULL && !is_trace_id(str_of(w.trace)))
		return complain(EXIT_USAGE,
				"'%s' is no trace id, which has 32 hexadecimal digits, "
				"as X-Request-Id of every answer",
				w.trace);
	if (!logset_open(&set, folder, w.daemon, w.trace != NULL))
		return no_logs(&w, folder);
	if (print_past(&w, &set) == 0 && w.trace != NULL && !w.follow)
		code = complain(EXIT_DEPENDENCY, "no log in %s has the trace %s", folder,
				w.trace);
	if (w.follow)
		code = follow(&w, &set, folder);
	logset_close(&set);
	return code;
}
