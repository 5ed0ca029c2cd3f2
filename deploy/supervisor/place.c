/* place.c -- see place.h. */
#include "deploy/supervisor/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/str.h"
#include "deploy/supervisor/say.h"

/* The longest name of a socket in the run folder: "dbproxy.9999.4194304.sock". */
enum { SOCKET_NAME_MAX = 40 };

const char *place_path(const struct place *p, const char *name, char ret[PATH_MAX])
{
	snprintf(ret, PATH_MAX, "%s/%.200s", p->state, name);
	return ret;
}

long long place_free_bytes(const struct place *p)
{
	struct statvfs v;

	if (statvfs(p->state, &v) < 0)
		return -1;
	return (long long)v.f_bavail * (long long)v.f_frsize;
}

static _Noreturn void cannot(const char *what, const char *path)
{
	int code = errno == ENOSPC || errno == EROFS || errno == EDQUOT ? EXIT_WRITE
		   : errno == EACCES || errno == EPERM                  ? EXIT_PERMISSION
									: EXIT_SYSTEM;

	refuse((enum exit_code)code, "cannot %s %s: %s%s", what, path, strerror(errno),
	       errno == ENOSPC ? "; make room there or choose another --state" : "");
}

/* mkdir -p, the way down. */
static void make_parents(char *path)
{
	for (char *at = path + 1; (at = strchr(at, '/')) != NULL; at++) {
		*at = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			cannot("make the folder", path);
		*at = '/';
	}
}

static void make(const char *path, mode_t mode, const struct account *owner)
{
	struct stat st;

	if (mkdir(path, mode) == 0) {
		if (chmod(path, mode) < 0 || (owner != NULL && owner->other &&
					      chown(path, owner->uid, owner->gid) < 0))
			cannot("set up the folder", path);
	} else if (errno != EEXIST) {
		cannot("make the folder", path);
	} else if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode)) {
		refuse(EXIT_WRITE, "%s is in the way: it is not a folder", path);
	}
}

void place_lock(struct place *p, const char *state)
{
	char path[PATH_MAX], real[PATH_MAX], wanted[PLACE_MAX];

	if (!str_copy(wanted, sizeof(wanted), str_of(state)))
		refuse(EXIT_USAGE, "the path of --state is too long");
	make_parents(wanted);
	make(wanted, 0755, NULL);
	if (realpath(wanted, real) == NULL)
		cannot("find", wanted);
	if (!str_copy(p->state, sizeof(p->state), str_of(real)))
		refuse(EXIT_USAGE, "the path of --state is too long");
	place_path(p, "lock", path);
	p->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (p->lock_fd < 0)
		cannot("write", path);
	fchmod(p->lock_fd, 0600); /* nobody else may hold it */
	if (flock(p->lock_fd, LOCK_EX | LOCK_NB) < 0)
		refuse(
		    EXIT_SYSTEM,
		    "another Onebox runs with %s; stop it with deploy/down --state %s, "
		    "or choose another --state",
		    p->state, p->state);
	if (ftruncate(p->lock_fd, 0) < 0 ||
	    dprintf(p->lock_fd, "%d\n", (int)getpid()) < 0)
		cannot("write", path);
}

void place_find(struct place *p, const char *state)
{
	char path[PATH_MAX], real[PATH_MAX];

	str_copy(p->state, sizeof(p->state), str_of(state));
	if (realpath(place_path(p, "run", path), real) == NULL)
		cannot("find", path);
	str_copy(p->run, sizeof(p->run), str_of(real));
}

static uint64_t hash_of(const char *text)
{
	uint64_t h = 14695981039346656037U;

	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * 1099511628211U;
	return h;
}

/* Where a folder with a short name may be: private to us, and gone after a reboot. */
static void short_folder(const struct place *p, char ret[PLACE_RUN_MAX])
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	unsigned tag = (unsigned)(hash_of(p->state) >> 32);
	struct stat st;

	if (geteuid() == 0)
		snprintf(ret, PLACE_RUN_MAX, "/run/onebox-%08x", tag);
	else if (runtime != NULL && strlen(runtime) < 40 && access(runtime, W_OK) == 0)
		snprintf(ret, PLACE_RUN_MAX, "%s/onebox-%08x", runtime, tag);
	else
		snprintf(ret, PLACE_RUN_MAX, "/tmp/onebox-%u-%08x", (unsigned)geteuid(),
			 tag);
	if (mkdir(ret, 0700) < 0 && errno != EEXIST)
		cannot("make the folder", ret);
	if (lstat(ret, &st) < 0 || !S_ISDIR(st.st_mode) || (st.st_mode & 022) != 0)
		refuse(EXIT_PERMISSION, "%s is in the way, and not a private folder",
		       ret);
}

static void make_run(struct place *p, const struct account *a)
{
	char link[PATH_MAX];
	struct stat st;

	place_path(p, "run", link);
	if (lstat(link, &st) == 0 && S_ISLNK(st.st_mode))
		unlink(link);
	if (strlen(link) + 1 + SOCKET_NAME_MAX < PLACE_RUN_MAX) {
		make(link, 0700, a);
		str_copy(p->run, sizeof(p->run), str_of(link));
	} else {
		short_folder(p, p->run);
		if (symlink(p->run, link) < 0 && errno != EEXIST)
			cannot("link", link);
	}
	if (lstat(p->run, &st) < 0 ||
	    (st.st_uid != a->uid && chown(p->run, a->uid, a->gid) < 0) ||
	    chmod(p->run, 0700) < 0)
		refuse(EXIT_PERMISSION, "%s belongs to another user; remove it", p->run);
}

static void empty_folder(const char *path)
{
	DIR *d = opendir(path);

	if (d == NULL)
		return;
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		if (e->d_name[0] != '.')
			unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
}

void place_make(struct place *p, const struct account *a)
{
	char path[PATH_MAX];

	place_path(p, "log", path);
	make(path, 0755, NULL);
	place_path(p, "zones", path);
	make(path, 0755, NULL);
	place_path(p, "secondary", path); /* zones that dnsd fetched */
	make(path, 0700, a);
	place_path(p, "tls", path);
	make(path, 0700, a);
	place_path(p, "secret",
		   path); /* what instances share: keys of tokens and cookies */
	make(path, 0700, a);
	place_path(p, "mysql", path);
	make(path, 0755, NULL);
	place_path(p, "mysql/tmp", path);
	make(path, 0700, a);
	make_run(p, a);
	empty_folder(p->run);
	if (!account_reads(a, p->state))
		refuse(EXIT_PERMISSION,
		       "the daemons run as user '%s', who may not enter %s; choose a "
		       "--state that other users can reach, such as /var/lib/onebox",
		       a->name, p->state);
}

void place_clean(struct place *p)
{
	char link[PATH_MAX];

	empty_folder(p->run);
	place_path(p, "run", link);
	if (strcmp(link, p->run) != 0) {
		unlink(link);
		rmdir(p->run);
	}
}
