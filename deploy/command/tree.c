/* tree.c -- see tree.h. */
#include "deploy/command/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/str.h"

static uint64_t mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * 0x9e3779b97f4a7c15U;
	return h ^ (h >> 29);
}

/* Eight bytes at a time: builds are megabytes, and this is to be noticed by nobody. */
static uint64_t mix_bytes(uint64_t h, const char *p, size_t n)
{
	uint64_t word;

	for (h = mix(h, n); n >= sizeof(word); p += sizeof(word), n -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = mix(h, word);
	}
	for (word = 0; n > 0; n--)
		word = word << 8 | (unsigned char)*p++;
	return mix(h, word);
}

static bool hash_file(const char *path, uint64_t *h)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p = MAP_FAILED;
	bool ok;

	if (fd < 0)
		return false;
	ok = fstat(fd, &st) == 0;
	if (ok && st.st_size > 0) {
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		ok = p != MAP_FAILED;
	}
	if (ok && p != MAP_FAILED) {
		*h = mix_bytes(*h, p, (size_t)st.st_size);
		munmap(p, (size_t)st.st_size);
	}
	close(fd);
	return ok;
}

typedef bool (*each_fn)(void *ctx, const char *path, const char *name, bool folder);

/* Entries by name; others than files and folders are passed over. */
static bool for_each(const char *folder, each_fn each, void *ctx)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, NULL, alphasort);
	bool ok = count >= 0;
	char path[PATH_MAX];

	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		struct stat st;

		snprintf(path, sizeof(path), "%.3700s/%s", folder, name);
		if (ok && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
		    stat(path, &st) == 0 && (S_ISDIR(st.st_mode) || S_ISREG(st.st_mode)))
			ok = each(ctx, path, name, S_ISDIR(st.st_mode));
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return ok;
}

static bool hash_entry(void *ctx, const char *path, const char *name, bool folder)
{
	uint64_t *h = ctx;

	*h = mix_bytes(*h, name, strlen(name));
	return folder ? tree_hash(path, h) : hash_file(path, h);
}

bool tree_hash(const char *folder, uint64_t *h)
{
	return for_each(folder, hash_entry, h);
}

static bool copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out = -1, saved;
	struct stat st;
	bool ok = in >= 0 && fstat(in, &st) == 0;
	off_t left = ok ? st.st_size : 0;

	if (ok) {
		out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		ok = out >= 0;
	}
	while (ok && left > 0) {
		ssize_t n = sendfile(out, in, NULL, (size_t)left);

		ok = n > 0;
		left -= n;
	}
	ok = ok && fchmod(out, (st.st_mode & 0111) != 0 ? 0755 : 0644) == 0;
	saved = errno;
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	errno = saved;
	return ok;
}

static bool copy_entry(void *ctx, const char *path, const char *name, bool folder)
{
	char to[PATH_MAX];

	snprintf(to, sizeof(to), "%.3700s/%s", (const char *)ctx, name);
	return folder ? tree_copy(path, to) : copy_file(path, to);
}

bool tree_copy(const char *from, const char *to)
{
	char folder[PATH_MAX];

	str_copy(folder, sizeof(folder), str_of(to));
	return mkdir(to, 0755) == 0 && for_each(from, copy_entry, folder);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void tree_remove(const char *folder)
{
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

bool tree_make_folder(const char *path)
{
	char part[PATH_MAX];

	if (!str_copy(part, sizeof(part), str_of(path)))
		return false;
	for (char *at = part + 1; (at = strchr(at, '/')) != NULL; at++) {
		*at = '\0';
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return false;
		*at = '/';
	}
	return mkdir(part, 0755) == 0 || errno == EEXIST;
}
