/* tell.c -- what every subcommand needs: to complain, and to know where it lies. */
#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

#include "common/str.h"
#include "deploy/command/command.h"
#include "deploy/command/link.h"

int complain(enum exit_code code, const char *fmt, ...)
{
	va_list ap;

	fputs("onebox: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return code;
}

const char *const daemon_names[] = { "dnsd", "webd", "appd", "dbproxy", NULL };

const char *nearest_word(const char *word, const char *const *known)
{
	const char *best = NULL;
	unsigned best_distance = 3;

	for (; *known != NULL; known++) {
		unsigned d = str_distance(str_of(word), str_of(*known));

		if (d < best_distance) {
			best_distance = d;
			best = *known;
		}
	}
	return best;
}

int refuse_word(const char *kind, const char *word, const char *const *known)
{
	const char *near = nearest_word(word, known);
	char list[500] = "";
	size_t n = 0;

	for (const char *const *at = known; *at != NULL; at++) {
		if (strcmp(*at, word) == 0)
			return EXIT_OK;
		n += (size_t)snprintf(list + n, n < sizeof(list) ? sizeof(list) - n : 0,
				      "%s%s",
				      at == known     ? ""
				      : at[1] == NULL ? " or "
						      : ", ",
				      *at);
	}
	if (near != NULL)
		return complain(EXIT_USAGE,
				"there is no %s '%s'; did you mean '%s'? It may be %s",
				kind, word, near, list);
	return complain(EXIT_USAGE, "there is no %s '%s'; it may be %s", kind, word,
			list);
}

bool own_build(char ret[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", ret, PATH_MAX - 1);

	if (n <= 0)
		return false;
	ret[n] = '\0';
	for (int up = 0; up < 2; up++) {
		char *slash = strrchr(ret, '/');

		if (slash == NULL || slash == ret)
			return false;
		*slash = '\0';
	}
	return true;
}

/* Nobody answers to that name. */
static int explain_nobody(const char *state, const char *of)
{
	int code = link_ask(state, "status", NULL, NULL);
	char daemon[64];
	struct str rest = str_of(of);

	if (code < 0)
		return link_explain(state, code);
	if (*of == '\0')
		return complain(EXIT_DEPENDENCY,
				"no daemon runs with %s; see onebox status", state);
	str_copy(daemon, sizeof(daemon), str_cut(&rest, '.'));
	code = refuse_word("daemon", daemon, daemon_names);
	if (code != EXIT_OK)
		return code;
	return rest.p == NULL
		   ? complain(EXIT_DEPENDENCY, "no %s runs; see onebox status", daemon)
		   : complain(EXIT_USAGE, "there is no instance '%s'; see onebox status",
			      of);
}

int explain_asked(const char *state, const char *of, int count, int failed)
{
	if (count < 0 && errno == EACCES)
		return complain(EXIT_PERMISSION,
				"%s/run belongs to the user of the daemons; ask as that "
				"user or as root",
				state);
	if (count < 0)
		return link_explain(state, LINK_DOWN);
	return count == 0 ? explain_nobody(state, of) : failed;
}
