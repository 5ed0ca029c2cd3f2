/* files.c -- see files.h. */
#include "deploy/supervisor/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 4096 };

bool files_read(const char *path, struct buf *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = -1;
	char *room;

	if (fd < 0)
		return false;
	errno = EFBIG;
	while ((room = buf_room(ret, CHUNK)) != NULL && (n = read(fd, room, CHUNK)) > 0)
		buf_took(ret, (size_t)n);
	close(fd);
	return room != NULL && n == 0;
}

static bool write_all(int fd, struct str text)
{
	while (text.n > 0) {
		ssize_t n = write(fd, text.p, text.n);

		if (n <= 0)
			return false;
		text.p += n;
		text.n -= (size_t)n;
	}
	return true;
}

bool files_write(const char *path, struct str text, mode_t mode, gid_t group)
{
	char temporary[PATH_MAX];
	int fd, saved;
	bool ok;

	if (!str_copy(temporary, sizeof(temporary) - 4, str_of(path)))
		return false;
	memcpy(temporary + strlen(temporary), ".new", 5);
	unlink(temporary);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	ok = write_all(fd, text) &&
	     (group == (gid_t)-1 || fchown(fd, (uid_t)-1, group) == 0) &&
	     fchmod(fd, mode) == 0;
	saved = errno;
	close(fd);
	errno = saved;
	return ok && rename(temporary, path) == 0;
}
