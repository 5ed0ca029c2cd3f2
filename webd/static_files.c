/* static_files.c -- see static_files.h. */
#include "webd/static_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_MAX = 20000, DEPTH_MAX = 16, PATH_SIZE = 1024 };

struct static_files {
	struct static_file *at;
	size_t count, cap;
	size_t used, memory_max;
};

static const struct {
	struct str suffix, type;
} types[] = {
	{ { ".css", 4 }, STR("text/css; charset=utf-8") },
	{ { ".js", 3 }, STR("text/javascript; charset=utf-8") },
	{ { ".mjs", 4 }, STR("text/javascript; charset=utf-8") },
	{ { ".html", 5 }, STR("text/html; charset=utf-8") },
	{ { ".txt", 4 }, STR("text/plain; charset=utf-8") },
	{ { ".xml", 4 }, STR("application/xml") },
	{ { ".json", 5 }, STR("application/json") },
	{ { ".map", 4 }, STR("application/json") },
	{ { ".webmanifest", 12 }, STR("application/manifest+json") },
	{ { ".svg", 4 }, STR("image/svg+xml") },
	{ { ".png", 4 }, STR("image/png") },
	{ { ".jpg", 4 }, STR("image/jpeg") },
	{ { ".jpeg", 5 }, STR("image/jpeg") },
	{ { ".gif", 4 }, STR("image/gif") },
	{ { ".webp", 5 }, STR("image/webp") },
	{ { ".avif", 5 }, STR("image/avif") },
	{ { ".ico", 4 }, STR("image/x-icon") },
	{ { ".woff2", 6 }, STR("font/woff2") },
	{ { ".woff", 5 }, STR("font/woff") },
	{ { ".pdf", 4 }, STR("application/pdf") },
	{ { ".wasm", 5 }, STR("application/wasm") },
};

static const struct {
	struct str suffix;
	enum coding coding;
} codings[] = {
	{ { ".gz", 3 }, CODING_GZIP },
	{ { ".br", 3 }, CODING_BROTLI },
};

static struct str type_of(struct str path)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (str_ends(path, types[i].suffix))
			return types[i].type;
	return STR("application/octet-stream");
}

/* "site.3f2a9c1d.css": a part of eight hex digits or more between two points. */
static bool has_hash(struct str path)
{
	struct str rest = path, part;

	str_cut(&rest, '.');
	while (rest.p != NULL) {
		bool hex = true;

		part = str_cut(&rest, '.');
		for (size_t i = 0; i < part.n && hex; i++)
			hex = (part.p[i] >= '0' && part.p[i] <= '9') ||
			      (part.p[i] >= 'a' && part.p[i] <= 'f');
		if (hex && part.n >= 8 && rest.p != NULL)
			return true;
	}
	return false;
}

/* Twenty-two letters of the content's SHA-256, in quotes. */
static void set_etag(struct static_variant *v)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	unsigned char hash[SHA256_DIGEST_LENGTH];
	char *at = v->etag;

	SHA256((const unsigned char *)v->bytes.p, v->bytes.n, hash);
	*at++ = '"';
	for (int i = 0; i < 22; i++)
		*at++ = digits[hash[i] & 63];
	*at++ = '"';
	*at = '\0';
}

/* ---- reading ---- */

static bool fail(struct buf *why, const char *path, const char *what)
{
	buf_fmt(why, "the static file %s cannot be served: %s\n", path, what);
	return false;
}

/* Takes n bytes of the open file. */
static bool read_bytes(struct static_files *s, int fd, size_t n, struct str *ret)
{
	char *p = malloc(n > 0 ? n : 1);
	size_t got = 0;

	while (p != NULL && got < n) {
		ssize_t more = read(fd, p + got, n - got);

		if (more <= 0 && !(more < 0 && errno == EINTR))
			break;
		got += more > 0 ? (size_t)more : 0;
	}
	if (p == NULL || got < n) {
		free(p);
		return false;
	}
	s->used += n;
	*ret = (struct str){ p, n };
	return true;
}

static struct static_file *add(struct static_files *s, const char *path)
{
	struct static_file *f;

	if (s->count == s->cap) {
		size_t cap = s->cap > 0 ? 2 * s->cap : 64;
		struct static_file *more =
		    s->count < FILES_MAX ? realloc(s->at, cap * sizeof(*more)) : NULL;

		if (more == NULL)
			return NULL;
		s->at = more;
		s->cap = cap;
	}
	f = &s->at[s->count];
	*f = (struct static_file){ .path = strdup(path) };
	if (f->path == NULL)
		return NULL;
	f->type = type_of(str_of(f->path));
	f->immutable = has_hash(str_of(f->path));
	s->count++;
	return f;
}

