/* zone.c -- onebox zone: checks zone files, compares them, and sets records in them. What
 * is right and what differs is for dnsd to say: it is asked (dnsd check, dnsd diff)
 * before a file is touched. The text is edited in zone_edit.c, which keeps comments. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "deploy/command/ask.h"
#include "deploy/command/command.h"
#include "deploy/command/link.h"
#include "deploy/command/zone_edit.h"

enum { ZONE_LIMIT = 64 << 20 };

/* dnsd with these arguments, the last of which may be NULL; its exit code. quiet: only
 * what is wrong is for people. */
static int run_dnsd(bool quiet, const char *first, const char *second, const char *third)
{
	char build[PATH_MAX], program[PATH_MAX + 16];
	int status;
	pid_t pid;

	if (!own_build(build))
		return complain(EXIT_SYSTEM, "cannot find this program's own build");
	snprintf(program, sizeof(program), "%s/bin/dnsd", build);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (quiet)
			dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
		execl(program, program, first, second, third, (char *)NULL);
		_exit(EXIT_SYSTEM);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return complain(EXIT_SYSTEM, "cannot start %s: %s", program,
				strerror(errno));
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SYSTEM;
}

/* ---- diff ---- */

static bool write_text(const char *path, struct str text)
{
	FILE *f = fopen(path, "we");
	bool ok = f != NULL && fwrite(text.p, 1, text.n, f) == text.n && fflush(f) == 0 &&
		  fsync(fileno(f)) == 0;

	if (f != NULL)
		ok = fclose(f) == 0 && ok;
	return ok;
}

struct in_force {
	const char *path; /* where to put it */
	int failed;       /* 0: it is there */
};

static void take_zone(void *ctx, const char *instance, enum msg_status status,
		      struct str text)
{
	struct in_force *z = ctx;

	if (status != STATUS_OK)
		z->failed = complain(status == STATUS_LATE ? EXIT_DEPENDENCY : EXIT_DATA,
				     "%s: %.*s", instance, STR_ARG(text));
	else if (!write_text(z->path, text))
		z->failed = complain(EXIT_WRITE, "%s: %s", z->path, strerror(errno));
}

/* From what is served to the file. */
static int diff_in_force(const char *state, const char *file)
{
	const char *slash = strrchr(file, '/');
	struct str name = str_of(slash != NULL ? slash + 1 : file);
	char path[40];
	struct in_force z = { .path = path };
	int code, count, fd;

	if (!str_ends(name, STR(".zone")))
		return complain(EXIT_USAGE,
				"%s: a zone file is named after its zone, with .zone at "
				"the end",
				file);
	name.n -= sizeof(".zone") - 1;
	fd = memfd_create("in-force", 0); /* dnsd inherits it */
	if (fd < 0)
		return complain(EXIT_SYSTEM, "cannot make a file: %s", strerror(errno));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	count =
	    ask_any(state, "dnsd", (struct question){ .type = MSG_ZONE, .value = name },
		    take_zone, &z);
	code = explain_asked(state, "dnsd", count, z.failed);
	if (code == EXIT_OK)
		code = run_dnsd(false, "diff", path, file);
	close(fd);
	return code;
}

/* ---- set ---- */

static void take_zones(void *ctx, struct str line)
{
	char *folder = ctx;

	if (str_starts(line, STR("zones ")) && line.n > 6)
		str_copy(folder, PATH_MAX, (struct str){ line.p + 6, line.n - 6 });
}

/* Is the name in this zone? */
static bool is_under(struct str name, struct str zone)
{
	if (str_eq_nocase(name, zone))
		return true;
	return name.n > zone.n && name.p[name.n - zone.n - 1] == '.' &&
	       str_eq_nocase((struct str){ name.p + name.n - zone.n, zone.n }, zone);
}

