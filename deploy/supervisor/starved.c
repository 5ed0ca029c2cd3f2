/* starved.c -- see starved.h. */
#include "deploy/supervisor/starved.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/str.h"

enum {
	HARDLY = 10, /* ran for less than such a part of the time */
	MOSTLY = 2,  /* waited for more than such a part of it */
};

/* A file of one line; false when it cannot be read (it is gone). */
static bool read_line(int folder, const char *thread, const char *file, char ret[512])
{
	char path[64];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "%.20s/%s", thread, file);
	fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, ret, 511);
		close(fd);
	}
	ret[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* "RAN WAITED SLICES"; and behind the name in parentheses, the state. */
static bool look_at(int folder, const char *thread, struct starved_thread *ret)
{
	char line[512];
	const char *end;
	struct str rest;
	uint64_t id;

	if (!str_to_u64(str_of(thread), &id) ||
	    !read_line(folder, thread, "schedstat", line))
		return false;
	ret->id = (int)id;
	rest = str_of(line);
	if (!str_to_u64(str_cut(&rest, ' '), &ret->ran_ns) ||
	    !str_to_u64(str_cut(&rest, ' '), &ret->waited_ns) ||
	    !read_line(folder, thread, "stat", line))
		return false;
	end = strrchr(line, ')');
	if (end == NULL || end[1] == '\0')
		return false;
	ret->state = end[2];
	return true;
}

void starved_look(pid_t pid, struct starved_look *ret)
{
	char path[64];
	DIR *d;

	*ret = (struct starved_look){ .at_us = clock_us() };
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	d = opendir(path);
	if (d == NULL)
		return;
	for (struct dirent *e; ret->count < STARVED_THREADS && (e = readdir(d)) != NULL;)
		ret->count += look_at(dirfd(d), e->d_name, &ret->threads[ret->count]);
	closedir(d);
}

/* The same thread in the look before; one that is new began at nothing. */
static struct starved_thread earlier(const struct starved_look *before, int id)
{
	for (unsigned i = 0; i < before->count; i++)
		if (before->threads[i].id == id)
			return before->threads[i];
	return (struct starved_thread){ .id = id };
}

int64_t starved_ran_us(const struct starved_look *before, const struct starved_look *now)
{
	uint64_t ns = 0;

	for (unsigned i = 0; i < now->count; i++)
		ns += now->threads[i].ran_ns - earlier(before, now->threads[i].id).ran_ns;
	return (int64_t)(ns / 1000);
}

bool starved_between(const struct starved_look *before, const struct starved_look *now)
{
	int64_t us = now->at_us - before->at_us;
	bool waits = false;

	if (starved_ran_us(before, now) > us / HARDLY)
		return false;
	for (unsigned i = 0; i < now->count; i++) {
		const struct starved_thread *t = &now->threads[i];
		uint64_t waited = t->waited_ns - earlier(before, t->id).waited_ns;

		if (t->state == 'T' || t->state == 't')
			return false;
		/* a wait that lasts is in the figure only when it is over */
		waits = waits || t->state == 'R' || t->state == 'D' ||
			(int64_t)(waited / 1000) > us / MOSTLY;
	}
	return waits;
}
