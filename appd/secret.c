/* secret.c -- see secret.h. The file is written whole under another name and then linked
 * to its own, so that of several instances starting at once exactly one makes it. */
#include "appd/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

static bool read_key(struct secret *s, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, s->key, sizeof(s->key));
	close(fd);
	if (n != (ssize_t)sizeof(s->key)) {
		errno = EINVAL; /* cut short: not a key */
		return false;
	}
	return true;
}

static bool write_key(const char *path)
{
	uint8_t key[SECRET_SIZE];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool ok;

	if (fd < 0)
		return false;
	randombytes_buf(key, sizeof(key));
	ok = write(fd, key, sizeof(key)) == (ssize_t)sizeof(key) && fsync(fd) == 0;
	sodium_memzero(key, sizeof(key));
	close(fd);
	return ok;
}

bool secret_load(struct secret *s, const char *state_dir)
{
	char path[PATH_MAX], fresh[PATH_MAX];
	bool ok;

	snprintf(path, sizeof(path), "%s/secret", state_dir);
	mkdir(path, 0700); /* the supervisor may have made it */
	if (snprintf(path, sizeof(path), "%s/secret/appd.key", state_dir) >=
		(int)sizeof(path) ||
	    snprintf(fresh, sizeof(fresh), "%s/secret/appd.key.%d", state_dir,
		     (int)getpid()) >= (int)sizeof(fresh)) {
		errno = ENAMETOOLONG;
		return false;
	}
	if (read_key(s, path))
		return true;
	if (errno != ENOENT)
		return false;
	unlink(fresh); /* of a process that had our pid and died here */
	ok = write_key(fresh) && (link(fresh, path) == 0 || errno == EEXIST);
	if (!ok) {
		int error = errno;

		unlink(fresh);
		errno = error;
		return false;
	}
	unlink(fresh);
	return read_key(s, path);
}

void secret_digest(const struct secret *s, const char *what, struct str of,
		   uint8_t ret[SECRET_DIGEST_SIZE])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, s->key, sizeof(s->key), SECRET_DIGEST_SIZE);
	crypto_generichash_update(&state, (const uint8_t *)what, strlen(what) + 1);
	crypto_generichash_update(&state, (const uint8_t *)of.p, of.n);
	crypto_generichash_final(&state, ret, SECRET_DIGEST_SIZE);
}