/* The zone that the name is in, or the only one there is. False: there is no telling. */
static bool find_zone(const char *folder, struct str name, char ret[PATH_MAX])
{
	DIR *d = opendir(folder);
	unsigned zones = 0;
	size_t best = 0;

	for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
		struct str file = str_of(e->d_name);

		if (file.p[0] == '.' || !str_ends(file, STR(".zone")))
			continue;
		file.n -= sizeof(".zone") - 1;
		if (is_under(name, file) && file.n > best)
			best = file.n;
		else if (best > 0 || zones++ > 0)
			continue;
		str_copy(ret, PATH_MAX, file);
	}
	if (d != NULL)
		closedir(d);
	return best > 0 || zones == 1;
}

static bool read_text(const char *path, struct buf *ret)
{
	FILE *f = fopen(path, "re");
	size_t n = 0;
	char *room;

	while (f != NULL && (room = buf_room(ret, 65536)) != NULL &&
	       (n = fread(room, 1, 65536, f)) > 0)
		buf_took(ret, n);
	if (f != NULL)
		fclose(f);
	return f != NULL && buf_ok(ret);
}

/* A new file stands in for the old one, for the same people. */
static bool give_to_the_same(const char *next, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0 || chmod(next, st.st_mode & 0777) < 0)
		return false;
	return chown(next, st.st_uid, st.st_gid) == 0 || st.st_uid == geteuid();
}

/* Into a file beside it for dnsd to look at; then in place of the old one. */
static int replace(const char *folder, const char *path, struct str text)
{
	char next[PATH_MAX + 32];
	int code;

	snprintf(next, sizeof(next), "%s/.set.%d", folder, (int)getpid());
	if (!write_text(next, text) || !give_to_the_same(next, path)) {
		code = complain(EXIT_WRITE, "%s: %s", next, strerror(errno));
	} else {
		code = run_dnsd(true, "check", path, next);
		if (code != EXIT_OK)
			complain(code, "%s is left as it was", path);
		else if (rename(next, path) != 0)
			code = complain(EXIT_WRITE, "%s: %s", path, strerror(errno));
	}
	unlink(next);
	return code;
}

static int set(const char *state, int argc, char **argv)
{
	char folder[PATH_MAX], zone[PATH_MAX] = "", path[PATH_MAX + 300];
	struct str name = str_of(argv[0]);
	struct buf text, edited;
	const char *wrong;
	int code, running;

	snprintf(folder, sizeof(folder), "%s/zones", state);
	running = link_ask(state, "status", take_zones, folder);
	if (name.n > 1 && name.p[name.n - 1] == '.')
		name.n--;
	if (!find_zone(folder, name, zone))
		return complain(
		    EXIT_USAGE,
		    "which zone is %s in? Write the whole name (the zones are in "
		    "%s)",
		    argv[0], folder);
	snprintf(path, sizeof(path), "%s/%s.zone", folder, zone);
	buf_init(&text, ZONE_LIMIT);
	buf_init(&edited, ZONE_LIMIT);
	if (!read_text(path, &text)) {
		code = complain(EXIT_DATA, "%s: %s", path, strerror(errno));
	} else {
		const struct zone_change change = { str_of(zone), name, str_of(argv[1]),
						    argv + 2, (size_t)argc - 2 };

		wrong = zone_edit(buf_get(&text), &change, &edited);
		code = wrong != NULL ? complain(EXIT_DATA, "%s: %s", path, wrong)
				     : replace(folder, path, buf_get(&edited));
	}
	buf_fini(&text);
	buf_fini(&edited);
	if (code == EXIT_OK && !is_under(name, str_of(zone)))
		printf("%.*s.%s is set\n", STR_ARG(name), zone);
	else if (code == EXIT_OK)
		printf("%.*s is set\n", STR_ARG(name));
	if (code == EXIT_OK && running >= 0)
		code = link_ask(state, "reload", NULL, NULL);
	return code < 0 ? link_explain(state, code) : code;
}

int command_zone(const char *state, int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "check") == 0)
		return run_dnsd(false, "check", argv[2], NULL);
	if (argc == 3 && strcmp(argv[1], "diff") == 0)
		return diff_in_force(state, argv[2]);
	if (argc == 4 && strcmp(argv[1], "diff") == 0)
		return run_dnsd(false, "diff", argv[2], argv[3]);
	if (argc >= 5 && strcmp(argv[1], "set") == 0)
		return set(state, argc - 2, argv + 2);
	return misused(argc, argv);
}
