/* logfile.c -- see logfile.h. */
#include "deploy/supervisor/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "deploy/supervisor/account.h"

static int open_at(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
}

/* Somebody removed it: one log is no reason to lose all to come. */
static bool make_folder(const char *file)
{
	char folder[PATH_MAX];
	struct str path = str_of(file);

	while (path.n > 1 && path.p[path.n - 1] != '/')
		path.n--;
	return str_copy(folder, sizeof(folder), path) && mkdir(folder, 0755) == 0 &&
	       chmod(folder, 0755) == 0;
}

static bool open_file(struct logfile *l, const struct account *owner)
{
	struct stat st;

	l->fd = open_at(l->path);
	if (l->fd < 0 && errno == ENOENT && make_folder(l->path))
		l->fd = open_at(l->path);
	if (l->fd < 0)
		return false;
	if (owner != NULL && owner->other && fchown(l->fd, owner->uid, owner->gid) < 0) {
		close(l->fd);
		l->fd = -1;
		return false;
	}
	l->size = fstat(l->fd, &st) == 0 ? st.st_size : 0;
	return true;
}

bool logfile_open(struct logfile *l, const char *folder, const char *name,
		  const struct account *owner)
{
	int n;

	*l = (struct logfile){ .fd = -1 };
	n = snprintf(l->path, sizeof(l->path), "%s/%s.log", folder, name);
	return n > 0 && n < PATH_MAX && open_file(l, owner);
}

void logfile_close(struct logfile *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

static bool put(struct logfile *l, struct str s)
{
	while (s.n > 0) {
		ssize_t n = l->fd < 0 ? -1 : write(l->fd, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			l->dropped += s.n;
			return false;
		}
		l->size += n;
		s.p += n;
		s.n -= (size_t)n;
	}
	return true;
}

void logfile_write(struct logfile *l, struct str lines)
{
	char note[120], stamp[CLOCK_STAMP_SIZE];

	if (l->dropped > l->dropped_said) {
		uint64_t before = l->dropped;
		int n =
		    snprintf(note, sizeof(note), "%s onebox warn log_lost bytes=%llu\n",
			     clock_stamp(clock_wall_us(), stamp),
			     (unsigned long long)(l->dropped - l->dropped_said));

		if (!put(l, (struct str){ note, (size_t)n })) {
			l->dropped = before + lines.n;
			return;
		}
		l->dropped_said = l->dropped;
	}
	put(l, lines);
}

static void shift(const struct logfile *l, int64_t keep)
{
	char from[PATH_MAX + 16], to[PATH_MAX + 16];

	for (int64_t i = keep; i >= 1; i--) {
		snprintf(to, sizeof(to), "%s.%d", l->path, (int)i);
		if (i > 1)
			snprintf(from, sizeof(from), "%s.%d", l->path, (int)i - 1);
		else
			snprintf(from, sizeof(from), "%s", l->path);
		rename(from, to);
	}
	if (keep == 0)
		unlink(l->path);
}

bool logfile_rotate(struct logfile *l, int64_t limit, int64_t keep,
		    const struct account *owner)
{
	struct stat here, there;

	/* moved or removed by somebody else: follow the name */
	bool gone = l->fd < 0 || stat(l->path, &there) < 0 || fstat(l->fd, &here) < 0 ||
		    here.st_ino != there.st_ino || here.st_dev != there.st_dev;

	if (!gone) {
		l->size = here.st_size;
		if (l->size < limit)
			return false;
		shift(l, keep);
	}
	logfile_close(l);
	return open_file(l, owner) || !gone;
}
