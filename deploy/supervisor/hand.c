/* hand.c -- see hand.h. */
#include "deploy/supervisor/hand.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { TEXT_MAX = 4 << 20, ALL_MAX = HAND_FIXED_MAX + HAND_CHANGING_MAX + 1 };

int hand_text(struct str text)
{
	int fd = memfd_create("onebox", MFD_CLOEXEC);

	while (fd >= 0 && text.n > 0) {
		ssize_t n = write(fd, text.p, text.n);

		if (n <= 0) {
			close(fd);
			return -1;
		}
		text.p += n;
		text.n -= (size_t)n;
	}
	return fd;
}

bool hand_text_read(int fd, struct buf *ret)
{
	char *room;
	ssize_t n = -1;

	while ((room = buf_room(ret, 4096)) != NULL &&
	       (n = pread(fd, room, 4096, (off_t)ret->n)) > 0)
		buf_took(ret, (size_t)n);
	return room != NULL && n == 0;
}

void hand_exec(const struct hand *h, int extra, const char *program, char *const *argv)
{
	int all[ALL_MAX];
	int count = 0, above;

	for (size_t i = 0; i < h->fixed_count; i++)
		all[count++] = h->fixed[i];
	for (size_t i = 0; i < h->changing_count; i++)
		all[count++] = h->changing[i];
	if (extra >= 0)
		all[count++] = extra;
	above = HAND_FIRST + count;
	/* they may lie where others must go: first out of the way, then into place */
	for (int i = 0; i < count; i++)
		if ((all[i] = fcntl(all[i], F_DUPFD_CLOEXEC, above)) < 0)
			return;
	for (int i = 0; i < count; i++)
		dup2(all[i], HAND_FIRST + i);
	close_range(3, HAND_FIRST - 1, 0);
	close_range((unsigned)above, ~0U, 0);
	execv(program, argv);
}

bool hand_take(const char *counts, struct hand *ret)
{
	struct str rest = str_of(counts);
	struct str first = str_cut(&rest, ',');
	uint64_t fixed, changing;
	int fd = HAND_FIRST;

	if (!str_to_u64(first, &fixed) || !str_to_u64(rest, &changing) || fixed < 1 ||
	    fixed > HAND_FIXED_MAX || changing > HAND_CHANGING_MAX)
		return false;
	*ret = (struct hand){ .fixed_count = fixed, .changing_count = changing };
	for (size_t i = 0; i < fixed; i++)
		ret->fixed[i] = fd++;
	for (size_t i = 0; i < changing; i++)
		ret->changing[i] = fd++;
	for (int i = HAND_FIRST; i < fd; i++)
		if (fcntl(i, F_SETFD, FD_CLOEXEC) < 0)
			return false;
	return true;
}
