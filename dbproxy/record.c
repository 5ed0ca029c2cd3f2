/* record.c -- see record.h. The lock is a flock, which the kernel drops with its process,
 * and cannot be lost with a server as GET_LOCK is. */
#include "dbproxy/record.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/str.h"

static void path_of(const char *run_dir, const char *file, char ret[PATH_MAX])
{
	snprintf(ret, PATH_MAX, "%.4000s/%s", run_dir, file);
}

struct record record_read(const char *run_dir)
{
	struct record r = { 0 };
	char path[PATH_MAX], line[RECORD_SIZE + 16] = "";
	struct str rest = { line, 0 };
	ssize_t n;
	int fd;

	path_of(run_dir, "database.primary", path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return r;
	n = read(fd, line, sizeof(line) - 1);
	close(fd);
	rest.n = n > 0 ? (size_t)n : 0;
	rest = str_trim(str_cut(&rest, '\n'));
	(void)str_copy(r.primary, sizeof(r.primary), str_cut(&rest, ' '));
	r.is_protected = str_eq(rest, STR("protected"));
	return r;
}

bool record_write(const char *run_dir, const struct record *r)
{
	char path[PATH_MAX], fresh[PATH_MAX], line[RECORD_SIZE + 16];
	int n = snprintf(line, sizeof(line), "%s%s\n", r->primary,
			 r->is_protected ? " protected" : "");
	bool ok;
	int fd;

	path_of(run_dir, "database.primary", path);
	path_of(run_dir, "database.primary.new", fresh);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	ok = write(fd, line, (size_t)n) == n;
	close(fd);
	return ok && rename(fresh, path) == 0;
}

void record_settle(const char *run_dir)
{
	char path[PATH_MAX];
	int fd;

	path_of(run_dir, "database.primary", path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
}

int record_lock(const char *run_dir)
{
	char path[PATH_MAX];
	int fd;

	path_of(run_dir, "database.lock", path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	close(fd);
	return -1;
}