static bool read_file(struct static_files *s, int folder, const char *name,
		      const char *path, struct buf *why)
{
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	struct static_file *f;
	struct stat st;
	bool ok;

	if (fd < 0)
		return errno == ELOOP ? true : fail(why, path, strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return true; /* a pipe, a device: not a file of a site */
	}
	if (s->used + (size_t)st.st_size > s->memory_max) {
		close(fd);
		return fail(why, path,
			    "all together are larger than [webd] static_memory");
	}
	f = add(s, path);
	ok =
	    f != NULL && read_bytes(s, fd, (size_t)st.st_size, &f->as[CODING_NONE].bytes);
	close(fd);
	return ok ? true : fail(why, path, "it cannot be read, or there are too many");
}

static bool read_folder(struct static_files *s, int fd, const char *path, int depth,
			struct buf *why);

/* One name in a folder: a folder, a file, or nothing for us. */
static bool read_entry(struct static_files *s, int folder, const char *path,
		       const char *name, struct buf *why)
{
	char full[PATH_SIZE];
	int fd, depth = 0;

	if (name[0] == '.') /* hidden, or the folder itself */
		return true;
	if ((size_t)snprintf(full, sizeof(full), "%s/%s", path, name) >= sizeof(full))
		return fail(why, path, "its path is too long");
	fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return read_file(s, folder, name, full, why);
	for (const char *c = full; *c != '\0'; c++)
		depth += *c == '/';
	return read_folder(s, fd, full, depth, why);
}

/* Takes the descriptor. */
static bool read_folder(struct static_files *s, int fd, const char *path, int depth,
			struct buf *why)
{
	DIR *dir = depth <= DEPTH_MAX ? fdopendir(fd) : NULL;
	bool ok = true;

	if (dir == NULL) {
		close(fd);
		return fail(why, path, "the folders are too deep");
	}
	for (struct dirent *e; ok && (e = readdir(dir)) != NULL;)
		ok = read_entry(s, dirfd(dir), path, e->d_name, why);
	closedir(dir);
	return ok;
}

/* ---- the table ---- */

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct static_file *)a)->path,
		      ((const struct static_file *)b)->path);
}

static struct static_file *find(const struct static_files *s, struct str path)
{
	char z[PATH_SIZE];
	struct static_file key = { .path = z };

	if (s->count == 0 || !str_copy(z, sizeof(z), path))
		return NULL;
	return bsearch(&key, s->at, s->count, sizeof(*s->at), by_path);
}

static void free_file(struct static_file *f)
{
	free(f->path);
	for (int i = 0; i < CODINGS; i++)
		free((void *)f->as[i].bytes.p);
}

/* name.gz becomes a coding of name, if it is smaller; else it goes. */
static bool join_variant(struct static_files *s, struct static_file *f)
{
	for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++) {
		struct str path = str_of(f->path);
		struct static_file *of;

		if (!str_ends(path, codings[i].suffix))
			continue;
		path.n -= codings[i].suffix.n;
		of = find(s, path);
		if (of == NULL)
			continue; /* a file of its own */
		if (f->as[CODING_NONE].bytes.n < of->as[CODING_NONE].bytes.n) {
			of->as[codings[i].coding] = f->as[CODING_NONE];
			of->codings |= 1u << codings[i].coding;
			f->as[CODING_NONE].bytes.p = NULL;
		}
		return true;
	}
	return false;
}

static void join_variants(struct static_files *s)
{
	size_t kept = 0;

	qsort(s->at, s->count, sizeof(*s->at), by_path);
	/* a variant sorts behind what it is a variant of, so what is kept stays in order
	 * and in place until it is looked for */
	for (size_t i = 0; i < s->count; i++)
		s->at[i].joined = join_variant(s, &s->at[i]);
	for (size_t i = 0; i < s->count; i++) {
		if (s->at[i].joined)
			free_file(&s->at[i]);
		else
			s->at[kept++] = s->at[i];
	}
	s->count = kept;
}

struct static_files *static_files_read(const char *folder, size_t memory_max,
				       struct buf *why)
{
	struct static_files *s = calloc(1, sizeof(*s));
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (s == NULL) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	s->memory_max = memory_max;
	if (fd >= 0 && !read_folder(s, fd, "", 0, why)) {
		static_files_free(s);
		return NULL;
	}
	if (s->count > 0)
		join_variants(s);
	for (size_t i = 0; i < s->count; i++)
		for (int c = 0; c < CODINGS; c++)
			if (s->at[i].as[c].bytes.p != NULL)
				set_etag(&s->at[i].as[c]);
	return s;
}

void static_files_free(struct static_files *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->count; i++)
		free_file(&s->at[i]);
	free(s->at);
	free(s);
}

const struct static_file *static_files_find(const struct static_files *s, struct str path)
{
	char index[PATH_SIZE];

	if (path.n > 0 && path.p[path.n - 1] == '/') {
		if ((size_t)snprintf(index, sizeof(index), "%.*sindex.html",
				     STR_ARG(path)) >= sizeof(index))
			return NULL;
		path = str_of(index);
	}
	return find(s, path);
}

size_t static_files_count(const struct static_files *s)
{
	return s->count;
}
