/* release.c -- onebox release: copies a build to STATE/releases/ID and makes it current.
 *
 * The daemons run from there, so that the checkout may be rebuilt, moved, or closed to
 * their user. ID is a hash of all that is copied: the same build is copied once. A copy
 * becomes visible whole or not at all. A few earlier ones are kept to go back to. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buf.h"
#include "deploy/command/command.h"
#include "deploy/command/link.h"
#include "deploy/command/overview.h"
#include "deploy/command/release.h"
#include "deploy/command/tree.h"

enum { KEEP = 4 };

static const char *const parts[] = { "bin", "static", "zones" };
enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

static int failed_to(const char *what, const char *path)
{
	if (errno == ENOENT || errno == ENOTDIR)
		return complain(EXIT_DEPENDENCY, "cannot %s %s: %s", what, path,
				strerror(errno));
	if (errno == ENOSPC || errno == EDQUOT)
		return complain(
		    EXIT_WRITE,
		    "cannot %s %s: the disk is full; make room there or choose "
		    "another --state",
		    what, path);
	return complain(errno == EACCES || errno == EPERM ? EXIT_PERMISSION : EXIT_WRITE,
			"cannot %s %s: %s", what, path, strerror(errno));
}

static bool hash_build(const char *build, char id[24])
{
	uint64_t h = TREE_HASH_START;
	char path[PATH_MAX];

	for (int i = 0; i < PARTS; i++) {
		snprintf(path, sizeof(path), "%.3900s/%s", build, parts[i]);
		if (!tree_hash(path, &h) && (errno != ENOENT || i == 0))
			return false;
	}
	snprintf(id, 24, "%016llx", (unsigned long long)h);
	return true;
}

static bool copy_build(const char *build, const char *to)
{
	char from[PATH_MAX], into[PATH_MAX];

	tree_remove(to);
	if (mkdir(to, 0755) < 0)
		return false;
	for (int i = 0; i < PARTS; i++) {
		snprintf(from, sizeof(from), "%.3900s/%s", build, parts[i]);
		snprintf(into, sizeof(into), "%.3900s/%s", to, parts[i]);
		if (access(from, F_OK) == 0 && !tree_copy(from, into))
			return false;
	}
	return true;
}

/* `current` points there from one moment to the next. */
static bool make_current(const char *releases, const char *id)
{
	char link[PATH_MAX], temporary[PATH_MAX], now[64];
	ssize_t n;

	snprintf(link, sizeof(link), "%.3900s/current", releases);
	snprintf(temporary, sizeof(temporary), "%.3900s/current.new", releases);
	n = readlink(link, now, sizeof(now) - 1);
	if (n > 0) {
		now[n] = '\0';
		if (strcmp(now, id) == 0)
			return true;
	}
	unlink(temporary);
	return symlink(id, temporary) == 0 && rename(temporary, link) == 0;
}

struct old_release {
	char name[64];
	time_t when;
};

static int newest_first(const void *a, const void *b)
{
	const struct old_release *x = a, *y = b;

	return x->when < y->when ? 1 : x->when > y->when ? -1 : 0;
}

/* Some instance runs it, or is started from it when it has died. */
static bool is_used(const struct overview *o, const char *name)
{
	const char *slash = strrchr(o->release, '/');

	if (slash != NULL && strcmp(slash + 1, name) == 0)
		return true;
	for (int i = 0; i < o->count; i++)
		if (strcmp(o->instances[i].version, name) == 0)
			return true;
	return false;
}

/* Removes all but the newest few and those in use. */
static void forget_old(const char *state, const char *releases, const char *id)
{
	static struct overview overview;
	struct old_release old[64];
	char path[PATH_MAX];
	DIR *d = opendir(releases);
	size_t count = 0;
	struct stat st;
	int failed = overview_get(state, &overview);

	if (d == NULL)
		return;
	if (failed != 0 && failed != LINK_DOWN) {
		closedir(d); /* it runs and cannot tell what: keep everything */
		return;
	}
	for (struct dirent *e; (e = readdir(d)) != NULL && count < 64;) {
		if (e->d_name[0] == '.' || is_used(&overview, e->d_name) ||
		    strcmp(e->d_name, id) == 0 ||
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISDIR(st.st_mode))
			continue;
		str_copy(old[count].name, sizeof(old[count].name), str_of(e->d_name));
		old[count++].when = st.st_mtime;
	}
	closedir(d);
	qsort(old, count, sizeof(old[0]), newest_first);
	for (size_t i = KEEP - 1; i < count; i++) {
		snprintf(path, sizeof(path), "%.3900s/%s", releases, old[i].name);
		tree_remove(path);
	}
}

int release_make(const char *state, const char *build, char ret[PATH_MAX])
{
	char releases[PATH_MAX], temporary[PATH_MAX], whole[PATH_MAX], id[24];
	const char *name;

	if (realpath(build, whole) == NULL || !hash_build(whole, id))
		return failed_to("read the build in", build);
	umask(022);
	if (!tree_make_folder(state) || realpath(state, temporary) == NULL)
		return failed_to("make the folder", state);
	snprintf(releases, sizeof(releases), "%.3000s/releases", temporary);
	if (!tree_make_folder(releases))
		return failed_to("make the folder", releases);
	name = strrchr(whole, '/') + 1;
	if (strncmp(whole, releases, strlen(releases)) == 0)
		str_copy(id, sizeof(id), str_of(name));
	snprintf(ret, PATH_MAX, "%.3900s/%s", releases, id);
	snprintf(temporary, sizeof(temporary), "%.3900s/.%s.new", releases, id);
	if (access(ret, F_OK) < 0 &&
	    (!copy_build(whole, temporary) || rename(temporary, ret) < 0)) {
		int saved = errno;

		tree_remove(temporary);
		errno = saved;
		return failed_to("copy the build to", ret);
	}
	if (!make_current(releases, id))
		return failed_to("change the link in", releases);
	forget_old(state, releases, id);
	return EXIT_OK;
}

int command_release(const char *state, int argc, char **argv)
{
	char place[PATH_MAX];
	int code;

	if (argc != 2)
		return misused(argc, argv);
	code = release_make(state, argv[1], place);
	if (code == EXIT_OK)
		printf("%s\n", place);
	return code;
}
