/* tell.c -- what every subcommand needs: to complain, and to know where it lies. */
#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

#include "deploy/command/command.h"

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

int explain_asked(const char *state, const char *of, int count, int failed)
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
