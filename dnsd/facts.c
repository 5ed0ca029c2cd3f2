/* facts.c -- see facts.h. */
#include "dnsd/facts.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static void copy_fact(struct fact *ret, const char *text)
{
	size_t n = strlen(text);

	ret->len = (uint8_t)(n < FACT_MAX ? n : FACT_MAX);
	memcpy(ret->text, text, ret->len);
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "0123... , 4567...": the secret in use, then the one before it. */
static bool read_secrets(struct str text, struct cookie_secrets *ret)
{
	ret->count = 0;
	while (text.p != NULL) {
		struct str one = str_trim(str_cut(&text, ','));

		if (one.n != 2 * COOKIE_SECRET || ret->count == COOKIE_SECRETS)
			return false;
		for (size_t i = 0; i < one.n; i += 2) {
			int high = hex_value(one.p[i]), low = hex_value(one.p[i + 1]);

			if (high < 0 || low < 0)
				return false;
			ret->bytes[ret->count][i / 2] = (uint8_t)(high << 4 | low);
		}
		ret->count++;
	}
	return ret->count > 0;
}

static bool load_secrets(const char *path, struct cookie_secrets *ret)
{
	char text[256];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text));
	close(fd);
	return n > 0 && read_secrets(str_trim((struct str){ text, (size_t)n }), ret);
}

/* Whole or not at all, and never over one that another instance has just made. */
static bool store_secret(const char *path)
{
	uint8_t secret[COOKIE_SECRET];
	char temporary[4200], text[2 * COOKIE_SECRET + 2];
	bool ok;
	int fd;

	if (getrandom(secret, sizeof(secret), 0) != sizeof(secret))
		return false;
	for (unsigned i = 0; i < COOKIE_SECRET; i++)
		snprintf(text + 2 * i, 3, "%02x", secret[i]);
	snprintf(text + 2 * COOKIE_SECRET, 2, "\n");
	snprintf(temporary, sizeof(temporary), "%s.%d", path, (int)getpid());
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	ok = write(fd, text, sizeof(text) - 1) == (ssize_t)sizeof(text) - 1;
	ok = close(fd) == 0 && ok;
	ok = ok && (link(temporary, path) == 0 || errno == EEXIST);
	unlink(temporary);
	return ok;
}

static bool take_secrets(const struct conf *c, const char *state_dir,
			 struct cookie_secrets *ret, struct buf *why)
{
	char path[4096];

	if (!c->dnsd_cookies)
		return true;
	if (c->dnsd_cookie_secret[0] != '\0') {
		if (read_secrets(str_of(c->dnsd_cookie_secret), ret))
			return true;
		buf_fmt(why,
			"[dnsd] cookie_secret is not 32 hex digits, or twice that with "
			"a comma between\n");
		return false;
	}
	snprintf(path, sizeof(path), "%s/secret", state_dir);
	mkdir(path, 0700); /* the supervisor may have made it */
	snprintf(path, sizeof(path), "%s/secret/dnsd.cookie", state_dir);
	if (load_secrets(path, ret) || (store_secret(path) && load_secrets(path, ret)))
		return true;
	buf_fmt(why, "%s: cannot be made: %s; or set [dnsd] cookie_secret\n", path,
		strerror(errno));
	return false;
}

static bool take_health(const struct conf *c, struct server_facts *ret, struct buf *why)
{
	const struct peers_text text = {
		.list = str_of(c->dnsd_health),
		.port = c->http_port != 0 ? (uint16_t)c->http_port : 80,
	};

	struct buf wrong;

	buf_init(&wrong, 4096);
	if (!peers_read(&text, &ret->health, &wrong)) {
		buf_fmt(why, "[dnsd] health: %.*s", STR_ARG(buf_get(&wrong)));
		buf_fini(&wrong);
		return false;
	}
	buf_fini(&wrong);
	ret->health_own = peers_at(&ret->health, str_of(c->address));
	return true;
}

static bool take_exempt(const struct conf *c, struct server_facts *ret, struct buf *why)
{
	struct buf wrong;
	bool ok;

	buf_init(&wrong, 4096);
	ok = access_read(str_of(c->dnsd_rate_exempt), NULL, &ret->rate_exempt, &wrong);
	if (!ok)
		buf_fmt(why, "[dnsd] rate_exempt: %.*s", STR_ARG(buf_get(&wrong)));
	buf_fini(&wrong);
	return ok;
}

bool facts_read(const struct conf *c, const char *state_dir, struct server_facts *ret,
		struct buf *why)
{
	*ret = (struct server_facts){ .udp_size = (uint16_t)c->dnsd_udp_size };
	copy_fact(&ret->version, c->dnsd_version);
	copy_fact(&ret->identity, c->dnsd_identity);
	ret->nsid_len = ret->identity.len;
	memcpy(ret->nsid, ret->identity.text, ret->nsid_len);
	ret->rate = (unsigned)c->dnsd_rate;
	ret->slip = (unsigned)c->dnsd_rate_slip;
	ret->transfer_max = (size_t)c->dnsd_transfer_max;
	ret->query_log = (unsigned)c->dnsd_query_log;
	return take_health(c, ret, why) && take_exempt(c, ret, why) &&
	       take_secrets(c, state_dir, &ret->cookies, why);
}
